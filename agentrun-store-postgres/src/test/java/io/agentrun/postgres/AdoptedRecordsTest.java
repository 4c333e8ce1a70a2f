package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.FailureKind;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.OriginalDatabase;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Session;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionThread;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.StorageState;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** The sessions, tasks, jobs, runners, backends and read marks of the original manager at each of its seven levels. */
class AdoptedRecordsTest {

    private static final Instant EARLY = Instant.parse("2026-01-01T00:00:02Z");

    /** What nobody checked: a name that is blank, JSON that is no object. */
    private static final String ODD_RUNNERS = """
            INSERT INTO agentrun_runners (
                id, run_id, attempt_id, backend_profile, placement, source_commit, metadata, registered_at, heartbeat_at)
            VALUES ('runner_odd', '', ' ', '', E'here\\t', repeat('x', 300), '["a"]', now(), now());
            INSERT INTO agentrun_backends (profile, capabilities, capacity, health, updated_at)
            VALUES ('odd', '[]', 'null', '"well"', now()), (' ', '{}', '{}', '{}', now());
            """;

    private static final String ODD_JOBS = """
            INSERT INTO agentrun_runner_jobs (
                id, run_id, command_id, idempotency_key, payload_hash, attempt_id, runner_id, namespace, job_name,
                manager_url, image, source_commit, service_account_name, result, created_at, updated_at)
            VALUES (
                'rjob_odd', 'run_claimed', 'cmd_second', NULL, '0', '', ' ', '', 'No Name', '', '  ', '', '', 'null',
                '2026-01-01T00:00:04Z', '2026-01-01T00:00:04Z');
            """;

    @RepeatedTest(OriginalDatabase.LEVELS)
    void every_record_of_the_level_has_kept_its_meaning(RepetitionInfo repetition) {
        int level = repetition.getCurrentRepetition();
        try (TestDatabase database = OriginalDatabase.at(level)) {
            database.execute(ODD_RUNNERS);
            if (level >= 3) {
                database.execute(ODD_JOBS);
            }
            try (PostgresAgentRunStore store =
                    PostgresAgentRunStore.builder(database.pool(6)).build()) {
                runs(store, level);
                runnersAndBackends(store);
                if (level >= 3) {
                    sessions(store, level);
                    jobs(store);
                }
                if (level >= 4) {
                    tasks(store);
                }
                if (level >= 6) {
                    marks(store);
                }
                if (level >= 7) {
                    storage(store);
                }
            }
        }
    }

    private static void runs(PostgresAgentRunStore store, int level) {
        List<Run> runs = store.runs().list(RunQuery.in(TenantScope.all())).items();

        assertThat(runs)
                .extracting(Run::id)
                .containsExactly("run_cancelled", "run_failed", "run_done", "run_claimed", "run_pending");
        assertThat(store.runs().get("run_claimed").sessionId()).isEqualTo(level >= 3 ? "ses_busy" : null);
        for (Run run : runs) {
            assertThat(store.commands().list(run.id(), 0, 100).items())
                    .allSatisfy(command -> assertThat(command.runId()).isEqualTo(run.id()));
        }
        assertThat(store.events().list("run_done", 0, 100).items())
                .extracting(event -> event.payload())
                .contains(JsonObject.of("text", "hello"));
    }

    private static void runnersAndBackends(PostgresAgentRunStore store) {
        Runner old = store.runners().find("runner_old").orElseThrow();
        assertThat(old.info())
                .isEqualTo(new RunnerInfo(
                        "run_claimed",
                        "attempt_1",
                        BackendProfile.CODEX,
                        "kubernetes",
                        "abc123",
                        JsonObject.of("host", "h")));
        assertThat(old.registeredAt()).isEqualTo(EARLY);
        assertThat(old.heartbeatAt()).isEqualTo(EARLY.plusSeconds(1));
        assertThat(store.runners().find("runner_bare").orElseThrow().info()).isEqualTo(RunnerInfo.unknown());
        assertThat(store.runners().find("runner_odd").orElseThrow().info())
                .isEqualTo(new RunnerInfo(
                        null, null, null, "here", "x".repeat(200), JsonObject.parse("{\"value\":[\"a\"]}")));

        List<Backend> backends = store.runners().backends();
        assertThat(backends)
                .extracting(backend -> backend.profile().wire())
                .containsExactly("codex", "deepseek", "minimax-m3", "odd");
        assertThat(backends.get(0).capacity()).isEqualTo(JsonObject.of("mode", "manual-runner-v0.1"));
        assertThat(backends.get(3).capacity()).isEqualTo(JsonObject.empty());
        assertThat(backends.get(3).health()).isEqualTo(JsonObject.of("value", "well"));
    }

    private static void jobs(PostgresAgentRunStore store) {
        List<RunnerJob> jobs = store.runners().listJobs("run_claimed");
        assertThat(jobs).extracting(RunnerJob::id).containsExactly("rjob_1", "rjob_odd");
        JobPlacement placement = new JobPlacement("agents", "job-1", "http://manager", "image:1", "abc123", null);
        assertThat(jobs.get(0).placement()).isEqualTo(placement);
        assertThat(jobs.get(0).result()).isEqualTo(JsonObject.of("created", true));
        assertThat(jobs.get(1).placement())
                .isEqualTo(new JobPlacement("unknown", "unknown", "unknown", "unknown", "unknown", null));
        assertThat(jobs.get(1).attemptId()).isEqualTo("unknown");
        assertThat(jobs.get(1).result()).isEqualTo(JsonObject.empty());

        NewRunnerJob same = NewRunnerJob.builder("run_claimed", "cmd_active")
                .attemptId("attempt_1")
                .runnerId("runner_old")
                .placement(placement)
                .result(JsonObject.of("created", true))
                .idempotencyKey("job-key")
                .build();
        assertThat(store.runners().saveJob(same)).isEqualTo(jobs.get(0));
        assertThatThrownBy(() -> store.runners()
                        .saveJob(same.toBuilder().runnerId("another").build()))
                .isInstanceOf(IdempotencyConflictException.class);
    }

    private static void sessions(PostgresAgentRunStore store, int level) {
        Session busy = store.sessions().get("ses_busy");
        assertThat(busy.owner()).isEqualTo(new Owner("t1", "p1"));
        assertThat(busy.thread()).isEqualTo(new SessionThread("conv-1", "thread-1"));
        assertThat(busy.metadata()).isEqualTo(JsonObject.of("owner", "x"));
        assertThat(busy.expiresAt()).isEqualTo(Instant.parse("2030-01-01T00:00:00Z"));
        assertThat(busy.createdAt()).isEqualTo(Instant.parse("2026-01-01T00:00:01.001Z"));
        assertThat(busy.activity().state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(busy.activity().activeRunId()).isEqualTo("run_claimed");
        assertThat(busy.activity().activeCommandId()).isEqualTo("cmd_active");
        assertThat(busy.activity().outcome()).isNull();
        assertThat(busy.title()).isEqualTo(level >= 6 ? "busy" : null);

        Session done = store.sessions().get("ses_done");
        assertThat(done.activity().activeRunId()).isNull();
        assertThat(done.activity().state()).isEqualTo(level >= 6 ? ExecutionState.TERMINAL : ExecutionState.IDLE);
        assertThat(done.activity().outcome()).isEqualTo(level >= 6 ? Outcome.completed() : null);

        Session gone = store.sessions().get("ses_gone");
        assertThat(gone.owner()).isEqualTo(new Owner("t2", "p2"));
        assertThat(store.sessions().list(SessionQuery.in(TenantScope.all())).items())
                .hasSize(4);
        assertThat(store.sessions().changes(TenantScope.all(), null, 100).items())
                .extracting(Session::version)
                .hasSize(4)
                .doesNotHaveDuplicates();
    }

    private static void marks(PostgresAgentRunStore store) {
        assertThat(store.sessions().summary("ses_done", "reader").unread()).isFalse();
        assertThat(store.sessions().summary("ses_busy", "reader").unread()).isTrue();
        assertThat(store.sessions().summary("ses_idle", "reader").unread()).isTrue();
    }

    private static void storage(PostgresAgentRunStore store) {
        SessionStorage busy = store.storage().get("ses_busy");
        assertThat(busy.state()).isEqualTo(StorageState.READY);
        assertThat(busy.generation()).isEqualTo(1);
        assertThat(busy.pvc()).isEqualTo(new PvcRef("agents", null, "pvc-1", null, "Bound"));
        assertThat(busy.contents().sizeBytes()).isEqualTo(1024);
        assertThat(busy.contents().filesCount()).isEqualTo(3);
        assertThat(store.storage().get("ses_done").state()).isEqualTo(StorageState.EVICTED);
        assertThat(store.storage().get("ses_done").evictedAt()).isNotNull();
        assertThat(store.storage().get("ses_idle").state()).isEqualTo(StorageState.MISSING);
        assertThat(store.storage().get("ses_gone").state()).isEqualTo(StorageState.NONE);
    }

    private static void tasks(PostgresAgentRunStore store) {
        assertThat(store.queue().list(QueueQuery.in(TenantScope.all())).items())
                .extracting(QueueTask::id)
                .containsExactly("qt_waiting", "qt_cancelled", "qt_done", "qt_odd", "qt_running");
        QueueTask running = store.queue().get("qt_running");
        TaskAttempt attempt = running.latestAttempt();
        assertThat(running.state()).isEqualTo(TaskState.RUNNING);
        assertThat(running.content().sessionPath()).isEqualTo("/sessions/1");
        assertThat(attempt).isNotNull();
        assertThat(attempt.number()).isEqualTo(2);
        assertThat(attempt.attemptId()).isEqualTo("at-2");
        assertThat(attempt.details().toMap()).containsEntry("runId", "run_claimed");
        assertThat(store.queue().get("qt_done").outcome()).isEqualTo(Outcome.completed());
        assertThat(store.queue().get("qt_cancelled").outcome()).isEqualTo(Outcome.cancelled("not needed"));
        QueueTask odd = store.queue().get("qt_odd");
        assertThat(odd.state()).isEqualTo(TaskState.BLOCKED);
        assertThat(odd.outcome()).isNotNull().satisfies(outcome -> {
            assertThat(outcome.failureKind()).isEqualTo(FailureKind.SCHEMA_INVALID);
            assertThat(outcome.message()).contains("nonsense");
        });
        assertThat(store.queue().markRead("qt_done", "reader", 1).version()).isEqualTo(3);

        QueueTask waiting = store.queue().get("qt_waiting");
        NewQueueTask same = NewQueueTask.builder(
                        new Owner("t1", "p1"), "main", "a task", RunSpec.of(BackendProfile.CODEX))
                .priority(5)
                .payload(JsonObject.of("prompt", "do"))
                .references(List.of(JsonObject.of("issue", 1)))
                .metadata(JsonObject.of("m", 1))
                .idempotencyKey("task-key")
                .build();
        assertThat(store.queue().create(same)).isEqualTo(waiting);
        assertThat(store.queue()
                        .dispatchNext(DispatchRequest.any())
                        .orElseThrow()
                        .task()
                        .id())
                .isEqualTo("qt_waiting");
        assertThat(store.queue().create(same).state()).isEqualTo(TaskState.RUNNING);
    }
}
