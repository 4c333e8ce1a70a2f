package io.agentrun.postgres.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Does what a pooler in transaction mode does: each loan is another connection, whatever a session kept is gone by then, and
 * LISTEN is refused.
 *
 * <p>Thread-safe.
 */
public final class PoolerDataSource implements AutoCloseable {

    private final BlockingQueue<Connection> free;
    private final List<Connection> all = new ArrayList<>();
    private final List<String> leftBehind = new ArrayList<>();
    private final AtomicInteger refused = new AtomicInteger();
    private final DataSource dataSource;

    /** Over so many connections of the database. */
    public PoolerDataSource(TestDatabase database, int size) throws SQLException {
        free = new ArrayBlockingQueue<>(size);
        for (int i = 0; i < size; i++) {
            Connection connection = DriverManager.getConnection(database.url() + "&prepareThreshold=0");
            all.add(connection);
            free.add(connection);
        }
        dataSource = proxy(DataSource.class, new Object() {}, null);
    }

    /** What the store is to use. */
    public DataSource dataSource() {
        return dataSource;
    }

    /** How often LISTEN was refused. */
    public int refused() {
        return refused.get();
    }

    /** What a loan left in its session: prepared statements, settings, locks, channels. */
    public synchronized List<String> leftBehind() {
        return List.copyOf(leftBehind);
    }

    private Connection lend() throws SQLException {
        try {
            Connection target = free.poll(10, TimeUnit.SECONDS);
            if (target == null) {
                throw new SQLException("none is free", "53300");
            }
            return proxy(Connection.class, target, target);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException(e);
        }
    }

    private void takeBack(Connection connection) throws SQLException {
        if (!connection.getAutoCommit()) {
            connection.rollback();
            connection.setAutoCommit(true);
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name FROM pg_prepared_statements"
                        + " UNION ALL SELECT name FROM pg_settings WHERE source = 'session' AND name <> 'application_name'"
                        + " UNION ALL SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'"
                        + " UNION ALL SELECT pg_listening_channels()")) {
            synchronized (this) {
                while (rows.next()) {
                    leftBehind.add(rows.getString(1));
                }
            }
            statement.execute("DISCARD ALL");
        }
        free.add(connection);
    }

    private <T> T proxy(Class<T> type, Object target, @Nullable Connection lent) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (type == DataSource.class && method.getName().equals("getConnection")) {
                        return lend();
                    }
                    if (type == Connection.class
                            && lent != null
                            && method.getName().equals("close")) {
                        takeBack(lent);
                        return null;
                    }
                    if (arguments != null
                            && arguments.length > 0
                            && String.valueOf(arguments[0]).startsWith("LISTEN")) {
                        refused.incrementAndGet();
                        throw new SQLFeatureNotSupportedException("not through a pooler", "0A000");
                    }
                    try {
                        Object result = method.invoke(target, arguments);
                        return result instanceof Statement statement && !(result instanceof PreparedStatement)
                                ? proxy(Statement.class, statement, null)
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                }));
    }

    @Override
    public void close() throws SQLException {
        for (Connection connection : all) {
            connection.close();
        }
    }
}
