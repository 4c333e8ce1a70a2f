package io.agentrun.postgres.internal.table;

import io.agentrun.json.JsonObject;
import io.agentrun.postgres.internal.db.Script;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Columns of a table, each with what is written to it from a record: a statement lists them, and its parameters are bound, from here.
 * A parameter has the name of its column after a prefix. Not thread-safe while columns are added.
 */
final class ColumnSet<T> {

    private final List<Column<T>> columns = new ArrayList<>();
    /** The names of the parameters, by their prefix, once they are used. */
    private final ConcurrentHashMap<String, List<String>> parameters = new ConcurrentHashMap<>();

    private enum Type {
        TEXT,
        JSON,
        NUMBER,
        FLAG,
        TIME,
        HASH
    }

    private record Column<T>(String name, Type type, Function<T, @Nullable Object> value) {

        /** JSON is bound as a text. */
        String cast(String value) {
            return type == Type.JSON ? "CAST(" + value + " AS jsonb)" : value;
        }
    }

    ColumnSet<T> text(String name, Function<T, @Nullable String> value) {
        return add(name, Type.TEXT, value::apply);
    }

    ColumnSet<T> json(String name, Function<T, @Nullable JsonObject> value) {
        return add(name, Type.JSON, record -> Columns.json(value.apply(record)));
    }

    /** Adds a column of JSON with a part of the record, or none. */
    ColumnSet<T> part(String name, Function<T, @Nullable Object> value) {
        return jsonText(name, record -> Columns.part(value.apply(record)));
    }

    /** Adds a column of JSON, given as its text. */
    ColumnSet<T> jsonText(String name, Function<T, @Nullable String> value) {
        return add(name, Type.JSON, value::apply);
    }

    ColumnSet<T> number(String name, Function<T, @Nullable Long> value) {
        return add(name, Type.NUMBER, value::apply);
    }

    ColumnSet<T> flag(String name, Predicate<T> value) {
        return add(name, Type.FLAG, value::test);
    }

    ColumnSet<T> time(String name, Function<T, @Nullable Instant> value) {
        return add(name, Type.TIME, value::apply);
    }

    /** Adds a column of bytes, given in hexadecimal digits. */
    ColumnSet<T> hash(String name, Function<T, @Nullable String> value) {
        return add(name, Type.HASH, value::apply);
    }

    private List<String> parameters(String prefix) {
        List<String> names = parameters.get(prefix);
        return names == null ? parameters.computeIfAbsent(prefix, this::parametersAfter) : names;
    }

    private List<String> parametersAfter(String prefix) {
        return columns.stream().map(column -> prefix + column.name()).toList();
    }

    private ColumnSet<T> add(String name, Type type, Function<T, @Nullable Object> value) {
        columns.add(new Column<>(name, type, value));
        return this;
    }

    /** Returns the names, each after an alias with a dot, or as parameters after a colon and a prefix, or alone. */
    String names(String before) {
        return columns.stream().map(column -> before + column.name()).collect(Collectors.joining(", "));
    }

    /** Returns what is written to each, in their order: the parameters, or the columns of an alias, cast to their type. */
    String values(String before) {
        return columns.stream()
                .map(column -> column.cast(before + column.name()))
                .collect(Collectors.joining(", "));
    }

    /** Returns the assignments of an UPDATE. */
    String assignments(String before) {
        return columns.stream()
                .map(column -> column.name() + " = " + column.cast(before + column.name()))
                .collect(Collectors.joining(", "));
    }

    /** Gives one record to the parameters with the prefix. */
    void bind(Script script, String prefix, T record) {
        List<String> names = parameters(prefix);
        for (int i = 0; i < columns.size(); i++) {
            Column<T> column = columns.get(i);
            String name = names.get(i);
            Object value = column.value().apply(record);
            switch (column.type()) {
                case TEXT, JSON -> script.bind(name, (String) value);
                case NUMBER -> script.bind(name, (Long) value);
                case FLAG -> script.bind(name, Objects.requireNonNull((Boolean) value));
                case TIME -> script.bind(name, (Instant) value);
                case HASH -> script.bindHash(name, (String) value);
            }
        }
    }

    /** Gives the records to the parameters with the prefix, which are arrays. */
    void bindAll(Script script, String prefix, List<T> records) {
        List<String> names = parameters(prefix);
        for (int i = 0; i < columns.size(); i++) {
            Column<T> column = columns.get(i);
            String name = names.get(i);
            switch (column.type()) {
                case TEXT, JSON -> script.bindArray(name, "text", values(column, records));
                case NUMBER -> script.bindArray(name, "bigint", values(column, records));
                case FLAG -> script.bindArray(name, "boolean", values(column, records));
                case TIME -> script.bindTimes(name, values(column, records, Instant.class));
                case HASH -> script.bindHashes(name, values(column, records, String.class));
            }
        }
    }

    /** Adds the statement for one record, or the one for several, which has arrays, with the parameters that have the prefix. */
    void run(Script script, String one, String several, String prefix, List<T> records) {
        if (records.size() == 1) {
            bind(script, prefix, records.get(0));
            script.run(one);
        } else {
            bindAll(script, prefix, records);
            script.run(several);
        }
    }

    private static <T> @Nullable Object[] values(Column<T> column, List<T> records) {
        return values(column, records, Object.class).toArray();
    }

    private static <T, V> List<@Nullable V> values(Column<T> column, List<T> records, Class<V> type) {
        List<@Nullable V> values = new ArrayList<>(records.size());
        for (T record : records) {
            values.add(type.cast(column.value().apply(record)));
        }
        return values;
    }
}
