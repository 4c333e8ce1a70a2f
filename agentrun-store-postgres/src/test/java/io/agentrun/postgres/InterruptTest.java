package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.postgres.testing.TestServer;
import io.agentrun.postgres.testing.ThreadKind;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A thread that is interrupted while it waits, or in the middle of a statement: on platform and on virtual threads. */
class InterruptTest {

    private static final int ROUNDS = 60;
    private static final Duration LONG = Duration.ofMinutes(30);
    private static final NewEvent EVENT = new NewEvent(EventType.DIFF, JsonObject.empty());

    private TestDatabase database;
    private PostgresAgentRunStore store;
    private Run run;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        store = PostgresAgentRunStore.builder(database.pool(4))
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .pollInterval(Duration.ofHours(24))
                .build();
        run = store.runs()
                .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    static List<ThreadKind> kinds() {
        return ThreadKind.all();
    }

    /** What a call came to, and whether its thread had the interrupt flag set afterwards. */
    private record Outcome<T>(T value, boolean flag) {}

    private record Started<T>(Thread thread, CompletableFuture<Outcome<T>> outcome) {

        Outcome<T> end() throws InterruptedException, ExecutionException, TimeoutException {
            return outcome.get(60, TimeUnit.SECONDS);
        }
    }

    private static <T> Started<T> start(ThreadKind kind, Supplier<T> call) {
        CompletableFuture<Outcome<T>> outcome = new CompletableFuture<>();
        Thread thread = kind.start(() -> {
            try {
                T value = call.get();
                outcome.complete(new Outcome<>(value, Thread.currentThread().isInterrupted()));
            } catch (Throwable e) {
                outcome.completeExceptionally(e);
            }
        });
        return new Started<>(thread, outcome);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void a_waiting_call_looks_once_more_and_returns(ThreadKind kind) throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            Started<EventPage> waiting = start(kind, () -> store.events().await(run.id(), 1, 10, LONG));
            while (waiting.thread().getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }

            waiting.thread().interrupt();

            assertThat(waiting.end().value().items()).isEmpty();
            assertThat(waiting.end().flag()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void a_runner_that_waits_for_commands_is_told_that_there_are_none(ThreadKind kind) throws Exception {
        Fence fence = store.leases().claim(run.id(), "runner", LONG).fence();
        for (int i = 0; i < ROUNDS; i++) {
            Started<Integer> waiting = start(
                    kind,
                    () -> store.commands().await(fence, 10, LONG).commands().size());
            while (waiting.thread().getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }

            waiting.thread().interrupt();

            assertThat(waiting.end()).isEqualTo(new Outcome<>(0, true));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void a_write_in_the_middle_of_its_statement_is_done(ThreadKind kind) throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            Started<RunEvent> appending;
            try (Connection other = TestServer.connect(database.name())) {
                lock(other);
                appending = start(kind, () -> store.events().appendUnfenced(run.id(), EVENT));
                awaitBlocked();
                appending.thread().interrupt();
                other.rollback();
            }

            assertThat(appending.end().value().seq()).isEqualTo(i + 2L);
            assertThat(appending.end().flag()).isTrue();
        }
        assertThat(store.events().list(run.id(), 0, 500).items()).hasSize(ROUNDS + 1);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void a_thread_whose_flag_is_set_already_can_write_and_read(ThreadKind kind) throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            Started<Integer> writing = start(kind, () -> {
                Thread.currentThread().interrupt();
                store.events().appendUnfenced(run.id(), EVENT);
                return store.events().list(run.id(), 0, 500).items().size();
            });

            assertThat(writing.end()).isEqualTo(new Outcome<>(i + 2, true));
        }
    }

    private void lock(Connection other) throws SQLException {
        other.setAutoCommit(false);
        try (Statement statement = other.createStatement()) {
            statement.execute("SELECT FROM \"agent\"\"run\".agentrun_run_state FOR UPDATE");
        }
    }

    private void awaitBlocked() {
        String blocked =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1); System.nanoTime() < end; ) {
            if (database.query(blocked).equals(List.of("1"))) {
                return;
            }
        }
        throw new AssertionError("the append does not wait for the row");
    }
}
