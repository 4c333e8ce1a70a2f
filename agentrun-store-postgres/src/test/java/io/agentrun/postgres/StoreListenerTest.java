package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.StoreCall;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.NewRun;
import io.agentrun.run.RunQuery;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

class StoreListenerTest {

    private static final NewRun RUN = NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
            .build();

    @Test
    void calls_of_the_store_of_its_views_and_inside_a_transaction_of_the_host_are_heard() throws SQLException {
        ConcurrentLinkedQueue<StoreCall> heard = new ConcurrentLinkedQueue<>();
        try (TestDatabase database = TestDatabase.migrated();
                HikariDataSource pool = database.pool(3);
                PostgresAgentRunStore store = PostgresAgentRunStore.builder(pool)
                        .schema(TestDatabase.SCHEMA)
                        .withoutMigration()
                        .withoutNotifications()
                        .listener(heard::add)
                        .build();
                Connection host = pool.getConnection()) {
            store.runs().create(RUN);
            store.within(TenantScope.tenant("t")).runs().list(RunQuery.in(TenantScope.tenant("t")));
            host.setAutoCommit(false);
            store.in(host).within(TenantScope.tenant("t")).runs().create(RUN);
            host.commit();
        }

        assertThat(heard).extracting(StoreCall::name).containsExactly("runs.create", "runs.list", "runs.create");
    }
}
