package io.agentrun.postgres.internal.db;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionFactory;

/**
 * Takes connections from the host's data source, each for one step. One whose autocommit mode is off may be in a transaction that
 * is not ours, as those of Spring's {@code TransactionAwareDataSourceProxy}: a commit of ours would commit the host's work. It is
 * refused, unless the host says that its pool hands out fresh connections so.
 *
 * <p>Thread-safe.
 */
public final class Connections implements ConnectionFactory {

    private final DataSource dataSource;
    private final boolean poolWithoutAutoCommit;

    /**
     * Takes nothing yet.
     *
     * @param poolWithoutAutoCommit whether connections with autocommit off are in no transaction
     */
    public Connections(DataSource dataSource, boolean poolWithoutAutoCommit) {
        this.dataSource = dataSource;
        this.poolWithoutAutoCommit = poolWithoutAutoCommit;
    }

    /**
     * Takes a connection, in autocommit mode.
     *
     * @throws StoreUnavailableException with {@code CONFIGURATION} if it may be in a transaction of somebody else
     */
    @Override
    public Connection openConnection() throws SQLException {
        Connection connection = dataSource.getConnection();
        try {
            if (!connection.getAutoCommit()) {
                requireFresh();
                connection.setAutoCommit(true);
            }
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private void requireFresh() {
        if (!poolWithoutAutoCommit) {
            throw new StoreUnavailableException(
                    Reason.CONFIGURATION,
                    "the data source gave a connection whose autocommit mode is off: it may be in a transaction of the host,"
                            + " which the store must not commit. For a step in that transaction use in(connection); if the"
                            + " pool hands out all connections so, say poolWithoutAutoCommit()",
                    null);
        }
    }

    /** Gives it back as it was. */
    @Override
    public void closeConnection(Connection connection) throws SQLException {
        try {
            if (poolWithoutAutoCommit && !connection.isClosed()) {
                connection.setAutoCommit(false);
            }
        } finally {
            connection.close();
        }
    }
}
