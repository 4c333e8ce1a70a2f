package io.agentrun.h2;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.model.*;
import java.sql.ResultSet;
import java.util.*;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A table of records of one kind. The column {@code document} stores the whole record as JSON; the other columns are computed
 * from the record when it is written, for queries. Configured once, then thread-safe.
 */
final class Table<T> {

    // Not JsonObject: a record with several payloads may exceed the limits of one payload.
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final Class<T> type;
    private final List<String> definitions = new ArrayList<>();
    private final List<String> indexed = new ArrayList<>();
    private final Map<String, Function<T, @Nullable Object>> columns = new LinkedHashMap<>();

    Table(String name, Class<T> type, Function<T, @Nullable Object> id) {
        this.name = name;
        this.type = type;
        column("id VARCHAR PRIMARY KEY", id).column("document CLOB", Table::json);
    }

    /** Adds a column by its SQL definition, and how to compute its value. */
    Table<T> column(String definition, Function<T, @Nullable Object> value) {
        columns.put(definition.substring(0, definition.indexOf(' ')), value);
        return and(definition);
    }

    /** Adds a column with an index. */
    Table<T> indexed(String definition, Function<T, @Nullable Object> value) {
        indexed.add(definition.substring(0, definition.indexOf(' ')));
        return column(definition, value);
    }

    /** Adds a constraint, or a column that is not computed. */
    Table<T> and(String definition) {
        definitions.add(definition);
        return this;
    }

    Table<T> owned(Function<T, Owner> owner) {
        return column("tenant VARCHAR", record -> owner.apply(record).tenantId())
                .column("project VARCHAR", record -> owner.apply(record).projectId());
    }

    /** Adds the column of the idempotency key, which is unique together with the columns of the scope. */
    Table<T> keyed(String scope, Function<T, @Nullable Idempotency> idempotency) {
        and("UNIQUE (" + scope + ", idempotency_key)");
        return column("idempotency_key VARCHAR", record -> {
            Idempotency given = idempotency.apply(record);
            return given == null ? null : given.key();
        });
    }

    void create(Sql sql) {
        sql.update("CREATE TABLE IF NOT EXISTS " + name + " (" + String.join(", ", definitions) + ")");
        for (String column : indexed) {
            sql.update("CREATE INDEX IF NOT EXISTS " + name + "_" + column + " ON " + name + " (" + column + ")");
        }
    }

    private static String json(Object record) {
        try {
            return JSON.writeValueAsString(record);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("every record can be written as JSON", e);
        }
    }

    /** Inserts the record, or replaces the one with its id. */
    T save(Sql sql, T record) {
        String names = String.join(", ", columns.keySet());
        String parameters = "?" + ", ?".repeat(columns.size() - 1);
        var values = columns.values().stream().map(value -> value.apply(record));
        sql.update("MERGE INTO " + name + " (" + names + ") KEY (id) VALUES (" + parameters + ")", values.toArray());
        return record;
    }

    /** Returns one of the records that meet the condition. */
    Optional<T> find(Sql sql, String condition, Object... parameters) {
        return from(sql).and(condition, parameters).first("id");
    }

    Query from(Sql sql) {
        return new Query(sql);
    }

    /** A query under construction; values are passed as parameters only. Not thread-safe: one thread at a time. */
    final class Query {

        private final Sql sql;
        private final StringBuilder conditions = new StringBuilder(" FROM " + name + " WHERE TRUE");
        private final List<@Nullable Object> values = new ArrayList<>();

        private Query(Sql sql) {
            this.sql = sql;
        }

        Query and(String condition, @Nullable Object... parameters) {
            conditions.append(" AND ").append(condition);
            values.addAll(Arrays.asList(parameters));
            return this;
        }

        /** Requires the value in the column, unless it is null. */
        Query is(String column, @Nullable String value) {
            return value == null ? this : and(column + " = ?", value);
        }

        <V> Query is(String column, @Nullable V value, Function<V, String> wire) {
            return value == null ? this : is(column, wire.apply(value));
        }

        Query in(TenantScope scope) {
            return is("tenant", scope.tenantId()).is("project", scope.projectId());
        }

        /** Requires one of the backends, unless there are none. */
        Query on(Set<BackendProfile> backends) {
            Object wires = backends.stream().map(BackendProfile::wire).toArray(String[]::new);
            return backends.isEmpty() ? this : and("backend = ANY(?)", wires);
        }

        Query without(Collection<String> ids) {
            return and("NOT id = ANY(?)", (Object) ids.toArray(String[]::new));
        }

        List<T> list(String order, int limit) {
            String end = " ORDER BY " + order + " LIMIT " + limit;
            return select("document", row -> JSON.readValue(row.getString(1), type), end);
        }

        Optional<T> first(String order) {
            return list(order, 1).stream().findFirst();
        }

        /** Returns the number that the aggregate function computes. */
        long number(String aggregate) {
            return select(aggregate, row -> row.getLong(1), "").get(0);
        }

        <R> List<R> select(String what, Sql.Step<ResultSet, R> read, String end) {
            return sql.list(read, "SELECT " + what + conditions + end, values.toArray());
        }
    }
}
