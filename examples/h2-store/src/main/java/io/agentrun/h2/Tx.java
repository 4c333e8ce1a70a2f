package io.agentrun.h2;

import io.agentrun.IdSource;
import io.agentrun.Times;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One transaction: its statements and its time. Not thread-safe: one thread at a time. */
final class Tx {

    /** The database's clock: one for all instances, whichever process they are in. */
    static final String CLOCK = "SELECT COALESCE(stopped_at, CURRENT_TIMESTAMP(6)) FROM agentrun_store";

    /** What one row says. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private final Connection connection;
    private final UnaryOperator<String> statements;
    private @Nullable Instant now;

    /** {@code statements} sees the text of every statement; a test may break it there. */
    Tx(Connection connection, UnaryOperator<String> statements) {
        this.connection = connection;
        this.statements = statements;
    }

    /** The time of this operation: read once, when it is first asked for, and so after the lock. */
    Instant now() {
        if (now == null) {
            now = Times.micros(
                    list(row -> row.getObject(1, Instant.class), CLOCK).get(0));
        }
        return now;
    }

    String newId(String prefix) {
        return IdSource.timeOrdered().next(prefix);
    }

    /** The next version of a sequence. Under the writers' lock, so that versions become visible in their order. */
    long next(String sequence) {
        return number("SELECT NEXT VALUE FOR " + sequence);
    }

    /** The number in the one row that there is. */
    long number(String sql, @Nullable Object... values) {
        return list(row -> row.getLong(1), sql, values).get(0);
    }

    <T> List<T> list(Row<T> reader, String sql, @Nullable Object... values) {
        try (PreparedStatement statement = prepare(sql, values);
                ResultSet rows = statement.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(reader.read(rows));
            }
            return all;
        } catch (SQLException e) {
            throw Failures.of(e);
        }
    }

    int update(String sql, @Nullable Object... values) {
        try (PreparedStatement statement = prepare(sql, values)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw Failures.of(e);
        }
    }

    private PreparedStatement prepare(String sql, @Nullable Object[] values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(statements.apply(sql));
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }
}
