package io.agentrun.engine;

import static io.agentrun.samples.Runs.OWNER;
import static io.agentrun.samples.Runs.SPEC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.NewCommand;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.json.Redactor;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Limits;
import io.agentrun.model.Outcome;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.run.NewRun;
import io.agentrun.run.SessionRef;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.session.SessionUpsert;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IntakeTest {

    private static final Redactor STARS = new Redactor() {
        @Override
        public JsonObject redact(JsonObject payload) {
            return payload.has("secret") ? payload.with("secret", "***") : payload;
        }

        @Override
        public String redact(String text) {
            return text.replace("hunter2", "***");
        }
    };
    private static final JsonObject SECRET = JsonObject.of("secret", "hunter2");
    private static final JsonObject KEPT = JsonObject.of("secret", "***");
    private static final JsonObject LARGE = JsonObject.of("x", "y".repeat(200));

    private final Intake intake = new Intake(
            Limits.builder()
                    .maxPayloadBytes(100)
                    .maxBatchEvents(3)
                    .maxPage(60)
                    .minLease(Duration.ofSeconds(1))
                    .maxLease(Duration.ofSeconds(9))
                    .maxWait(Duration.ofSeconds(5))
                    .build(),
            STARS);

    private static void refused(String field, Runnable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .as(field)
                .isThrownBy(call::run)
                .returns(field, InvalidInputException::field);
    }

    @Test
    void numbers_and_durations_stay_within_the_limits_of_the_store() {
        assertThat(intake.page(1)).isEqualTo(1);
        assertThat(intake.page(60)).isEqualTo(60);
        assertThat(intake.afterSeq(0)).isZero();
        assertThat(intake.lease(Duration.ofSeconds(9))).isEqualTo(Duration.ofSeconds(9));
        assertThat(intake.timeout(Duration.ZERO)).isZero();
        for (int wrong : new int[] {-1, 0, 61}) {
            refused("limit", () -> intake.page(wrong));
        }
        refused("afterSeq", () -> intake.afterSeq(-1));
        refused("lease", () -> intake.lease(null));
        refused("lease", () -> intake.lease(Duration.ofMillis(999)));
        refused("lease", () -> intake.lease(Duration.ofMillis(9001)));
        refused("timeout", () -> intake.timeout(Duration.ofMillis(-1)));
        refused("timeout", () -> intake.timeout(Duration.ofMillis(5001)));
        refused("timeout", () -> intake.timeout(null));
    }

    @Test
    void ids_and_keys_are_checked_under_their_own_name() {
        assertThat(intake.id("runId", "run_1")).isEqualTo("run_1");
        assertThat(intake.key("idempotencyKey", "k".repeat(255))).hasSize(255);
        refused("runId", () -> intake.id("runId", null));
        refused("runId", () -> intake.id("runId", " "));
        refused("runId", () -> intake.id("runId", "x".repeat(201)));
        refused("idempotencyKey", () -> intake.key("idempotencyKey", "k".repeat(256)));
    }

    @Test
    void nothing_may_be_null() {
        Map<String, Runnable> calls = new LinkedHashMap<>();
        calls.put("input", () -> intake.run(null));
        calls.put("events", () -> intake.events(null));
        calls.put("result", () -> intake.result(null));
        calls.put("outcome", () -> intake.outcome(null));
        calls.put("reason", () -> intake.reason(null));
        calls.put("runner", () -> intake.runner(null));
        calls.put("job", () -> intake.job(null));
        calls.put("backend", () -> intake.backend(null));
        calls.put("session", () -> intake.session(null));
        calls.put("task", () -> intake.task(null));
        calls.put("report", () -> intake.report(null));
        calls.forEach(IntakeTest::refused);
        refused("input", () -> intake.command(null));
        refused("limits", () -> new Intake(null, STARS));
        refused("redactor", () -> new Intake(Limits.DEFAULTS, null));
    }

    @Test
    void json_is_held_to_the_size_limit_wherever_it_comes_in() {
        refused("payload", () -> intake.command(NewCommand.turn(LARGE)));
        refused("payload", () -> intake.events(List.of(new NewEvent(EventType.DIFF, LARGE))));
        refused(
                "metadata",
                () -> intake.run(NewRun.builder(OWNER, SPEC)
                        .session(SessionRef.of("s").withMetadata(LARGE))
                        .build()));
        refused(
                "workspaceRef",
                () -> intake.run(NewRun.builder(
                                OWNER,
                                RunSpec.builder(BackendProfile.CODEX)
                                        .workspaceRef(LARGE)
                                        .build())
                        .build()));
        refused("metadata", () -> intake.runner(runner(LARGE)));
        refused("result", () -> intake.job(job(LARGE)));
        refused(
                "capabilities",
                () -> intake.backend(NewBackend.of(BackendProfile.CODEX).withCapabilities(LARGE)));
        refused(
                "capacity",
                () -> intake.backend(NewBackend.of(BackendProfile.CODEX).withCapacity(LARGE)));
        refused(
                "health",
                () -> intake.backend(NewBackend.of(BackendProfile.CODEX).withHealth(LARGE)));
        refused(
                "metadata",
                () -> intake.session(SessionUpsert.builder("s", OWNER, BackendProfile.CODEX)
                        .metadata(LARGE)
                        .build()));
        refused("payload", () -> intake.task(task().payload(LARGE).build()));
        refused("metadata", () -> intake.task(task().metadata(LARGE).build()));
        refused(
                "references",
                () -> intake.task(task().references(List.of(SECRET, LARGE)).build()));
        refused(
                "metadata",
                () -> intake.task(
                        task().session(SessionRef.of("s").withMetadata(LARGE)).build()));
        refused(
                "details",
                () -> intake.report(AttemptReport.running("qt_1", 1, "a").withDetails(LARGE)));
    }

    @Test
    void a_batch_has_one_event_to_the_limit() {
        NewEvent event = new NewEvent(EventType.DIFF, JsonObject.empty());

        assertThat(intake.events(Collections.nCopies(3, event))).hasSize(3);
        refused("events", () -> intake.events(List.of()));
        refused("events", () -> intake.events(Collections.nCopies(4, event)));
    }

    @Test
    void what_is_kept_of_secrets_is_redacted() {
        assertThat(intake.events(List.of(new NewEvent(EventType.ERROR, SECRET))))
                .containsExactly(new NewEvent(EventType.ERROR, KEPT));
        assertThat(intake.reason("said hunter2")).isEqualTo("said ***");
        Outcome told = Outcome.failed(FailureKind.BACKEND_FAILED, "with hunter2");
        Outcome kept = told.withMessage("with ***");
        assertThat(intake.outcome(told)).isEqualTo(kept);
        assertThat(intake.result(TurnResult.of(told).withThread("thread-1", "turn-1")))
                .isEqualTo(TurnResult.of(kept).withThread("thread-1", "turn-1"));
        assertThat(intake.runner(runner(SECRET)).info().metadata()).isEqualTo(KEPT);
        assertThat(intake.report(AttemptReport.ended("qt_1", 1, "a", told).withSessionPath("/p")))
                .isEqualTo(AttemptReport.ended("qt_1", 1, "a", kept).withSessionPath("/p"));
    }

    @Test
    void titles_threads_metadata_details_and_what_runners_and_backends_report_are_redacted() {
        SessionRef ref = SessionRef.of("s").withMetadata(SECRET).withThreadId("hunter2");
        SessionRef keptRef = SessionRef.of("s").withMetadata(KEPT).withThreadId("***");
        TurnResult result = TurnResult.of(Outcome.completed()).withThread("t-hunter2", "u-hunter2");
        SessionUpsert session = SessionUpsert.builder("s", OWNER, BackendProfile.CODEX)
                .title("with hunter2")
                .threadId("hunter2")
                .metadata(SECRET)
                .build();
        JobPlacement at = new JobPlacement("ns", "job-1", "http://u:hunter2@manager", "image", "abc", null);

        assertThat(intake.result(result))
                .isEqualTo(TurnResult.of(Outcome.completed()).withThread("t-***", "u-***"));
        assertThat(intake.run(NewRun.builder(OWNER, SPEC).session(ref).build()))
                .isEqualTo(NewRun.builder(OWNER, SPEC).session(keptRef).build());
        assertThat(intake.session(session))
                .isEqualTo(session.toBuilder()
                        .title("with ***")
                        .threadId("***")
                        .metadata(KEPT)
                        .build());
        assertThat(intake.task(NewQueueTask.builder(OWNER, "builds", "do hunter2", SPEC)
                        .payload(SECRET)
                        .session(ref)
                        .build()))
                .isEqualTo(NewQueueTask.builder(OWNER, "builds", "do ***", SPEC)
                        .payload(SECRET)
                        .session(keptRef)
                        .build());
        assertThat(intake.report(AttemptReport.running("qt_1", 1, "a").withDetails(SECRET)))
                .isEqualTo(AttemptReport.running("qt_1", 1, "a").withDetails(KEPT));
        NewRunnerJob job = job(SECRET).toBuilder().placement(at).build();
        NewRunnerJob keptJob = intake.job(job);
        assertThat(keptJob.result()).isEqualTo(KEPT);
        assertThat(keptJob.placement().managerUrl()).isEqualTo("http://u:***@manager");
        NewBackend backend = NewBackend.of(BackendProfile.CODEX)
                .withCapabilities(SECRET)
                .withCapacity(SECRET)
                .withHealth(SECRET);
        assertThat(intake.backend(backend))
                .isEqualTo(NewBackend.of(BackendProfile.CODEX)
                        .withCapabilities(KEPT)
                        .withCapacity(KEPT)
                        .withHealth(KEPT));
        RunnerInfo info = RunnerInfo.builder().placement("node hunter2").build();
        assertThat(intake.runner(NewRunner.of("runner_1", info)).info().placement())
                .isEqualTo("node ***");
    }

    @Test
    void what_holds_no_secret_goes_through_as_it_is() {
        NewEvent event = new NewEvent(EventType.DIFF, JsonObject.of("a", 1));
        TurnResult result = TurnResult.of(Outcome.completed());
        NewRunner runner = runner(JsonObject.of("a", 1));
        AttemptReport report = AttemptReport.running("qt_1", 1, "a");
        NewRunnerJob job = job(JsonObject.empty());

        assertThat(intake.events(List.of(event)).get(0)).isSameAs(event);
        assertThat(intake.result(result)).isSameAs(result);
        assertThat(intake.runner(runner)).isSameAs(runner);
        assertThat(intake.report(report)).isSameAs(report);
        assertThat(intake.job(job)).isSameAs(job);
    }

    @Test
    void turns_and_tasks_are_kept_word_for_word() {
        assertThat(intake.command(NewCommand.turn(SECRET)).payload()).isEqualTo(SECRET);
        assertThat(intake.task(task().payload(SECRET).build()).content().payload())
                .isEqualTo(SECRET);
    }

    private static NewQueueTask.Builder task() {
        return NewQueueTask.builder(OWNER, "builds", "a task", SPEC);
    }

    private static NewRunner runner(JsonObject metadata) {
        return NewRunner.of("runner_1", RunnerInfo.builder().metadata(metadata).build());
    }

    private static NewRunnerJob job(JsonObject result) {
        return NewRunnerJob.builder("run_1", "cmd_1")
                .attemptId("a")
                .runnerId("runner_1")
                .placement(new JobPlacement("ns", "job-1", "http://manager", "image", "abc", null))
                .result(result)
                .build();
    }
}
