package io.agentrun.h2;

import static io.agentrun.h2.Table.LIMITS;

import io.agentrun.backend.*;
import io.agentrun.limit.*;
import io.agentrun.rules.limit.*;
import java.util.*;
import java.util.stream.Stream;

/** Limits and their slots, in one table. Thread-safe. */
final class H2Limits {

    private H2Limits() {}

    static List<Limit> list(Sql sql, List<String> after, int limit) {
        String further = "(STRINGTOUTF8(id), kind) > (STRINGTOUTF8(?), ?)";
        var limits = LIMITS.from(sql).and("number = 0").and(after.isEmpty() ? "TRUE" : further, after.toArray());
        return limits.list("STRINGTOUTF8(id), kind", limit).stream()
                .map(Table.OfKey::limit)
                .toList();
    }

    static Stream<LimitSlot> slots(Sql sql, String column, String... values) {
        var slots = LIMITS.from(sql).and("number > 0 AND " + column + " = ANY(?)", (Object) values);
        return slots.list("number", Integer.MAX_VALUE).stream().map(Table.OfKey::slot);
    }

    static void put(Sql sql, Entry.OfLimit of) {
        String id = LimitSets.text(of.key());
        sql.update(
                "DELETE FROM limits WHERE number = 0 AND id = ? AND kind = ?",
                id,
                of.kind().wire());
        if (of.limit() != null) {
            LIMITS.save(sql, new Table.OfKey(id, of.kind().wire(), 0, of.limit(), null));
        }
    }

    static void write(Sql sql, SlotChange change) {
        var freed =
                slots(sql, "run_id", change.freedRuns().toArray(String[]::new)).map(LimitSlot::freed);
        Stream.concat(change.taken().stream(), freed).forEach(slot -> {
            String id = LimitSets.text(slot.value());
            LIMITS.save(sql, new Table.OfKey(id, slot.kind().wire(), slot.number(), null, slot));
        });
    }
}
