package io.agentrun.postgres.internal.db;

import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.json.JsonObject;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;

/**
 * Statements that are sent together, in one round trip, and run one after the other; each has its own snapshot, so that
 * one behind a lock sees what the lock waited for. Parameters are named, shared by all of them, and each is bound once.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Script {

    /** The statements are constants, or put together from a few: there are not many sequences of them. */
    private static final MadeSql<List<String>> JOINED = new MadeSql<>(parts -> String.join(";\n", parts));

    private final List<String> statements = new ArrayList<>();
    private final List<@Nullable Rows<?>> results = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final List<Argument> values = new ArrayList<>();
    /** Where the next parameter is looked for first. */
    private int nextPlace;

    /** The rows of one of the statements, once the script has run. Not thread-safe: one thread at a time. */
    public static final class Rows<T> {
        private final RowMapper<T> mapper;
        private final List<T> rows = new ArrayList<>(2);
        private final List<String> unreadable = new ArrayList<>(0);
        private final boolean paged;
        private long found;

        private Rows(RowMapper<T> mapper, boolean paged) {
            this.mapper = mapper;
            this.paged = paged;
        }

        /** Returns whether the page ended because its rows are too large: there are more of those that were asked for. */
        public boolean cut() {
            return found > rows.size() + unreadable.size();
        }

        /**
         * Returns all rows, in order.
         *
         * @throws StoreUnavailableException with {@code CORRUPT} if one of them cannot be read
         */
        public List<T> all() {
            requireReadable();
            return rows;
        }

        /** Returns the rows that can be read, in order: for lists, in which one row must not hide the others. */
        public List<T> readable() {
            return rows;
        }

        /** Returns what stands in the first column of the rows that cannot be read. */
        public List<String> unreadable() {
            return unreadable;
        }

        private void requireReadable() {
            if (!unreadable.isEmpty()) {
                throw new StoreUnavailableException(
                        Reason.CORRUPT, "a stored record holds a value that this version cannot read", null);
            }
        }

        /** Returns the first row, if there is one. */
        public Optional<T> first() {
            requireReadable();
            return rows.isEmpty() ? Optional.empty() : Optional.of(rows.get(0));
        }

        /** Returns the first row, or null. */
        public @Nullable T firstOrNull() {
            requireReadable();
            return rows.isEmpty() ? null : rows.get(0);
        }

        private void read(ResultSet found, StatementContext context) throws SQLException {
            while (found.next()) {
                if (paged) {
                    this.found = found.getLong(PageSql.FOUND);
                }
                try {
                    rows.add(mapper.map(found, context));
                } catch (InvalidInputException e) {
                    // What the types of this version cannot hold is no fault of the caller.
                    unreadable.add(String.valueOf(found.getString(1)));
                } catch (StoreUnavailableException e) {
                    if (e.reason() != Reason.CORRUPT) {
                        throw e;
                    }
                    unreadable.add(String.valueOf(found.getString(1)));
                }
            }
        }
    }

    /** Adds a statement that returns rows. */
    public <T> Rows<T> query(String sql, RowMapper<T> mapper) {
        return add(sql, new Rows<>(mapper, false));
    }

    private <T> Rows<T> add(String sql, Rows<T> rows) {
        statements.add(sql);
        results.add(rows);
        return rows;
    }

    /**
     * Adds a statement that returns a page of rows, which ends when they have {@code :page_bytes} bytes.
     *
     * @param objects the columns with the JSON that counts
     */
    public <T> Rows<T> page(String sql, List<String> objects, RowMapper<T> mapper) {
        return add(PageSql.bounded(sql, objects), new Rows<>(mapper, true));
    }

    /** Adds a statement that returns one row if there is something, and none if there is nothing. */
    public Rows<Boolean> exists(String sql) {
        return query(sql, (row, context) -> true);
    }

    /** Adds a statement that returns rows and locks them; the order of locks must allow it. */
    public <T> Rows<T> lock(Tx tx, LockOrder.Rank rank, @Nullable String id, String sql, RowMapper<T> mapper) {
        tx.locks().take(rank, id);
        return query(sql, mapper);
    }

    /** Adds a statement that returns rows and locks them, unless another transaction has them locked: it never waits. */
    public <T> Rows<T> lockFree(Tx tx, LockOrder.Rank rank, @Nullable String id, String sql, RowMapper<T> mapper) {
        return query(sql, (row, context) -> {
            tx.locks().hold(rank, id);
            return mapper.map(row, context);
        });
    }

    /** Adds what {@link #lockFree} adds, with a page of rows that ends by its bytes; the rows behind it are locked too. */
    public <T> Rows<T> pageFree(Tx tx, LockOrder.Rank rank, String sql, List<String> objects, RowMapper<T> mapper) {
        RowMapper<T> holding = (row, context) -> {
            tx.locks().hold(rank, null);
            return mapper.map(row, context);
        };
        return page(sql, objects, holding);
    }

    /** Adds a statement whose result is not needed. */
    public Script run(String sql) {
        statements.add(sql);
        results.add(null);
        return this;
    }

    /**
     * Binds a parameter to its text, of the type {@code text}. The driver's own choice is {@code varchar}, for which the server
     * has no operators: it would look for one through {@code search_path}, where anybody may have made one.
     */
    public Script bind(String name, @Nullable String value) {
        return bind(name, (position, statement, context) -> {
            PGobject text = new PGobject();
            text.setType("text");
            text.setValue(value);
            statement.setObject(position, text);
        });
    }

    /** Binds a parameter to its number. */
    public Script bind(String name, long value) {
        return bind(name, (position, statement, context) -> statement.setLong(position, value));
    }

    /** Binds a parameter to its number, or none. */
    public Script bind(String name, @Nullable Long value) {
        return bind(
                name, (position, statement, context) -> statement.setObject(position, value, java.sql.Types.BIGINT));
    }

    /** Binds a parameter to its truth value. */
    public Script bind(String name, boolean value) {
        return bind(name, (position, statement, context) -> statement.setBoolean(position, value));
    }

    /** Binds a parameter to its time. */
    public Script bind(String name, @Nullable Instant value) {
        return bind(
                name,
                (position, statement, context) -> statement.setObject(
                        position,
                        value == null ? null : value.atOffset(ZoneOffset.UTC),
                        java.sql.Types.TIMESTAMP_WITH_TIMEZONE));
    }

    /** Binds a parameter to the bytes of a hash in hexadecimal digits, or none. */
    public Script bindHash(String name, @Nullable String hash) {
        byte[] bytes = bytes(hash);
        return bind(name, (position, statement, context) -> statement.setBytes(position, bytes));
    }

    /** Binds a parameter to its array of hashes, each in hexadecimal digits, or none. */
    public Script bindHashes(String name, List<@Nullable String> hashes) {
        byte[][] values = new byte[hashes.size()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes(hashes.get(i));
        }
        return bind(
                name,
                (position, statement, context) ->
                        statement.setArray(position, statement.getConnection().createArrayOf("bytea", values)));
    }

    private static byte @Nullable [] bytes(@Nullable String hash) {
        return hash == null ? null : HexFormat.of().parseHex(hash);
    }

    /** Binds a parameter to its JSON, as text to be cast. */
    public Script bind(String name, @Nullable JsonObject value) {
        return bind(name, value == null ? null : value.storedText());
    }

    /** Binds a parameter to its array, of the given type of the database: {@code text}, {@code bigint}, {@code boolean}. */
    public Script bindArray(String name, String type, @Nullable Object[] values) {
        return bind(
                name,
                (position, statement, context) -> statement.setArray(
                        position, statement.getConnection().createArrayOf(type, typed(type, values))));
    }

    /** Returns the array as one of the very type, which the driver sends in binary form, without quoting. */
    private static @Nullable Object[] typed(String type, @Nullable Object[] values) {
        return switch (type) {
            case "text" -> Arrays.copyOf(values, values.length, String[].class);
            case "bigint" -> Arrays.copyOf(values, values.length, Long[].class);
            default -> values;
        };
    }

    /** Binds a parameter to its array of times. */
    public Script bindTimes(String name, List<@Nullable Instant> values) {
        @Nullable Object[] times = new Object[values.size()];
        for (int i = 0; i < times.length; i++) {
            Instant value = values.get(i);
            times[i] = value == null ? null : value.toString();
        }
        return bindArray(name, "timestamptz", times);
    }

    private Script bind(String name, Argument value) {
        names.add(name);
        values.add(value);
        return this;
    }

    /** Adds a statement before all others; its result is not needed. */
    void prepend(String sql) {
        statements.add(0, sql);
        results.add(0, null);
    }

    /** Runs all statements and fills their rows. */
    void execute(Handle handle) {
        String sql = statements.size() == 1 ? statements.get(0) : JOINED.of(List.copyOf(statements));
        try (Update update = handle.createUpdate(sql)) {
            assert eachBoundOnce() : names;
            if (!names.isEmpty()) {
                update.bindNamedArgumentFinder(this::argument);
            }
            update.execute(this::read);
        }
    }

    /**
     * Finds a parameter among those that are bound. Jdbi asks for them in the order of the statements, which is nearly the one in which they
     * were bound: the search goes on behind the last one, and needs no map.
     */
    private Optional<Argument> argument(String name, StatementContext context) {
        int count = names.size();
        for (int tried = 0; tried < count; tried++) {
            int place = (nextPlace + tried) % count;
            if (names.get(place).equals(name)) {
                nextPlace = place + 1;
                return Optional.of(values.get(place));
            }
        }
        return Optional.empty();
    }

    private boolean eachBoundOnce() {
        return new HashSet<>(names).size() == names.size();
    }

    private Boolean read(Supplier<PreparedStatement> executed, StatementContext context) throws SQLException {
        PreparedStatement statement = executed.get();
        boolean hasRows = statement.getUpdateCount() < 0;
        for (Rows<?> rows : results) {
            if (hasRows && rows != null) {
                try (ResultSet found = statement.getResultSet()) {
                    rows.read(found, context);
                }
            }
            hasRows = statement.getMoreResults();
        }
        return true;
    }
}
