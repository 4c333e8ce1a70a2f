package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.FailoverLoad;
import io.agentrun.postgres.testing.ServerPair;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.session.Session;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionTraceQuery;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One running store through the death of the primary: writers and a reader of both feeds go on over the same pool, and nothing is
 * opened again. {@code -Dagentrun.failover.rounds=20} makes it twenty rounds of each kind.
 */
@Tag("machine")
class FailoverTest {

    private static final int ROUNDS = Integer.getInteger("agentrun.failover.rounds", 3);
    private static final TenantScope ALL = TenantScope.all();

    @Test
    void with_a_synchronous_standby_no_acknowledged_write_and_no_change_is_lost() throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            try (ServerPair servers = ServerPair.start()) {
                servers.makeSynchronous();
                FailoverLoad load = new FailoverLoad(servers.url(), "");
                load.failOver(() -> {}, servers::takeOver);

                assertThat(load.lost()).isEmpty();
                assertThat(load.missed()).isEmpty();
                load.print("synchronous standby", round);
            }
        }
    }

    @Test
    void with_a_standby_that_lags_no_change_of_the_new_primary_is_missed() throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            try (ServerPair servers = ServerPair.start()) {
                FailoverLoad load = new FailoverLoad(servers.url(), "");
                load.failOver(
                        () -> {
                            servers.cutOff();
                            // The reader goes far beyond what the new primary will have.
                            load.writeAndRead();
                        },
                        servers::takeOver);

                assertThat(load.lost()).isNotEmpty();
                assertThat(load.missed()).isEmpty();
                load.print("asynchronous standby", round);
            }
        }
    }

    @Test
    void a_standby_is_read_from_and_gives_no_feeds() throws Exception {
        try (ServerPair servers = ServerPair.start();
                HikariDataSource pool = servers.pool(2);
                PostgresAgentRunStore store = TestDatabase.quietStore(pool);
                HikariDataSource replica = servers.standbyPool(2);
                PostgresAgentRunStore reading = TestDatabase.quietStore(replica)) {
            Session session = store.sessions().upsert(FailoverLoad.session("s"));
            QueueTask task = store.queue().create(FailoverLoad.task("t"));
            ServerPair.until(() -> reading.sessions().find("s").isPresent()
                    && !reading.queue().list(QueueQuery.in(ALL)).items().isEmpty());

            assertThat(reading.sessions().get("s")).isEqualTo(session);
            assertThat(reading.sessions().list(SessionQuery.in(ALL)).items()).hasSize(1);
            assertThat(reading.sessions().trace(SessionTraceQuery.of("s")).items())
                    .isEmpty();
            assertThat(reading.queue().list(QueueQuery.in(ALL)).items()).containsExactly(task);
            assertThat(reading.queue().snapshot(QueueScope.all()).items()).containsExactly(task);
            assertThat(reading.health().ready()).isFalse();
            assertThat(reading.health().message()).contains("takes no writes");
            assertThatThrownBy(() -> reading.sessions().changes(ALL, null, 10))
                    .isInstanceOfSatisfying(
                            StoreUnavailableException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.READ_ONLY));
        }
    }
}
