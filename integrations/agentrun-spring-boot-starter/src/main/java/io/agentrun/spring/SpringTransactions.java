package io.agentrun.spring;

import io.agentrun.postgres.PostgresAgentRunStore;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Finds the store of the Spring transaction that the thread is in: one for each transaction, made at its first call, and left when
 * that one ends or is suspended.
 *
 * <p>Thread-safe.
 */
final class SpringTransactions {

    private final PostgresAgentRunStore store;
    private final DataSource dataSource;

    SpringTransactions(PostgresAgentRunStore store, DataSource dataSource) {
        this.store = store;
        this.dataSource = dataSource;
    }

    /** Returns the data source that connections of its own come from, and that transaction managers know: without Spring's proxy. */
    static DataSource target(DataSource dataSource) {
        DataSource target =
                dataSource instanceof TransactionAwareDataSourceProxy proxy ? proxy.getTargetDataSource() : dataSource;
        return target == null ? dataSource : target;
    }

    /** Returns the store without a transaction of the host. */
    PostgresAgentRunStore outside() {
        return store;
    }

    /**
     * Returns the store in the thread's transaction, or the one outside if it is in none of this data source.
     *
     * @throws io.agentrun.error.InvalidInputException if the transaction is not of level READ COMMITTED
     */
    PostgresAgentRunStore current() {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            return store;
        }
        if (TransactionSynchronizationManager.getResource(this) instanceof PostgresAgentRunStore joined) {
            return joined;
        }
        if (!TransactionSynchronizationManager.hasResource(dataSource)) {
            // The transaction of something else: another data source, or messages.
            return store;
        }
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try {
            if (connection.getAutoCommit()) {
                return store;
            }
            PostgresAgentRunStore joined = store.in(connection);
            TransactionSynchronizationManager.bindResource(this, joined);
            TransactionSynchronizationManager.registerSynchronization(new Leaving(joined));
            return joined;
        } catch (SQLException e) {
            throw new CannotGetJdbcConnectionException("the transaction's connection does not answer", e);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }

    /** Takes the store of a transaction off the thread with it. */
    private final class Leaving implements TransactionSynchronization {

        private final PostgresAgentRunStore joined;

        private Leaving(PostgresAgentRunStore joined) {
            this.joined = joined;
        }

        @Override
        public void suspend() {
            TransactionSynchronizationManager.unbindResource(SpringTransactions.this);
        }

        @Override
        public void resume() {
            TransactionSynchronizationManager.bindResource(SpringTransactions.this, joined);
        }

        @Override
        public void afterCompletion(int status) {
            TransactionSynchronizationManager.unbindResourceIfPossible(SpringTransactions.this);
        }
    }
}
