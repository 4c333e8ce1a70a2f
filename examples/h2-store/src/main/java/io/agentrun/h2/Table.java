package io.agentrun.h2;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.model.*;
import java.sql.ResultSet;
import java.util.*;
import org.jspecify.annotations.Nullable;

/**
 * A table of records of one kind. The column {@code document} stores the whole record as JSON; the other columns repeat values
 * of the document for queries. Configured once, then thread-safe.
 */
final class Table<T> {

    // Not JsonObject: a record with several payloads may exceed the limits of one payload.
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final Class<T> type;
    private final String key;
    private final List<String> definitions = new ArrayList<>(List.of("document CLOB"));
    private final Map<String, JsonPointer> columns = new LinkedHashMap<>();

    /** Makes a table in which the columns of the key identify a record. */
    Table(String name, Class<T> type, String key) {
        this.name = name;
        this.type = type;
        this.key = key;
        and("PRIMARY KEY (" + key + ")");
    }

    /** Adds columns of one SQL type, each as {@code name=path/in/the/document}. */
    Table<T> columns(String sqlType, String namesAndPaths) {
        for (String column : namesAndPaths.split(", ")) {
            String[] parts = column.split("=");
            columns.put(parts[0], JsonPointer.compile("/" + parts[1]));
            and(parts[0] + " " + sqlType);
        }
        return this;
    }

    /** Adds a constraint, or a column that is not in the document. */
    Table<T> and(String definition) {
        definitions.add(definition);
        return this;
    }

    void create(Sql sql) {
        sql.update("CREATE TABLE IF NOT EXISTS " + name + " (" + String.join(", ", definitions) + ")");
    }

    /** Inserts the record, or replaces the one with its key. */
    T save(Sql sql, T record) {
        JsonNode document = JSON.valueToTree(record);
        List<@Nullable Object> values = new ArrayList<>(List.of(document.toString()));
        columns.values().forEach(path -> values.add(document.at(path).asText(null)));
        String names = "document, " + String.join(", ", columns.keySet());
        String parameters = "?" + ", ?".repeat(columns.size());
        String merge = "MERGE INTO " + name + " (" + names + ") KEY (" + key + ") VALUES (" + parameters + ")";
        sql.update(merge, values.toArray());
        return record;
    }

    /** Returns one of the records that meet the condition. */
    Optional<T> find(Sql sql, String condition, Object... parameters) {
        return from(sql).and(condition, parameters).first(key);
    }

    Query<T> from(Sql sql) {
        return new Query<>(this, sql, new StringBuilder(" FROM " + name + " WHERE TRUE"), new ArrayList<>());
    }

    /** A query under construction; values are passed as parameters only. Not thread-safe: one thread at a time. */
    record Query<T>(Table<T> table, Sql sql, StringBuilder conditions, List<@Nullable Object> values) {

        Query<T> and(String condition, @Nullable Object... parameters) {
            conditions.append(" AND ").append(condition);
            values.addAll(Arrays.asList(parameters));
            return this;
        }

        /** Requires the value, which is compared as it is in documents, in the column; unless it is null. */
        Query<T> is(String column, @Nullable Object value) {
            return value == null
                    ? this
                    : and(column + " = ?", JSON.valueToTree(value).asText());
        }

        Query<T> in(TenantScope scope) {
            return is("tenant", scope.tenantId()).is("project", scope.projectId());
        }

        /** Requires one of the backends, unless there are none. */
        Query<T> on(Set<BackendProfile> backends) {
            Object wires = backends.stream().map(BackendProfile::wire).toArray(String[]::new);
            return backends.isEmpty() ? this : and("backend = ANY(?)", wires);
        }

        Query<T> without(Collection<String> ids) {
            return and("NOT id = ANY(?)", (Object) ids.toArray(String[]::new));
        }

        List<T> list(String order, int limit) {
            String end = " ORDER BY " + order + " LIMIT " + limit;
            return select("document", row -> JSON.readValue(row.getString(1), table.type), end);
        }

        Optional<T> first(String order) {
            return list(order, 1).stream().findFirst();
        }

        /** Returns the highest number in the column, 0 without rows. */
        long max(String column) {
            return select("COALESCE(MAX(" + column + "), 0)", row -> row.getLong(1), "")
                    .get(0);
        }

        <R> List<R> select(String what, Sql.Step<ResultSet, R> read, String end) {
            return sql.list(read, "SELECT " + what + conditions + end, values.toArray());
        }
    }
}
