package io.agentrun.postgres.internal.shortcut;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.StoreListener;
import io.agentrun.backend.Attempt;
import io.agentrun.backend.Entry.MarkKind;
import io.agentrun.backend.Shortcuts.Appended;
import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.engine.Intake;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.id.IdSource;
import io.agentrun.json.JsonObject;
import io.agentrun.json.Redactor;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Fence;
import io.agentrun.lease.FenceToken;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Limits;
import io.agentrun.model.Owner;
import io.agentrun.model.ReadMark;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.internal.db.PooledDatabase;
import io.agentrun.postgres.internal.db.SchemaName;
import io.agentrun.postgres.internal.db.Settings;
import io.agentrun.postgres.testing.CountingDataSource;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.NewLease;
import io.agentrun.rules.QueueRules;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What each shortcut answers, and in how many round trips; the rows that it works on are inserted beside it. */
class PostgresShortcutsTest {

    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final FenceToken TOKEN = FenceToken.random();
    private static final FenceToken FORGED = FenceToken.random();
    private static final NewEvent EVENT = new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "hi"));

    private TestDatabase database;
    private CountingDataSource trips;
    private PooledDatabase pooled;
    private PostgresShortcuts shortcuts;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        // Records that stand alone, without what belongs to them.
        database.leaveUnexamined();
        trips = CountingDataSource.over(database.pool(8));
        pooled = new PooledDatabase(
                trips.dataSource(),
                new Settings(
                        new SchemaName(TestDatabase.SCHEMA),
                        new Intake(Limits.DEFAULTS, Redactor.standard()),
                        IdSource.timeOrdered(),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(10),
                        3,
                        Duration.ofSeconds(1),
                        new Settings.Listening(false, null, Duration.ofSeconds(10)),
                        new Settings.Pooling(16, false, false),
                        StoreListener.NONE,
                        System::nanoTime,
                        64));
        shortcuts = PostgresShortcuts.grouped(pooled);
    }

    @AfterEach
    void close() {
        pooled.close();
        database.close();
    }

    private void run(String runId, String status) {
        database.execute(
                "INSERT INTO \"agent\"\"run\".agentrun_runs (id, tenant_id, project_id, workspace_ref, provider_id,"
                        + " backend_profile, execution_policy, created_at)"
                        + " VALUES ('" + runId + "', 't', 'p', '{}', 'default', 'codex', '{}', now());"
                        + " INSERT INTO \"agent\"\"run\".agentrun_run_state (run_id, created_at, tenant_id, project_id,"
                        + " backend_profile, provider_id, status, epoch, event_seq, command_seq, attempt, updated_at)"
                        + " VALUES ('" + runId + "', now(), 't', 'p', 'codex', 'default', '" + status
                        + "', 0, 0, 1, 1, now());"
                        + " INSERT INTO \"agent\"\"run\".agentrun_commands (id, run_id, seq, type, payload, state, ordinal,"
                        + " deliverable, created_at, updated_at) VALUES ('turn of " + runId + "', '" + runId
                        + "', 1, 'turn', '{}', '" + (status.equals("pending") ? "pending" : "completed")
                        + "', 1, true, now(), now())");
    }

    private void session(String sessionId) {
        database.execute("INSERT INTO \"agent\"\"run\".agentrun_sessions (session_id, tenant_id, project_id,"
                + " backend_profile, metadata, execution_state, storage_state, version, created_at, updated_at)"
                + " VALUES ('" + sessionId + "', 't', 'p', 'codex', '{}', 'idle', 'evicting', 5, now(), now())");
    }

    private static <T> T value(Attempt<T> attempt) {
        assertThat(attempt).isInstanceOf(Attempt.Done.class);
        return ((Attempt.Done<T>) attempt).value();
    }

    private static NewLease lease(String runner) {
        return new NewLease(runner, LEASE, TOKEN.hash());
    }

    private Attempt<Appended> append(String runId, @Nullable Fence fence) {
        return shortcuts.append(
                runId, fence, null, List.of(IdSource.timeOrdered().next(IdSource.EVENT)), List.of(EVENT));
    }

    @Test
    void a_pending_run_is_claimed_once_and_its_holder_alone_goes_on() {
        run("run", "pending");

        Run claimed = value(shortcuts.claim("run", lease("runner"), "event"));

        assertThat(claimed.status()).isEqualTo(RunStatus.CLAIMED);
        assertThat(shortcuts.claim("run", lease("other"), "event 2")).isEqualTo(new Attempt.Refused<>());
        Fence fence = new Fence("run", "runner", 1, TOKEN);
        assertThat(value(shortcuts.heartbeat(fence, LEASE)).signal()).isEqualTo(LeaseSignal.CONTINUE);
        Command turn = value(shortcuts.acknowledge(fence, "turn of run"));
        assertThat(turn.state()).isEqualTo(CommandState.ACKNOWLEDGED);
        assertThat(shortcuts.acknowledge(fence, "turn of run")).isEqualTo(new Attempt.Refused<>());
        assertThat(value(append("run", fence)).before()).isEqualTo(1);
        assertThat(value(append("run", null)).before()).isEqualTo(2);
        assertThat(append("run", new Fence("run", "other", 1, TOKEN))).isEqualTo(new Attempt.Refused<>());
        Fence forged = new Fence("run", "runner", 1, FenceToken.random());
        assertThat(append("run", forged)).isEqualTo(new Attempt.Refused<>());
        assertThat(shortcuts.append("run", forged, null, List.of("e 1", "e 2"), List.of(EVENT, EVENT)))
                .isEqualTo(new Attempt.Refused<>());
        assertThat(shortcuts.heartbeat(forged, LEASE)).isEqualTo(new Attempt.Refused<>());
    }

    @Test
    void an_event_that_is_refused_by_itself_is_sent_once() {
        run("ended", "completed");
        Fence fence = new Fence("ended", "runner", 1, TOKEN);
        Attempt<Heartbeat> first = shortcuts.heartbeat(fence, LEASE);

        assertThat(first).isEqualTo(new Attempt.Refused<>());
        assertThat(trips.of(() -> shortcuts.heartbeat(fence, LEASE))).isEqualTo(1);
        assertThat(trips.of(() -> shortcuts.claim("ended", lease("runner"), "event")))
                .isEqualTo(1);
        assertThat(trips.of(() -> append("ended", fence))).isEqualTo(1);
        assertThat(trips.of(() -> append("ended", null))).isEqualTo(1);
    }

    @Test
    void appends_of_concurrent_callers_are_numbered_without_a_gap_and_refused_where_the_fence_is_gone() {
        List<String> runs = List.of("a", "b", "c");
        runs.forEach(id -> run(id, "pending"));
        runs.forEach(id -> value(shortcuts.claim(id, lease("runner"), "event of " + id)));

        List<Race.Finish<Integer>> finishes = Race.of(12, caller -> () -> {
            int refused = 0;
            for (int n = 0; n < 40; n++) {
                String runId = runs.get((caller + n) % 3);
                Fence fence = caller % 4 == 3
                        ? null
                        : new Fence(
                                runId, "runner", caller == 0 ? 2 : 1, caller % 4 == 0 && caller > 0 ? FORGED : TOKEN);
                refused += append(runId, fence).equals(new Attempt.Refused<>()) ? 1 : 0;
            }
            return refused;
        });

        for (int caller = 0; caller < 12; caller++) {
            assertThat(finishes.get(caller).value()).isEqualTo(caller % 4 == 0 ? 40 : 0);
        }
        assertThat(database.queryIn(
                        TestDatabase.SCHEMA,
                        "SELECT count(*) || ' ' || max(seq) - 120 FROM agentrun_events GROUP BY run_id"))
                .containsExactly("121 1", "121 1", "121 1");
    }

    @Test
    void concurrent_claims_and_heartbeats_get_their_own_answers() {
        IntStream.range(0, 40).forEach(n -> run("run " + n, "pending"));

        List<Race.Finish<Integer>> finishes = Race.of(8, caller -> () -> {
            int claimed = 0;
            for (int n = 0; n < 40; n++) {
                String runner = "runner " + caller;
                Attempt<Run> attempt = shortcuts.claim("run " + n, lease(runner), n + " of " + caller);
                Attempt<Heartbeat> beat = shortcuts.heartbeat(new Fence("run " + n, runner, 1, TOKEN), LEASE);
                assertThat(beat instanceof Attempt.Done).isEqualTo(attempt instanceof Attempt.Done);
                if (attempt instanceof Attempt.Done<Run> done) {
                    assertThat(done.value().id()).isEqualTo("run " + n);
                    assertThat(done.value().claim().lease().runnerId()).isEqualTo(runner);
                    claimed++;
                }
            }
            return claimed;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        assertThat(Race.values(finishes).stream().mapToInt(claimed -> claimed).sum())
                .isEqualTo(40);
    }

    @Test
    void the_oldest_run_of_the_filter_is_claimed_next() {
        run("first", "pending");
        run("second", "pending");
        ClaimRequest request = ClaimRequest.by("runner", LEASE);

        Optional<Run> next =
                value(shortcuts.claimNext(request.withBackendProfile(BackendProfile.CODEX), lease("runner"), "event"));

        assertThat(next.orElseThrow().id()).isEqualTo("first");
        assertThat(value(shortcuts.claimNext(request, lease("runner"), "event 2"))
                        .orElseThrow()
                        .id())
                .isEqualTo("second");
        assertThat(value(shortcuts.claimNext(request, lease("runner"), "event 3")))
                .isEmpty();
    }

    @Test
    void ended_runs_are_purged_and_it_is_said_whether_more_are_left() {
        run("one", "completed");
        run("two", "completed");
        PurgeRequest request = PurgeRequest.olderThan(Duration.ZERO);

        assertThat(value(shortcuts.purge(new PurgeRequest(request.scope(), Duration.ZERO, 1))))
                .isEqualTo(new PurgeResult(1, true));
        assertThat(value(shortcuts.purge(request))).isEqualTo(new PurgeResult(1, false));
    }

    @Test
    void a_task_takes_the_databases_time_and_version_and_its_key_only_once() {
        NewQueueTask input = NewQueueTask.builder(
                        new Owner("t", "p"), "queue", "title", RunSpec.of(BackendProfile.CODEX))
                .idempotencyKey("key")
                .build();
        QueueTask draft = QueueRules.create(input, "task", Instant.EPOCH)
                .created()
                .tasks()
                .get(0);

        QueueTask task = value(shortcuts.createTask(draft));

        assertThat(task.version()).isPositive();
        assertThat(task.createdAt()).isAfter(Instant.EPOCH).isEqualTo(task.updatedAt());
        assertThat(shortcuts.createTask(draft.toBuilder().version(0).build())).isEqualTo(new Attempt.Refused<>());
    }

    @Test
    void a_runner_that_registers_again_keeps_its_first_time() {
        Runner first = value(shortcuts.register(NewRunner.of("runner", RunnerInfo.unknown()), "runner"));

        Runner second = value(shortcuts.register(
                NewRunner.of("runner", RunnerInfo.builder().placement("node").build()), "runner"));

        assertThat(second.registeredAt()).isEqualTo(first.registeredAt());
        assertThat(second.info().placement()).isEqualTo("node");
    }

    @Test
    void a_backend_is_replaced() {
        Backend saved = value(shortcuts.saveBackend(
                new NewBackend(BackendProfile.CODEX, JsonObject.of("a", 1), JsonObject.empty(), JsonObject.empty())));

        assertThat(saved.capabilities()).isEqualTo(JsonObject.of("a", 1));
    }

    @Test
    void a_job_is_saved_for_a_command_of_an_open_run_and_once_for_its_key() {
        run("open", "pending");
        run("ended", "completed");
        NewRunnerJob job = job("open", "turn of open");

        RunnerJob saved = value(shortcuts.saveJob(job, "job"));

        assertThat(saved.id()).isEqualTo("job");
        assertThat(shortcuts.saveJob(job, "job 2")).isEqualTo(new Attempt.Refused<>());
        assertThat(shortcuts.saveJob(job("ended", "turn of ended"), "job 3")).isEqualTo(new Attempt.Refused<>());
        assertThat(shortcuts.saveJob(job("open", "turn of ended"), "job 4")).isEqualTo(new Attempt.Refused<>());
    }

    private static NewRunnerJob job(String runId, String commandId) {
        return new NewRunnerJob(
                runId,
                commandId,
                "attempt",
                "runner",
                new JobPlacement("namespace", "job", "http://manager", "image", "commit", null),
                JsonObject.empty(),
                "key");
    }

    @Test
    void a_mark_moves_in_one_round_trip_and_a_replay_is_read_in_two() {
        session("session");
        ReadMark moved = value(shortcuts.markRead(MarkKind.SESSION, "session", "reader", 3));

        assertThat(moved.version()).isEqualTo(3);
        assertThat(trips.of(() -> shortcuts.markRead(MarkKind.SESSION, "session", "reader", 4)))
                .isEqualTo(1);
        assertThat(trips.of(() -> assertThat(value(shortcuts.markRead(MarkKind.SESSION, "session", "reader", 2))
                                .version())
                        .isEqualTo(4)))
                .isEqualTo(2);
    }

    @Test
    void a_mark_on_a_version_or_a_subject_that_does_not_exist_is_refused() {
        session("session");

        assertThat(shortcuts.markRead(MarkKind.SESSION, "session", "reader", 6)).isEqualTo(new Attempt.Refused<>());
        assertThat(shortcuts.markRead(MarkKind.SESSION, "session", "reader", 0)).isEqualTo(new Attempt.Refused<>());
        assertThat(shortcuts.markRead(MarkKind.SESSION, "nobody", "reader", 1)).isEqualTo(new Attempt.Refused<>());
        assertThat(shortcuts.markRead(MarkKind.TASK, "nothing", "reader", 1)).isEqualTo(new Attempt.Refused<>());
        ReadMark moved = value(shortcuts.markRead(MarkKind.SESSION, "session", "reader", 5));
        assertThat(moved.version()).isEqualTo(5);
        assertThat(shortcuts.markRead(MarkKind.SESSION, "session", "reader", 0)).isEqualTo(new Attempt.Refused<>());
        assertThat(shortcuts.markRead(MarkKind.SESSION, "session", "reader", 6)).isEqualTo(new Attempt.Refused<>());
    }

    @Test
    void a_session_is_leased_to_one_collector_until_it_gives_the_lease_back() {
        session("session");
        StorageClaimRequest request = StorageClaimRequest.by("collector", LEASE);
        StorageClaimRequest other = StorageClaimRequest.by("other", LEASE);

        List<StorageClaim> claims = value(shortcuts.claimExpired(request, LEASE, 10));

        assertThat(claims).extracting(claim -> claim.session().id()).containsExactly("session");
        assertThat(value(shortcuts.claimExpired(other, LEASE, 10))).isEmpty();
        assertThat(value(shortcuts.releaseClaim("session", "collector"))).isTrue();
        assertThat(value(shortcuts.claimExpired(other, LEASE, 10))).hasSize(1);
        assertThat(shortcuts.releaseClaim("nobody", "collector")).isEqualTo(new Attempt.Refused<>());
    }
}
