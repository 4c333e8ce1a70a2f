package io.agentrun.h2;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.ChangePage;
import io.agentrun.Idempotency;
import io.agentrun.Owner;
import io.agentrun.Page;
import io.agentrun.ReadMark;
import io.agentrun.Require;
import io.agentrun.TenantScope;
import io.agentrun.Texts;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.rules.Change;
import io.agentrun.rules.Cursors;
import io.agentrun.rules.Keys;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A table of records. Each is kept whole as JSON in the column {@code document}; the other columns follow from it, and are
 * what queries look at. Immutable once its columns are named.
 */
final class Table<T> {

    /** A column of what goes with its run. */
    static final String OF_RUN = "run_id VARCHAR NOT NULL REFERENCES runs (id) ON DELETE CASCADE";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final String idField;
    private final String word;
    private final Class<T> type;
    private final List<String> definitions = new ArrayList<>();
    private final Map<String, Function<T, @Nullable Object>> columns = new LinkedHashMap<>();
    private Function<T, @Nullable Idempotency> key = record -> null;
    private Function<T, String> place = record -> "";
    private String order = "place";

    /** {@code word} and {@code idField} are what a record and its id are called where something is wrong with them. */
    Table(String name, String word, String idField, Class<T> type, Function<T, String> id) {
        this.name = name;
        this.word = word;
        this.idField = idField;
        this.type = type;
        with("id VARCHAR PRIMARY KEY", id::apply).with("document CLOB NOT NULL", Table::json);
    }

    /** With up to which version somebody has read what. */
    static Table<ReadMark> ofMarks(String name) {
        return new Table<>(name, "mark", "id", ReadMark.class, mark -> markId(mark.subjectId(), mark.readerId()))
                .with("version BIGINT NOT NULL", ReadMark::version);
    }

    /** No id holds a line feed. */
    static String markId(String subjectId, @Nullable String readerId) {
        return subjectId + '\n' + readerId;
    }

    /** With a column that is defined so, and holds this of each record. */
    Table<T> with(String definition, Function<T, @Nullable Object> value) {
        columns.put(definition.substring(0, definition.indexOf(' ')), value);
        return and(definition);
    }

    /** With a column that has nothing to do with the record, or with a constraint. */
    Table<T> and(String definition) {
        definitions.add(definition);
        return this;
    }

    Table<T> timed(String column, Function<T, @Nullable Object> time) {
        return with(column + " TIMESTAMP(6) WITH TIME ZONE", time);
    }

    Table<T> owned(Function<T, Owner> owner) {
        return with("tenant VARCHAR NOT NULL", record -> owner.apply(record).tenantId())
                .with("project VARCHAR NOT NULL", record -> owner.apply(record).projectId());
    }

    /** With an idempotency key, which is known within what the named columns say. */
    Table<T> keyed(String within, Function<T, @Nullable Idempotency> of) {
        this.key = of;
        return with("idempotency_key VARCHAR", record -> {
                    Idempotency given = of.apply(record);
                    return given == null ? null : given.key();
                })
                .and("UNIQUE (" + within + ", idempotency_key)");
    }

    /** With a place, whose bytes sort as the list does: a page goes on where the one before it ended. */
    Table<T> listed(String by, Function<T, String> at) {
        this.order = by;
        this.place = at;
        return with("place VARBINARY NOT NULL UNIQUE", record -> bytes(at.apply(record)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Makes the table unless it is there. */
    void create(Tx tx) {
        tx.update("CREATE TABLE IF NOT EXISTS " + name + " (" + String.join(", ", definitions) + ")");
    }

    /** Part of a place that sorts as numbers do. */
    static String rank(long number) {
        return HexFormat.of().toHexDigits(number ^ Long.MIN_VALUE);
    }

    static long micros(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }

    /** By a mapper, not by {@code JsonObject}: a record of several objects may be larger than one of them may be. */
    private static String json(Object document) {
        try {
            return JSON.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("every record can be written as JSON", e);
        }
    }

    private T read(String document) {
        try {
            return JSON.readValue(document, type);
        } catch (JsonProcessingException e) {
            // Its message quotes the document, so that it is not passed on.
            throw new StoreUnavailableException(Reason.CORRUPT, "a stored " + word + " cannot be read back", null);
        }
    }

    /** Writes the record, new or not. */
    T save(Tx tx, T record) {
        String names = String.join(", ", columns.keySet());
        String holes = String.join(", ", Collections.nCopies(columns.size(), "?"));
        @Nullable
        Object[] values =
                columns.values().stream().map(column -> column.apply(record)).toArray();
        tx.update("MERGE INTO " + name + " (" + names + ") KEY (id) VALUES (" + holes + ")", values);
        return record;
    }

    /** Writes what a rule decides about the record, and returns the record as it is then. */
    T change(Database db, String id, BiFunction<Tx, T, Change> rule) {
        Texts.id(idField, id);
        return db.write(tx -> after(tx, rule.apply(tx, get(tx, id)), id));
    }

    /** Writes what was decided, and returns the record as it is then. */
    T after(Tx tx, Change change, String id) {
        tx.write(change);
        return get(tx, id);
    }

    T get(Tx tx, String id) {
        return find(tx, Texts.id(idField, id)).orElseThrow(() -> new NotFoundException(word, id));
    }

    Optional<T> find(Tx tx, @Nullable String id) {
        return first(tx, new Where().and("id = ?", id));
    }

    Optional<T> first(Tx tx, Where where) {
        return first(tx, where, any -> true);
    }

    Optional<T> first(Tx tx, Where where, Predicate<T> rule) {
        return list(tx, where, 1, rule).stream().findFirst();
    }

    List<T> list(Tx tx, Where where) {
        return list(tx, where, Integer.MAX_VALUE, any -> true);
    }

    /** The first records that a rule accepts: the conditions narrow what it must look at, and it decides. */
    List<T> list(Tx tx, Where where, int limit, Predicate<T> rule) {
        String sql = "SELECT document FROM " + name + " WHERE " + where.text();
        return tx.list(limit, row -> read(row.getString(1)), rule, sql, where.values());
    }

    long highest(Tx tx, String column, Where where) {
        return tx.number(
                "SELECT COALESCE(MAX(" + column + "), 0) FROM " + name + " WHERE " + where.text(), where.values());
    }

    /** The record that was created under the key, if one was; its content must be the same. */
    Optional<T> replay(Tx tx, @Nullable String given, Supplier<String> contentHash, Where scope) {
        Optional<T> first = first(tx, scope.and("idempotency_key = ?", given));
        first.map(key).ifPresent(stored -> Keys.requireSameContent(stored, contentHash.get()));
        return first;
    }

    /** Conditions for the list; with a cursor, what comes after its page. */
    Where from(String fingerprint, @Nullable String cursor) {
        Where where = new Where();
        if (cursor != null) {
            String last = Cursors.decode(name, fingerprint, 1, cursor).get(0);
            where.and(order.equals("place") ? "place > ?" : "place < ?", bytes(last));
        }
        return where;
    }

    /** The next page of the list. One record too many is read: it tells that there is another page. */
    Page<T> page(Tx tx, Where where, String fingerprint, int limit) {
        List<T> read = list(tx, where.first(limit + 1, order));
        if (read.size() <= limit) {
            return new Page<>(read, null);
        }
        String last = place.apply(read.get(limit - 1));
        return new Page<>(read.subList(0, limit), Cursors.encode(name, fingerprint, List.of(last)));
    }

    /** What changed, by version. Versions are taken under the writers' lock: who sees one sees every lower one too. */
    ChangePage<T> changes(
            Database db, ToLongFunction<T> version, TenantScope scope, @Nullable String cursor, int limit) {
        String kind = name + "-changes";
        String fingerprint = Require.given("scope", scope).fingerprint();
        List<String> keys = cursor == null ? List.of("0") : Cursors.decode(kind, fingerprint, 1, cursor);
        long after = Cursors.number(keys.get(0));
        Where newer = new Where().and("version > ?", after).in(scope).first(limit + 1, "version");
        List<T> read = db.read(tx -> list(tx, newer));
        List<T> shown = read.subList(0, Math.min(limit, read.size()));
        long last = shown.isEmpty() ? after : version.applyAsLong(shown.get(shown.size() - 1));
        String next = Cursors.encode(kind, fingerprint, List.of(Cursors.key(last)));
        return new ChangePage<>(shown, next, read.size() > limit);
    }
}
