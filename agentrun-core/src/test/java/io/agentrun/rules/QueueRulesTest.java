package io.agentrun.rules;

import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OWNER;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.json.JsonObject;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Owner;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunClaim;
import io.agentrun.run.SessionRef;
import io.agentrun.samples.Answers;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Story;
import io.agentrun.samples.Tasks;
import io.agentrun.samples.Tasks.At;
import io.agentrun.samples.Turns;
import io.agentrun.session.Session;
import io.agentrun.storage.StorageState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class QueueRulesTest {

    private static final QueueRules.DispatchIds IDS = new QueueRules.DispatchIds("run_8", "cmd_8");
    private static final String EVENTS = " | run_8 run-created[backendProfile=codex, resourceBundle=false%s]"
            + " | run_8 command-created[commandId=cmd_8, commandType=turn, deliverable=true]";

    @Test
    void a_task_begins_pending_with_what_it_was_given() {
        NewQueueTask input = NewQueueTask.builder(OWNER, "builds", "a task", SPEC)
                .lane("fast")
                .priority(9)
                .payload(Turns.PAYLOAD)
                .references(List.of(JsonObject.of("url", "x")))
                .metadata(JsonObject.of("a", 1))
                .session(SessionRef.of(Turns.SESSION))
                .retry(RetryPolicy.of(3, Tasks.DELAY))
                .notBefore(NOW.plusSeconds(4))
                .idempotencyKey("key-1")
                .build();

        assertThat(QueueRules.create(input, Tasks.TASK, NOW).created().tasks())
                .containsExactly(QueueTask.builder(Tasks.TASK, OWNER, input.place(), "a task", SPEC)
                        .content(input.content())
                        .retry(input.retry())
                        .state(TaskState.PENDING)
                        .notBefore(NOW.plusSeconds(4))
                        .idempotency(new Idempotency("key-1", input.contentHash()))
                        .version(0)
                        .createdAt(NOW)
                        .updatedAt(NOW)
                        .build());
    }

    @Test
    void a_pending_task_is_due_from_its_time_on() {
        for (At at : At.values()) {
            boolean pending = at == At.PENDING || at == At.RETRY;
            QueueTask task = Tasks.task(at);
            assertThat(QueueRules.due(task, NOW)).as(at.words()).isEqualTo(pending);
            assertThat(QueueRules.due(task.toBuilder().notBefore(NOW).build(), NOW))
                    .as(at.words())
                    .isEqualTo(pending);
            assertThat(QueueRules.due(
                            task.toBuilder().notBefore(NOW.plusNanos(1000)).build(), NOW))
                    .as(at.words())
                    .isFalse();
        }
    }

    private static String dispatch(QueueTask task, @Nullable Session session) {
        return Story.of(
                () -> QueueRules.dispatch(task, session, IDS, null, NOW),
                session == null ? new Object[] {task} : new Object[] {task, session});
    }

    @Test
    void a_dispatch_makes_the_run_its_turn_and_the_link() {
        QueueTask task = Tasks.task(At.PENDING);

        Change change = QueueRules.dispatch(task, null, IDS, null, NOW);

        assertThat(change.created().runs())
                .containsExactly(Run.builder("run_8", OWNER, SPEC)
                        .taskId(Tasks.TASK)
                        .claim(RunClaim.none(1))
                        .createdAt(NOW)
                        .build());
        assertThat(change.created().commands())
                .singleElement()
                .returns("run_8", Command::runId)
                .returns(1L, Command::seq)
                .returns(Turns.PAYLOAD, Command::payload)
                .returns(CommandState.PENDING, Command::state)
                .returns(null, Command::idempotency);
        assertThat(dispatch(task, null))
                .isEqualTo("run_8: new | cmd_8: new | qt_1: state=running latestAttempt.number=1"
                        + " latestAttempt.attemptId=none latestAttempt.runId=run_8 latestAttempt.commandId=cmd_8"
                        + " latestAttempt.outcome=none latestAttempt.details={} latestAttempt.startedAt=now"
                        + " latestAttempt.endedAt=none latestAttempt.unclaimed=0 latestAttempt.unclaimedInRow=0 latestAttempt.spentBefore=0"
                        + EVENTS.formatted(""));
    }

    @Test
    void a_later_attempt_has_the_next_number() {
        assertThat(dispatch(Tasks.task(At.RETRY), null))
                .contains(" | qt_1: state=running latestAttempt.number=2 latestAttempt.attemptId=none"
                        + " latestAttempt.runId=run_8 latestAttempt.commandId=cmd_8 latestAttempt.outcome=none"
                        + " latestAttempt.startedAt=now latestAttempt.endedAt=none | ");
    }

    @Test
    void a_dispatch_opens_the_session_or_sets_it_running() {
        QueueTask task = Tasks.task(At.PENDING, Turns.SESSION);
        String events = EVENTS.formatted(", sessionId=ses_1");

        assertThat(dispatch(task, null))
                .startsWith("run_8: new | cmd_8: new | ses_1: new | qt_1: ")
                .endsWith(events);
        assertThat(dispatch(task, Turns.ended()))
                .startsWith("run_8: new | cmd_8: new | ses_1: activity.state=running activity.lastRunId=run_8"
                        + " activity.lastCommandId=cmd_8 activity.activeRunId=run_8 activity.activeCommandId=cmd_8"
                        + " activity.outcome=none activity.lastActivityAt=now activity.turns=2 | qt_1: ")
                .endsWith(events);
    }

    @Test
    void a_task_that_its_session_refuses_is_blocked_with_the_reason() {
        QueueTask task = Tasks.task(At.PENDING, Turns.SESSION);
        Session foreign = Session.builder(Turns.SESSION, new Owner("other", "web"), SPEC.backendProfile())
                .createdAt(NOW)
                .updatedAt(NOW)
                .build();

        assertThat(dispatch(task, foreign))
                .isEqualTo("qt_1: state=blocked outcome=blocked/tenant-policy-denied/session ses_1 belongs to another"
                        + " tenant or project");
        Answers.in(StorageState.class)
                .on(
                        "qt_1: state=blocked outcome=blocked/session-storage-terminating/the storage of session"
                                + " ses_1 is evicting",
                        StorageState.EVICTING)
                .on(
                        "qt_1: state=blocked outcome=blocked/session-store-evicted/the storage of session"
                                + " ses_1 is evicted",
                        StorageState.EVICTED)
                .on(
                        "qt_1: state=blocked outcome=blocked/session-storage-missing/the storage of session"
                                + " ses_1 is missing",
                        StorageState.MISSING)
                .otherwise("dispatched")
                .verify(state -> {
                    String story = dispatch(task, Turns.stored(Turns.idle(), state));
                    return story.startsWith("run_8: new") ? "dispatched" : story;
                });
    }

    private static boolean onRun(At at) {
        return at == At.ON_RUN || at == At.ON_RUN_ASKED || at == At.ON_RUN_LAST;
    }

    private static String cancel(At at, Runs.At runAt, CancelMode mode) {
        QueueTask task = Tasks.task(at);
        RunHead run = onRun(at) ? Runs.run(RUN, runAt, null, task.id()) : null;
        RunView view = run == null ? null : Runs.view(run, List.of(), null, null, task);
        List<Object> before = new ArrayList<>(List.of(task));
        if (run != null) {
            before.add(run);
        }
        return Story.of(() -> QueueRules.cancel(task, view, "stop", mode, NOW), before.toArray());
    }

    private static final String REQUEST = " cancelRequest.reason=stop cancelRequest.requestedAt=now";
    private static final String RUN_GONE = "run_1: status=cancelled outcome=cancelled/cancelled/stop claim.epoch=4";
    private static final String ATTEMPT_GONE =
            " latestAttempt.outcome=cancelled/cancelled/stop latestAttempt.endedAt=now";
    private static final String SAID = " | cancel-requested[reason=stop]";
    private static final String LAST =
            " | terminal_status[failureKind=cancelled, message=stop, terminalStatus=cancelled]";
    private static final String TASK_GONE = "qt_1: state=cancelled";
    private static final String OUTCOME = " outcome=cancelled/cancelled/stop";

    private static Answers<At> cancelAnswers() {
        return Answers.in(At.class)
                .on(TASK_GONE + OUTCOME + REQUEST, At.PENDING, At.RETRY)
                .on(TASK_GONE + ATTEMPT_GONE + OUTCOME + REQUEST, At.BY_HOST, At.BY_HOST_LAST)
                .on("nothing", At.COMPLETED, At.FAILED, At.BLOCKED, At.CANCELLED);
    }

    @Test
    void a_graceful_cancel_asks_the_runner_of_a_leased_run() {
        cancelAnswers()
                .on("run_1:" + REQUEST + " | qt_1:" + REQUEST + SAID, At.ON_RUN, At.ON_RUN_LAST)
                .on("run_1:" + REQUEST + SAID, At.ON_RUN_ASKED)
                .verify(at -> cancel(at, Runs.At.RUNNING, CancelMode.GRACEFUL).replace(" | qt_1: updatedAt kept", ""));
    }

    @Test
    void a_task_whose_run_was_asked_already_is_asked_too_and_then_left_alone() {
        assertThat(cancel(At.ON_RUN, Runs.At.ASKED, CancelMode.GRACEFUL)).isEqualTo("qt_1:" + REQUEST);
        assertThat(cancel(At.ON_RUN_ASKED, Runs.At.ASKED, CancelMode.GRACEFUL)).isEqualTo("nothing");
    }

    @Test
    void a_cancel_ends_a_run_that_nobody_holds_and_force_ends_any() {
        String whole = " | " + TASK_GONE + ATTEMPT_GONE + OUTCOME;
        cancelAnswers()
                .on(RUN_GONE + REQUEST + whole + REQUEST + SAID + LAST, At.ON_RUN, At.ON_RUN_LAST)
                .on(RUN_GONE + REQUEST + whole + SAID + LAST, At.ON_RUN_ASKED)
                .verify(at -> cancel(at, Runs.At.PENDING, CancelMode.GRACEFUL));
        cancelAnswers()
                .on(RUN_GONE + " claim.lease=none" + REQUEST + whole + REQUEST + SAID + LAST, At.ON_RUN, At.ON_RUN_LAST)
                .on(RUN_GONE + " claim.lease=none" + REQUEST + whole + SAID + LAST, At.ON_RUN_ASKED)
                .verify(at -> cancel(at, Runs.At.RUNNING, CancelMode.FORCE));
    }

    @Test
    void a_cancel_of_a_task_takes_the_commands_and_the_session_of_its_run_along() {
        QueueTask task = Tasks.task(At.ON_RUN, Turns.SESSION);
        RunHead run = Runs.run(RUN, Runs.At.RUNNING, Turns.SESSION, Tasks.TASK);
        CommandHead turn = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
        Session session = Turns.running(RUN, "cmd_1");

        Change change = QueueRules.cancel(
                task, Runs.view(run, List.of(turn), session, null, task), "stop", CancelMode.FORCE, NOW);

        assertThat(change.replaced().runs()).hasSize(1);
        assertThat(change.replaced().commands()).singleElement().returns(CommandState.CANCELLED, CommandHead::state);
        assertThat(change.replaced().sessions())
                .singleElement()
                .returns(null, next -> next.activity().activeRunId());
        assertThat(change.replaced().tasks()).singleElement().returns(TaskState.CANCELLED, QueueTask::state);
    }
}
