package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.support.TransactionTemplate;

/** Data sources whose connections are not simply the store's: in a transaction of the host, without autocommit, chosen by thread. */
class BorrowedConnectionTest {

    private static final NewRun RUN = NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
            .build();

    private TestDatabase database;
    private HikariDataSource pool;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        database.execute("CREATE TABLE orders (id text)");
        pool = database.pool(6);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static PostgresStoreBuilder builder(DataSource dataSource) {
        return PostgresAgentRunStore.builder(dataSource)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration();
    }

    @Test
    void the_connection_of_a_host_s_transaction_is_refused_and_nothing_of_both_stays() {
        DataSource shared = new TransactionAwareDataSourceProxy(pool);
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
        JdbcTemplate host = new JdbcTemplate(shared);
        try (PostgresAgentRunStore store = builder(shared).build()) {
            assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                        host.update("INSERT INTO orders (id) VALUES ('order')");
                        store.runs().create(RUN);
                    }))
                    .isInstanceOfSatisfying(StoreUnavailableException.class, e -> {
                        assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION);
                        assertThat(e.retryable()).isFalse();
                        assertThat(e).hasMessageContaining("in(connection)");
                    });
            assertThatThrownBy(() -> transaction.executeWithoutResult(status ->
                            PostgresMigrations.in(shared, TestDatabase.SCHEMA).migrate()))
                    .isInstanceOf(StoreUnavailableException.class);

            assertThat(store.runs().list(RunQuery.in(TenantScope.all())).items())
                    .isEmpty();
        }
        assertThat(database.query("SELECT id FROM orders")).isEmpty();
    }

    @Test
    void the_connection_of_a_host_s_transaction_is_used_by_name() {
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
        JdbcTemplate host = new JdbcTemplate(pool);
        try (PostgresAgentRunStore store =
                builder(new TransactionAwareDataSourceProxy(pool)).build()) {
            Run run = transaction.execute(status -> {
                host.update("INSERT INTO orders (id) VALUES ('order')");
                return store.in(DataSourceUtils.getConnection(pool)).runs().create(RUN);
            });

            assertThat(store.runs().list(RunQuery.in(TenantScope.all())).items())
                    .containsExactly(run);
        }
        assertThat(database.query("SELECT id FROM orders")).containsExactly("order");
    }

    @Test
    void a_pool_without_autocommit_is_refused_unless_the_host_says_so() {
        DataSource without = database.poolWithoutAutoCommit(6);

        assertThatThrownBy(() -> builder(without).build())
                .isInstanceOfSatisfying(StoreUnavailableException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION);
                    assertThat(e).hasMessageContaining("poolWithoutAutoCommit()");
                });

        try (PostgresAgentRunStore store =
                builder(without).poolWithoutAutoCommit().build()) {
            new OperationStory(store, 1, new OperationStory.Step() {
                        @Override
                        public <T> T take(String name, Supplier<T> call) {
                            return call.get();
                        }
                    })
                    .tell();
            Run run = store.runs().create(RUN);

            assertThat(TestDatabase.quietStore(pool).runs().get(run.id())).isEqualTo(run);
        }
    }

    @Test
    void a_data_source_that_chooses_by_thread_is_asked_on_the_thread_of_the_caller() {
        List<Thread> askers = Collections.synchronizedList(new ArrayList<>());
        DataSource byThread = (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    askers.add(Thread.currentThread());
                    return method.invoke(pool, arguments);
                });
        try (PostgresAgentRunStore store = builder(byThread).callerThreadOnly().build()) {
            new OperationStory(store, 1, new OperationStory.Step() {
                        @Override
                        public <T> T take(String name, Supplier<T> call) {
                            return call.get();
                        }
                    })
                    .tell();
        }

        assertThat(askers).hasSizeGreaterThan(50).containsOnly(Thread.currentThread());
    }
}
