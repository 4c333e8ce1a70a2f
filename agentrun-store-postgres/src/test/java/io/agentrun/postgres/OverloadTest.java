package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.postgres.testing.TestServer;
import io.agentrun.postgres.testing.ThreadKind;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** More callers than a store can serve. */
class OverloadTest {

    private static final Duration LONG = Duration.ofMinutes(2);
    private static final int CONNECTIONS = 2;

    static List<ThreadKind> kinds() {
        return ThreadKind.all();
    }

    private static <T> CompletableFuture<T> start(ThreadKind kind, Supplier<T> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        kind.start(() -> {
            try {
                answer.complete(call.get());
            } catch (Throwable e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void a_heartbeat_is_done_while_as_many_calls_wait_as_may(ThreadKind kind) throws Exception {
        try (TestDatabase database = TestDatabase.migrated();
                PostgresAgentRunStore store = PostgresAgentRunStore.builder(database.pool(2 * CONNECTIONS))
                        .schema(TestDatabase.SCHEMA)
                        .withoutMigration()
                        .withoutNotifications()
                        .maxConnections(CONNECTIONS)
                        .lockTimeout(LONG)
                        .statementTimeout(LONG)
                        .build()) {
            Fence fence = store.leases().claim(run(store).id(), "runner", LONG).fence();
            List<CompletableFuture<Run>> calls = new ArrayList<>();
            try (Connection other = TestServer.connect(database.name())) {
                Run locked = run(store);
                lock(other, locked);
                for (int i = 0; i < CONNECTIONS; i++) {
                    calls.add(start(kind, () -> store.runs().cancel(locked.id(), "x")));
                }
                awaitBlocked(database);
                if (kind == ThreadKind.VIRTUAL) {
                    crowd(store, locked, calls);
                }

                Heartbeat heartbeat =
                        start(kind, () -> store.leases().heartbeat(fence, LONG)).get(1, TimeUnit.MINUTES);

                assertThat(heartbeat.signal()).isEqualTo(LeaseSignal.CONTINUE);
                assertThat(calls).noneMatch(CompletableFuture::isDone);
                other.rollback();
            }
            for (CompletableFuture<Run> call : calls) {
                assertThat(call.get(1, TimeUnit.MINUTES)).isNotNull();
            }
        }
    }

    /** Adds calls until one more is refused. */
    private static void crowd(PostgresAgentRunStore store, Run run, List<CompletableFuture<Run>> calls)
            throws Exception {
        StoreUnavailableException refusal = null;
        while (refusal == null) {
            CompletableFuture<Thread.State> sent = new CompletableFuture<>();
            CompletableFuture<Run> call = start(ThreadKind.VIRTUAL, () -> {
                sent.complete(Thread.currentThread().getState());
                return store.runs().get(run.id());
            });
            sent.get(1, TimeUnit.MINUTES);
            calls.add(call);
            refusal = calls.stream()
                    .skip(Math.max(0, calls.size() - 10))
                    .filter(CompletableFuture::isCompletedExceptionally)
                    .map(refused -> refused.handle((none, e) -> e).join())
                    .map(StoreUnavailableException.class::cast)
                    .findFirst()
                    .orElse(null);
        }
        assertThat(refusal.reason()).isEqualTo(Reason.POOL_EXHAUSTED);
        calls.removeIf(CompletableFuture::isCompletedExceptionally);
    }

    private static Run run(PostgresAgentRunStore store) {
        return store.runs()
                .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    private static void lock(Connection other, Run run) throws Exception {
        other.setAutoCommit(false);
        try (Statement statement = other.createStatement()) {
            statement.execute(
                    "SELECT FROM \"agent\"\"run\".agentrun_run_state WHERE run_id = '" + run.id() + "' FOR UPDATE");
        }
    }

    private static void awaitBlocked(TestDatabase database) {
        String blocked =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1); System.nanoTime() < end; ) {
            if (database.query(blocked).equals(List.of(String.valueOf(CONNECTIONS)))) {
                return;
            }
        }
        throw new AssertionError("the calls do not wait for the row");
    }
}
