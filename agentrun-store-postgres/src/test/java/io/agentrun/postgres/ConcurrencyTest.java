package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.ConflictException;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.testing.Invariants;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two stores with a pool each, and many callers. */
class ConcurrencyTest {

    private static final NewEvent EVENT = new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "hi"));

    private static final StorageClaimRequest COLLECTOR =
            new StorageClaimRequest(TenantScope.all(), "collector", Duration.ofMinutes(1), 10);

    private TestDatabase database;
    private List<PostgresAgentRunStore> stores;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        stores = List.of(store(), store());
    }

    private PostgresAgentRunStore store() {
        return PostgresAgentRunStore.builder(database.pool(10))
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .build();
    }

    @AfterEach
    void close() {
        stores.forEach(PostgresAgentRunStore::close);
        assertThat(Invariants.broken(database)).isEmpty();
        database.close();
    }

    private PostgresAgentRunStore of(int caller) {
        return stores.get(caller % 2);
    }

    private Run newRun(@Nullable String sessionId) {
        return of(0).runs()
                .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                        .session(sessionId == null ? null : SessionRef.of(sessionId))
                        .build());
    }

    @Test
    void eight_claimers_take_every_run_exactly_once() {
        int runs = 1_000;
        for (int i = 0; i < runs; i++) {
            newRun(null);
        }

        List<Race.Finish<List<String>>> finishes = Race.of(8, i -> () -> {
            List<String> mine = new ArrayList<>();
            ClaimRequest request = ClaimRequest.by("runner-" + i, Duration.ofMinutes(5));
            for (Optional<RunLease> next = of(i).leases().claimNext(request);
                    next.isPresent();
                    next = of(i).leases().claimNext(request)) {
                mine.add(next.get().run().id());
            }
            return mine;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        List<String> all = Race.values(finishes).stream().flatMap(List::stream).toList();
        assertThat(all).hasSize(runs).doesNotHaveDuplicates();
    }

    /** D3: finishing and cancelling met each other in opposite orders. */
    @Test
    void operations_that_cross_never_deadlock() {
        for (int round = 0; round < 15; round++) {
            Run run = newRun("session-" + round % 3);
            Command turn = of(0).commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "x")));
            Fence fence = of(0).leases()
                    .claim(run.id(), "runner", Duration.ofMinutes(5))
                    .fence();
            of(0).commands().acknowledge(fence, turn.id());
            TurnResult done = TurnResult.of(Outcome.completed());
            List<Callable<Object>> calls = List.of(
                    () -> of(0).commands().finish(fence, turn.id(), done),
                    () -> of(1).runs().cancel(run.id(), "no", CancelMode.FORCE),
                    () -> of(0).commands().cancel(turn.id(), "no"),
                    () -> of(1).events().appendUnfenced(run.id(), List.of(EVENT, EVENT)),
                    () -> of(0).leases().heartbeat(fence, Duration.ofMinutes(5)),
                    () -> of(1).commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "y"))),
                    () -> of(0).runs().finish(fence, done));

            List<Race.Finish<Object>> finishes = Race.of(calls.size(), calls::get);

            assertThat(Race.failures(finishes)).allMatch(ConflictException.class::isInstance);
            assertThat(finishes.get(1).value())
                    .as("a forced cancel is never refused")
                    .isInstanceOfSatisfying(
                            Run.class, ended -> assertThat(ended.isTerminal()).isTrue());
            assertThat(finishes.get(2).failure()).isNull();
            assertThat(finishes.get(4).failure()).isNull();
            assertThat(of(1).commands().list(run.id(), 0, 10).items())
                    .allMatch(command -> command.state().terminal());
        }

        assertThat(database.query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                .containsExactly("0");
    }

    /** What touches a session, its volume, its runs and a task of it, each from another end. */
    @Test
    void dispatches_cancels_jobs_and_collectors_that_cross_never_deadlock() {
        for (int round = 0; round < 12; round++) {
            String sessionId = "session-" + round % 2;
            QueueTask task = of(0).queue().create(newTask(sessionId));
            of(1).queue().create(newTask(sessionId));
            Run run = newRun(sessionId);
            Command turn = of(0).commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "x")));
            NewRunnerJob job = NewRunnerJob.builder(run.id(), turn.id())
                    .attemptId("a")
                    .runnerId("r")
                    .placement(new JobPlacement("agents", "job", "http://manager", "image", "commit", null))
                    .build();
            List<Callable<Object>> calls = List.of(
                    () -> of(0).queue().dispatchNext(DispatchRequest.any()),
                    () -> of(1).queue().dispatchNext(DispatchRequest.any()),
                    () -> of(0).queue().cancel(task.id(), "no", CancelMode.FORCE),
                    () -> of(1).runners().saveJob(job),
                    () -> of(0).runs().cancel(run.id(), "no", CancelMode.FORCE),
                    () -> of(1).commands().cancel(turn.id(), "no"),
                    () -> of(0).storage().claimExpired(COLLECTOR),
                    () -> of(1).sessions()
                            .upsert(SessionUpsert.builder(sessionId, new Owner("t", "p"), BackendProfile.CODEX)
                                    .title("t")
                                    .build()));

            List<Race.Finish<Object>> finishes = Race.of(calls.size(), calls::get);

            for (int i = 0; i < calls.size(); i++) {
                Throwable failure = finishes.get(i).failure();
                // Only the job of a run that has just ended may be refused.
                assertThat(failure == null || (i == 3 && failure instanceof ConflictException))
                        .as("call %d: %s", i, failure)
                        .isTrue();
            }
            assertThat(of(1).queue().get(task.id()).state()).isEqualTo(TaskState.CANCELLED);
            assertThat(of(0).runs().get(run.id()).isTerminal()).isTrue();
            for (Dispatch dispatch : dispatched(finishes)) {
                boolean open = !of(1).runs().get(dispatch.run().id()).isTerminal();
                boolean cancelled = dispatch.task().id().equals(task.id());
                assertThat(open).isNotEqualTo(cancelled);
                of(0).runs().cancel(dispatch.run().id(), "over", CancelMode.FORCE);
            }
        }

        assertThat(database.query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                .containsExactly("0");
    }

    private static List<Dispatch> dispatched(List<Race.Finish<Object>> finishes) {
        return Race.values(finishes).stream()
                .filter(Optional.class::isInstance)
                .flatMap(value -> ((Optional<?>) value).stream())
                .map(Dispatch.class::cast)
                .toList();
    }

    private static NewQueueTask newTask(String sessionId) {
        return NewQueueTask.builder(new Owner("t", "p"), "q", "T", RunSpec.of(BackendProfile.CODEX))
                .session(SessionRef.of(sessionId))
                .build();
    }

    @Test
    void appends_that_meet_are_numbered_without_a_gap_and_read_in_order() {
        Run run = newRun(null);
        Run other = newRun(null);
        int each = 40;
        Future<Race.Finish<List<Long>>> reader = Race.background(() -> {
            List<Long> seen = new ArrayList<>();
            EventPage page = of(1).events().await(run.id(), 0, 100, Duration.ofSeconds(60));
            while (!page.ended()) {
                page.items().forEach(event -> seen.add(event.seq()));
                page = of(1).events().await(run.id(), page.nextAfterSeq(), 100, Duration.ofSeconds(60));
            }
            page.items().forEach(event -> seen.add(event.seq()));
            return seen;
        });

        List<Race.Finish<Long>> finishes = Race.of(12, i -> () -> {
            long last = 0;
            for (int n = 0; n < each; n++) {
                String id = n % 4 == 3 ? other.id() : run.id();
                List<RunEvent> stored = of(i).events().appendUnfenced(id, List.of(EVENT, EVENT));
                assertThat(stored.get(1).seq()).isEqualTo(stored.get(0).seq() + 1);
                last = stored.get(1).seq();
            }
            return last;
        });
        of(0).runs().cancel(run.id(), "done");

        assertThat(Race.failures(finishes)).isEmpty();
        long last = 12L * each * 3 / 4 * 2 + 3;
        assertThat(Race.await(reader).value())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, last).boxed().toList());
    }
}
