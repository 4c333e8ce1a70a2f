package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.json.JsonObject;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.CountingDataSource;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.storage.StorageIntent;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How often the operations of the queue, of sessions, storage and runners go to the database and back. */
class QueueRoundTripTest {

    private static final Owner OWNER = new Owner("t", "p");
    private static final TenantScope ALL = TenantScope.all();

    private static TestDatabase database;
    private static CountingDataSource trips;
    private static PostgresAgentRunStore store;

    @BeforeAll
    static void open() {
        database = TestDatabase.migrated();
        trips = CountingDataSource.over(database.pool(4));
        store = CountedStore.on(trips.dataSource());
    }

    @AfterAll
    static void close() {
        store.close();
        database.close();
    }

    /** A queue of its own for each test: one class, one database. */
    private final String queue = UUID.randomUUID().toString();

    private NewQueueTask.Builder task() {
        return NewQueueTask.builder(OWNER, queue, "Task", RunSpec.of(BackendProfile.CODEX));
    }

    private int dispatching() {
        return trips.of(() ->
                store.queue().dispatchNext(DispatchRequest.fromQueue(queue)).orElseThrow());
    }

    @Test
    void a_task_is_created_in_one_round_trip_and_found_again_in_two() {
        NewQueueTask keyed = task().idempotencyKey(queue).build();

        assertThat(trips.of(() -> store.queue().create(task().build()))).isEqualTo(1);
        assertThat(trips.of(() -> store.queue().create(keyed))).isEqualTo(1);
        assertThat(trips.of(() -> store.queue().create(keyed))).isEqualTo(2);
    }

    /** Looks; locks; writes and commits. The session of the task makes no difference. */
    @Test
    void a_dispatch_is_three_round_trips() {
        store.queue().create(task().build());
        store.queue().create(task().session(SessionRef.of("new " + queue)).build());
        store.sessions()
                .upsert(SessionUpsert.builder("known " + queue, OWNER, BackendProfile.CODEX)
                        .build());
        store.queue().create(task().session(SessionRef.of("known " + queue)).build());

        assertThat(dispatching()).isEqualTo(3);
        assertThat(dispatching()).isEqualTo(3);
        assertThat(dispatching()).isEqualTo(3);
        assertThat(trips.of(() -> store.queue().dispatchNext(DispatchRequest.fromQueue(queue))))
                .isEqualTo(2);
    }

    /** The slots of its limits are locked with the task; only where none is free, another one makes some. */
    @Test
    void a_limit_costs_a_dispatch_no_round_trip_but_the_first() {
        store.limits().set(Limit.running(LimitKey.queue(queue), 20));
        for (int i = 0; i < 3; i++) {
            store.queue().create(task().build());
        }

        assertThat(dispatching()).isEqualTo(4);
        assertThat(dispatching()).isEqualTo(3);
        assertThat(dispatching()).isEqualTo(3);
    }

    /** The same for a task with a session that is known, and for a take of many; a session that is inserted takes one more. */
    @Test
    void a_limit_costs_a_take_no_round_trip_but_the_first() {
        store.limits().set(Limit.running(LimitKey.queue(queue), 40));
        String session = "limited " + queue;
        store.sessions()
                .upsert(SessionUpsert.builder(session, OWNER, BackendProfile.CODEX)
                        .build());
        store.queue().create(task().build());
        assertThat(dispatching()).isEqualTo(4);
        store.queue().create(task().session(SessionRef.of(session)).build());
        assertThat(dispatching()).isEqualTo(3);
        store.queue().create(task().session(SessionRef.of("new " + session)).build());
        assertThat(dispatching()).isEqualTo(4);
        for (int i = 0; i < 6; i++) {
            store.queue().create(task().build());
        }
        TakeRequest three = TakeRequest.by("runner", DispatchRequest.fromQueue(queue))
                .withN(3)
                .withLease(Duration.ofMinutes(5));

        assertThat(trips.of(() -> assertThat(store.queue().take(three)).hasSize(3)))
                .isEqualTo(3);
        assertThat(trips.of(() -> assertThat(store.queue().take(three)).hasSize(3)))
                .isEqualTo(3);
    }

    /** Reads the links; locks; writes and commits. */
    @Test
    void cancelling_a_task_is_three_round_trips() {
        QueueTask waiting = store.queue().create(task().build());
        QueueTask running = store.queue().create(task().priority(1).build());
        dispatching();

        assertThat(trips.of(() -> store.queue().cancel(waiting.id(), "no"))).isEqualTo(3);
        assertThat(trips.of(() -> store.queue().cancel(running.id(), "no"))).isEqualTo(3);
    }

    @Test
    void reading_the_queue_is_one_round_trip() {
        QueueTask task = store.queue().create(task().build());
        store.queue().create(task().build());

        assertThat(trips.of(() -> store.queue().get(task.id()))).isEqualTo(1);
        assertThat(trips.of(() -> store.queue().list(QueueQuery.inQueue(queue))))
                .isEqualTo(1);
        String cursor =
                store.queue().list(QueueQuery.inQueue(queue).withLimit(1)).nextCursor();
        assertThat(trips.of(() -> store.queue()
                        .list(QueueQuery.inQueue(queue).withLimit(1).withCursor(cursor))))
                .isEqualTo(1);
        assertThat(trips.of(() -> store.queue().stats(QueueScope.inQueue(queue))))
                .isEqualTo(1);
        assertThat(trips.of(() -> store.queue().snapshot(QueueScope.inQueue(queue))))
                .isEqualTo(1);
        String change = store.queue().changes(ALL, null, 1).cursor();
        assertThat(trips.of(() -> store.queue().changes(ALL, change, 10))).isEqualTo(1);
        assertThat(trips.of(() -> store.queue().markRead(task.id(), "reader", task.version())))
                .isEqualTo(1);
        assertThat(trips.of(() -> store.queue().markRead(task.id(), "reader", task.version())))
                .isEqualTo(2);
    }

    @Test
    void sessions_are_written_in_two_round_trips_and_read_in_one() {
        SessionUpsert input = SessionUpsert.builder(queue, OWNER, BackendProfile.CODEX)
                .title("T")
                .build();

        assertThat(trips.of(() -> store.sessions().upsert(input))).isEqualTo(2);
        assertThat(trips.of(() -> store.sessions().upsert(input))).isEqualTo(2);
        assertThat(trips.of(() -> store.sessions().find(queue))).isEqualTo(1);
        assertThat(trips.of(() -> store.sessions().summary(queue, "reader"))).isEqualTo(1);
        assertThat(trips.of(() -> store.sessions().list(SessionQuery.in(ALL).withReaderId("reader"))))
                .isEqualTo(1);
        assertThat(trips.of(() -> store.sessions().changes(ALL, null, 10))).isEqualTo(1);
        assertThat(trips.of(() -> store.sessions().trace(SessionTraceQuery.of(queue))))
                .isEqualTo(1);
        assertThat(trips.of(() -> store.sessions().markRead(queue, "reader", 1)))
                .isEqualTo(1);
    }

    @Test
    void storage_moves_in_two_round_trips() {
        store.sessions()
                .upsert(SessionUpsert.builder(queue, OWNER, BackendProfile.CODEX)
                        .build());
        StorageClaimRequest request = new StorageClaimRequest(ALL, "collector", Duration.ofMinutes(1), 10);

        assertThat(trips.of(() -> store.storage().provision(new StorageIntent(queue, "agents", "pvc-1"))))
                .isEqualTo(2);
        assertThat(trips.of(() -> store.storage().get(queue))).isEqualTo(1);
        assertThat(trips.of(() -> store.storage().claimExpired(request))).isEqualTo(2);
        assertThat(trips.of(() -> {
                    store.storage().releaseClaim(queue, "collector");
                    return queue;
                }))
                .isEqualTo(1);
    }

    @Test
    void runners_jobs_and_backends_are_one_round_trip() {
        Run run = store.runs()
                .create(NewRun.builder(OWNER, RunSpec.of(BackendProfile.CODEX)).build());
        Command turn = store.commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "go")));
        NewRunnerJob job = NewRunnerJob.builder(run.id(), turn.id())
                .attemptId("a")
                .runnerId("r")
                .placement(new JobPlacement("agents", "job", "http://manager", "image", "commit", null))
                .idempotencyKey("key")
                .build();

        assertThat(trips.of(() -> store.runners().register(NewRunner.withoutId(RunnerInfo.unknown()))))
                .isEqualTo(1);
        assertThat(trips.of(() -> store.runners().saveJob(job))).isEqualTo(1);
        assertThat(trips.of(() -> store.runners().saveJob(job))).isEqualTo(2);
        assertThat(trips.of(() -> store.runners().findJob(run.id(), "key"))).isEqualTo(1);
        assertThat(trips.of(() -> store.runners().listJobs(run.id()))).isEqualTo(1);
        assertThat(trips.of(() -> store.runners().backends())).isEqualTo(1);
    }
}
