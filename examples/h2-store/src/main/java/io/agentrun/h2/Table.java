package io.agentrun.h2;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.*;
import io.agentrun.check.*;
import io.agentrun.error.*;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.id.*;
import io.agentrun.json.*;
import io.agentrun.model.*;
import io.agentrun.rules.Change;
import io.agentrun.engine.Cursors;
import io.agentrun.rules.Keys;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.*;
import java.util.function.*;
import org.jspecify.annotations.Nullable;

/** Records, whole as JSON in the column {@code document}; the other columns follow from it, for queries to look at. */
final class Table<T> {

    private static final ObjectMapper JSON = new ObjectMapper();
    static final String TIME = " TIMESTAMP(6) WITH TIME ZONE";
    /** A column of what goes with its run. */
    static final String OF_RUN = "run_id VARCHAR REFERENCES runs (id) ON DELETE CASCADE";

    private final String name;
    private final String word;
    private final String idField;
    private final Class<T> type;
    private final List<String> definitions = new ArrayList<>();
    private final Map<String, Function<T, @Nullable Object>> columns = new LinkedHashMap<>();
    private List<String> indexed = List.of();
    private Function<T, @Nullable Idempotency> key = record -> null;
    private Function<T, String> place = record -> "";
    private String order = "place";

    /** {@code word} is what a record is called where something is wrong with it. */
    Table(String name, String word, Class<T> type, Function<T, Object> id) {
        this.name = name;
        this.word = word;
        this.idField = word.substring(word.lastIndexOf(' ') + 1) + "Id";
        this.type = type;
        with("id VARCHAR PRIMARY KEY", record -> id.apply(record).toString()).with("document CLOB", Table::json);
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

    Table<T> indexed(String... names) {
        indexed = List.of(names);
        return this;
    }

    Table<T> owned(Function<T, Owner> owner) {
        return with("tenant VARCHAR", record -> owner.apply(record).tenantId())
                .with("project VARCHAR", record -> owner.apply(record).projectId());
    }

    /** With an idempotency key, which is known within what the named columns say. */
    Table<T> keyed(String within, Function<T, @Nullable Idempotency> of) {
        key = of;
        and("UNIQUE (" + within + ", idempotency_key)");
        return with("idempotency_key VARCHAR", record -> {
            Idempotency given = of.apply(record);
            return given == null ? null : given.key();
        });
    }

    /** With a place, whose bytes sort as the list does: a page goes on where the one before it ended. */
    Table<T> listed(String by, Function<T, String> at) {
        order = by;
        place = at;
        return with("place VARBINARY UNIQUE", record -> bytes(at.apply(record)));
    }

    /** Part of a place that sorts as numbers do. */
    static String rank(long number) {
        return HexFormat.of().toHexDigits(number ^ Long.MIN_VALUE);
    }

    static long micros(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** By a mapper, not by {@code JsonObject}: a record of several objects may be larger than one of them may be. */
    private static String json(Object record) {
        try {
            return JSON.writeValueAsString(record);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("every record can be written as JSON", e);
        }
    }

    private T read(String document) {
        try {
            return JSON.readValue(document, type);
        } catch (JsonProcessingException e) {
            // Its message quotes the document, so that it is not passed on.
            throw Database.unavailable(Reason.CORRUPT, "a stored " + word + " cannot be read back");
        }
    }

    /** Makes the table unless it is there. */
    void create(Tx tx) {
        tx.update("CREATE TABLE IF NOT EXISTS " + name + " (" + String.join(", ", definitions) + ")");
        for (String column : indexed) {
            tx.update("CREATE INDEX IF NOT EXISTS " + name + "_" + column + " ON " + name + " (" + column + ")");
        }
    }

    /** Writes the record, new or not. */
    T save(Tx tx, T record) {
        String names = String.join(", ", columns.keySet());
        String holes = "?" + ", ?".repeat(columns.size() - 1);
        var values = columns.values().stream().map(column -> column.apply(record));
        tx.update("MERGE INTO " + name + " (" + names + ") KEY (id) VALUES (" + holes + ")", values.toArray());
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
        return where().and("id = ?", id).first(tx);
    }

    Query where() {
        return new Query();
    }

    Query of(Owner owner) {
        return where().in(TenantScope.project(owner.tenantId(), owner.projectId()));
    }

    /** What changed, by version. Versions are taken under the writers' lock: who sees one sees every lower one too. */
    ChangePage<T> changes(Database db, TenantScope in, @Nullable String cursor, int limit, Function<T, Long> version) {
        String kind = name + "-changes";
        String fingerprint = Require.given("scope", in).fingerprint();
        long after = cursor == null
                ? 0
                : Cursors.number(Cursors.decode(kind, fingerprint, 1, cursor).get(0));
        var newer = where().in(in).and("version > ?", after).first(limit + 1, "version");
        List<T> read = db.read(newer::list);
        List<T> shown = read.subList(0, Math.min(limit, read.size()));
        long last = shown.isEmpty() ? after : version.apply(shown.get(shown.size() - 1));
        String next = Cursors.encode(kind, fingerprint, List.of(Cursors.key(last)));
        return new ChangePage<>(shown, next, read.size() > limit);
    }

    /** Conditions, order and limit; values go in as parameters only. Not thread-safe: one thread at a time. */
    final class Query {

        private final StringBuilder conditions = new StringBuilder(" FROM " + name + " WHERE TRUE");
        private final List<@Nullable Object> values = new ArrayList<>();
        private String end = "";

        Query and(String condition, @Nullable Object... more) {
            conditions.append(" AND ").append(condition);
            values.addAll(Arrays.asList(more));
            return this;
        }

        /** Demands the value of the column, unless it is null. */
        Query is(String column, @Nullable String value) {
            return value == null ? this : and(column + " = ?", value);
        }

        <V> Query is(String column, @Nullable V value, Function<V, String> wire) {
            return value == null ? this : is(column, wire.apply(value));
        }

        Query in(TenantScope scope) {
            return is("tenant", scope.tenantId()).is("project", scope.projectId());
        }

        /** Demands one of the backends; any if none is named. */
        Query on(Set<BackendProfile> backends) {
            Object[] wires = backends.stream().map(BackendProfile::wire).toArray(String[]::new);
            return wires.length == 0 ? this : and("backend = ANY(?)", (Object) wires);
        }

        Query by(String columns) {
            end = " ORDER BY " + columns;
            return this;
        }

        Query first(int limit, String columns) {
            return by(columns + " LIMIT " + limit);
        }

        List<T> list(Tx tx) {
            return list(tx, Integer.MAX_VALUE, any -> true);
        }

        /** The first records that a rule accepts: the conditions narrow what it must look at, and it decides. */
        List<T> list(Tx tx, int limit, Predicate<T> rule) {
            String sql = "SELECT document" + conditions + end;
            return tx.list(limit, row -> read(row.getString(1)), rule, sql, values.toArray());
        }

        Optional<T> first(Tx tx) {
            return list(tx, 1, any -> true).stream().findFirst();
        }

        /** The number in the column that follows the highest one. Under the writers' lock nobody else takes it. */
        long next(Tx tx, String column) {
            String highest = "SELECT COALESCE(MAX(" + column + "), 0)" + conditions;
            return tx.only(Long.class, highest, values.toArray()) + 1;
        }

        /** The record that was created under the key, if one was; its content must be the same. */
        Optional<T> replay(Tx tx, @Nullable String given, Supplier<String> contentHash) {
            Optional<T> first = and("idempotency_key = ?", given).first(tx);
            first.map(key).ifPresent(stored -> Keys.requireSameContent(stored, contentHash.get()));
            return first;
        }

        /** The page after the cursor's. One record too many is read: it tells that there is a next page. */
        <R> Page<R> page(Database db, String fingerprint, @Nullable String cursor, int limit, BiFunction<Tx, T, R> as) {
            if (cursor != null) {
                String last = Cursors.decode(name, fingerprint, 1, cursor).get(0);
                and(order.equals("place") ? "place > ?" : "place < ?", bytes(last));
            }
            return db.read(tx -> {
                List<T> read = first(limit + 1, order).list(tx);
                var shown = read.stream().limit(limit).map(record -> as.apply(tx, record));
                List<String> last = read.size() > limit ? List.of(place.apply(read.get(limit - 1))) : List.of();
                return new Page<>(shown.toList(), last.isEmpty() ? null : Cursors.encode(name, fingerprint, last));
            });
        }
    }
}
