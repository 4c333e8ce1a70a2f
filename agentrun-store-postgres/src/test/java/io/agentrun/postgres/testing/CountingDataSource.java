package io.agentrun.postgres.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * Counts round trips: executes, batches, commits and rollbacks, as JDBC is asked for them. A BEGIN travels with the first
 * statement and is none.
 *
 * <p>Thread-safe.
 */
public final class CountingDataSource {

    private final AtomicInteger count = new AtomicInteger();
    private final DataSource dataSource;

    private CountingDataSource(DataSource counted) {
        this.dataSource = proxy(DataSource.class, counted);
    }

    /** A counter of what goes through the data source. */
    public static CountingDataSource over(DataSource counted) {
        return new CountingDataSource(counted);
    }

    /** What the store is to use. */
    public DataSource dataSource() {
        return dataSource;
    }

    /** How many round trips the call makes. */
    public int of(Supplier<?> call) {
        int before = count.get();
        Object unused = call.get();
        return count.get() - before;
    }

    private <T> T proxy(Class<T> type, Object target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (counts(target, method.getName())) {
                        count.incrementAndGet();
                    }
                    try {
                        return wrapped(method.invoke(target, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                }));
    }

    /** The end of a transaction that the server has ended already goes nowhere. */
    private static boolean counts(Object target, String method) throws SQLException {
        if (target instanceof Connection connection) {
            return List.of("commit", "rollback").contains(method)
                    && connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.IDLE;
        }
        return target instanceof Statement && method.startsWith("execute");
    }

    private @Nullable Object wrapped(@Nullable Object result) {
        if (result instanceof Connection connection) {
            return proxy(Connection.class, connection);
        }
        if (result instanceof PreparedStatement statement) {
            return proxy(PreparedStatement.class, statement);
        }
        return result instanceof Statement statement ? proxy(Statement.class, statement) : result;
    }
}
