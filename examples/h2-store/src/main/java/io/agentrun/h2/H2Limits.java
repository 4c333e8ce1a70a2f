package io.agentrun.h2;

import io.agentrun.backend.*;
import io.agentrun.limit.*;
import io.agentrun.rules.limit.*;
import java.util.*;
import java.util.stream.Stream;

/** Limits and their slots, in one table. Thread-safe. */
interface H2Limits {

    /** A limit, with the number 0, or a slot, under the text of its key. */
    record OfKey(String id, String kind, int number, List<Limit> limit, List<LimitSlot> slot) {}

    Table<OfKey> LIMITS = new Table<>("limits", OfKey.class, "id, kind, number")
            .columns("VARCHAR", "id=id, kind=kind, run_id=slot/0/runId")
            .columns("BIGINT", "number=number")
            .and("UNIQUE (run_id, id, kind, number)");

    static List<Limit> list(Sql sql, List<String> after, int limit) {
        String further = "(STRINGTOUTF8(id), kind) > (STRINGTOUTF8(?), ?)";
        var limits = LIMITS.from(sql).and("number = 0").and(after.isEmpty() ? "TRUE" : further, after.toArray());
        var page = limits.list("STRINGTOUTF8(id), kind", limit).stream();
        return page.flatMap(row -> row.limit().stream()).toList();
    }

    static Stream<LimitSlot> slots(Sql sql, String column, String... values) {
        var slots = LIMITS.from(sql).and("number > 0 AND " + column + " = ANY(?)", (Object) values);
        return slots.list("number", Integer.MAX_VALUE).stream().flatMap(row -> row.slot().stream());
    }

    static void put(Sql sql, Entry.OfLimit of) {
        String id = LimitSets.text(of.key());
        String kind = of.kind().wire();
        sql.update("DELETE FROM limits WHERE number = 0 AND id = ? AND kind = ?", id, kind);
        if (of.limit() != null) {
            LIMITS.save(sql, new OfKey(id, kind, 0, List.of(of.limit()), List.of()));
        }
    }

    static void write(Sql sql, SlotChange change) {
        var having = slots(sql, "run_id", change.freedRuns().toArray(String[]::new));
        Stream.concat(change.taken().stream(), having.map(LimitSlot::freed)).forEach(slot -> {
            String id = LimitSets.text(slot.value());
            LIMITS.save(sql, new OfKey(id, slot.kind().wire(), slot.number(), List.of(), List.of(slot)));
        });
    }
}
