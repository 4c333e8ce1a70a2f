package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Recovery beside a transaction of the host that has runs locked. */
class HeldBatchTest {

    private static final TenantScope ALL = TenantScope.all();

    private static List<Run> expired(PostgresAgentRunStore store, TestDatabase database, int count) {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Run run = store.runs()
                    .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                            .maxAttempts(5)
                            .build());
            runs.add(run);
            store.leases().claim(run.id(), "runner", Duration.ofSeconds(10));
        }
        database.advance(Duration.ofMinutes(1));
        return runs;
    }

    private static PostgresAgentRunStore store(TestDatabase database) {
        return PostgresAgentRunStore.builder(database.pool(6))
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .withoutNotifications()
                .lockTimeout(Duration.ofMillis(50))
                .build();
    }

    @Test
    void a_run_that_the_host_holds_stops_no_recovery_of_others() throws SQLException {
        try (TestDatabase database = TestDatabase.migrated();
                PostgresAgentRunStore store = store(database);
                Connection host = database.pool(1).getConnection()) {
            List<Run> runs = expired(store, database, 4);
            host.setAutoCommit(false);
            store.in(host).events().appendUnfenced(runs.get(0).id(), new NewEvent(EventType.DIFF, JsonObject.empty()));

            List<Recovery> done = store.leases().recoverExpired(ExpiredQuery.in(ALL));
            host.commit();
            List<Recovery> later = store.leases().recoverExpired(ExpiredQuery.in(ALL));

            assertThat(done)
                    .extracting(Recovery::outcome)
                    .containsExactly(
                            RecoveryOutcome.PASSED_OVER,
                            RecoveryOutcome.REQUEUED,
                            RecoveryOutcome.REQUEUED,
                            RecoveryOutcome.REQUEUED);
            assertThat(later)
                    .extracting(Recovery::runId)
                    .containsExactly(runs.get(0).id());
        }
    }

    @Test
    void a_run_that_the_host_holds_stops_no_end_of_others_that_nobody_claims() throws SQLException {
        try (TestDatabase database = TestDatabase.migrated();
                PostgresAgentRunStore store = store(database);
                Connection host = database.pool(1).getConnection()) {
            List<String> runs = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                store.queue()
                        .create(NewQueueTask.builder(
                                        new Owner("t", "p"), "queue", "a task", RunSpec.of(BackendProfile.CODEX))
                                .build());
                DispatchRequest within = DispatchRequest.any().withClaimWithin(Duration.ofSeconds(10L + i));
                runs.add(store.queue().dispatchNext(within).orElseThrow().run().id());
            }
            database.advance(Duration.ofMinutes(1));
            host.setAutoCommit(false);
            store.in(host).events().appendUnfenced(runs.get(0), new NewEvent(EventType.DIFF, JsonObject.empty()));

            List<Recovery> done =
                    store.leases().endUnclaimed(ExpiredQuery.in(ALL).withLimit(2));
            host.rollback();
            List<Recovery> later = store.leases().endUnclaimed(ExpiredQuery.in(ALL));

            assertThat(done)
                    .extracting(Recovery::runId, Recovery::outcome)
                    .containsExactly(
                            tuple(runs.get(0), RecoveryOutcome.PASSED_OVER),
                            tuple(runs.get(1), RecoveryOutcome.UNCLAIMED),
                            tuple(runs.get(2), RecoveryOutcome.UNCLAIMED));
            assertThat(later).extracting(Recovery::runId).containsExactly(runs.get(0), runs.get(3));
        }
    }

    /** The limit counts what is recovered: what is held does not fill every pass. */
    @Test
    void a_pass_goes_on_behind_what_is_held() throws SQLException {
        try (TestDatabase database = TestDatabase.migrated();
                PostgresAgentRunStore store = store(database);
                Connection host = database.pool(1).getConnection()) {
            List<Run> runs = expired(store, database, 6);
            host.setAutoCommit(false);
            for (Run held : runs.subList(0, 4)) {
                store.in(host).events().appendUnfenced(held.id(), new NewEvent(EventType.DIFF, JsonObject.empty()));
            }

            List<Recovery> done =
                    store.leases().recoverExpired(ExpiredQuery.in(ALL).withLimit(2));
            host.rollback();

            assertThat(done)
                    .filteredOn(recovery -> recovery.outcome() == RecoveryOutcome.REQUEUED)
                    .extracting(Recovery::runId)
                    .containsExactly(runs.get(4).id(), runs.get(5).id());
            assertThat(done)
                    .filteredOn(recovery -> recovery.outcome() == RecoveryOutcome.PASSED_OVER)
                    .extracting(Recovery::runId)
                    .containsExactlyElementsOf(
                            runs.subList(0, 4).stream().map(Run::id).toList());
        }
    }
}
