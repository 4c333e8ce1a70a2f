package io.agentrun.rules;

import static io.agentrun.samples.Runs.EARLIER;
import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OWNER;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.SPEC;
import static io.agentrun.samples.Runs.alone;
import static io.agentrun.samples.Runs.fence;
import static io.agentrun.samples.Runs.forgedFence;
import static io.agentrun.samples.Runs.oldFence;
import static io.agentrun.samples.Runs.run;
import static io.agentrun.samples.Runs.stolenFence;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.samples.Answers;
import io.agentrun.samples.Runs.At;
import io.agentrun.samples.Story;
import io.agentrun.samples.Tasks;
import io.agentrun.samples.Turns;
import io.agentrun.session.Session;
import io.agentrun.storage.StorageState;
import java.util.function.Function;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunRulesTest {

    private static void verify(Answers<At> answers, Function<RunHead, Change> request) {
        answers.verify(at -> {
            RunHead run = run(at);
            return Story.of(() -> request.apply(run), run);
        });
    }

    @Test
    void the_holder_ends_its_run_and_a_retry_changes_nothing() {
        verify(
                Answers.in(At.class)
                        .on("LeaseConflict (runner-lease-conflict)", At.PENDING, At.WAITING)
                        .on("nothing", At.COMPLETED, At.FAILED, At.BLOCKED, At.CANCELLED)
                        .otherwise("run_1: status=completed outcome=completed claim.lease=none"
                                + " | terminal_status[terminalStatus=completed]"),
                run -> RunRules.finish(alone(run), fence(), TurnResult.of(Outcome.completed()), NOW));
    }

    @Test
    void an_older_epoch_or_another_runner_ends_nothing() {
        Answers<At> lost = Answers.in(At.class).otherwise("LeaseConflict (runner-lease-conflict)");
        verify(lost, run -> RunRules.finish(alone(run), oldFence(), TurnResult.of(Outcome.completed()), NOW));

        verify(lost, run -> RunRules.finish(alone(run), forgedFence(), TurnResult.of(Outcome.completed()), NOW));
        verify(lost, run -> RunRules.finish(alone(run), stolenFence(), TurnResult.of(Outcome.completed()), NOW));
    }

    @Test
    void an_outcome_becomes_the_state_of_its_name() {
        RunHead run = run(At.RUNNING);

        assertThat(RunRules.finish(alone(run), fence(), TurnResult.of(io.agentrun.samples.Runs.FAILED), NOW)
                        .replaced()
                        .runs())
                .singleElement()
                .returns(RunStatus.FAILED, RunHead::status)
                .returns(new RunClaim(3, 0, null, run.claim().attempts()), RunHead::claim)
                .returns(NOW, RunHead::updatedAt);
        assertThat(RunRules.finish(alone(run), fence(), TurnResult.of(io.agentrun.samples.Runs.BLOCKED), NOW)
                        .replaced()
                        .runs())
                .singleElement()
                .returns(RunStatus.BLOCKED, RunHead::status);
        assertThat(RunRules.finish(alone(run), fence(), TurnResult.of(io.agentrun.samples.Runs.CANCELLED), NOW)
                        .replaced()
                        .runs())
                .singleElement()
                .returns(RunStatus.CANCELLED, RunHead::status)
                .returns(null, RunHead::cancelRequest);
    }

    @Test
    void the_host_ends_a_pending_or_waiting_run_only() {
        verify(
                Answers.in(At.class)
                        .on(
                                "run_1: status=failed outcome=failed/backend-failed/it broke claim.epoch=4"
                                        + " | terminal_status[failureKind=backend-failed, message=it broke,"
                                        + " terminalStatus=failed]",
                                At.PENDING)
                        .on(
                                "run_1: status=failed outcome=failed/backend-failed/it broke claim.epoch=4"
                                        + " openQuestions=0"
                                        + " | terminal_status[failureKind=backend-failed, message=it broke,"
                                        + " terminalStatus=failed]",
                                At.WAITING)
                        .on("nothing", At.COMPLETED, At.FAILED, At.BLOCKED, At.CANCELLED)
                        .otherwise("LeaseConflict, retryable (runner-lease-conflict)"),
                run -> RunRules.finishUnclaimed(alone(run), io.agentrun.samples.Runs.FAILED, NOW));
    }

    @Test
    void a_graceful_cancel_ends_a_run_that_nobody_holds_and_asks_the_holder_of_any_other_once() {
        verify(
                Answers.in(At.class)
                        .on(
                                "run_1: status=cancelled outcome=cancelled/cancelled/stop claim.epoch=4"
                                        + " cancelRequest.reason=stop cancelRequest.requestedAt=now"
                                        + " | cancel-requested[reason=stop]"
                                        + " | terminal_status[failureKind=cancelled, message=stop,"
                                        + " terminalStatus=cancelled]",
                                At.PENDING)
                        .on(
                                "run_1: status=cancelled outcome=cancelled/cancelled/stop claim.epoch=4"
                                        + " cancelRequest.reason=stop cancelRequest.requestedAt=now openQuestions=0"
                                        + " | cancel-requested[reason=stop]"
                                        + " | terminal_status[failureKind=cancelled, message=stop,"
                                        + " terminalStatus=cancelled]",
                                At.WAITING)
                        .on(
                                "run_1: cancelRequest.reason=stop cancelRequest.requestedAt=now"
                                        + " | cancel-requested[reason=stop]",
                                At.CLAIMED,
                                At.RUNNING,
                                At.RUN_OUT,
                                At.LAST_RUN_OUT)
                        .otherwise("nothing"),
                run -> RunRules.cancel(alone(run), "stop", CancelMode.GRACEFUL, NOW));
    }

    @Test
    void a_forced_cancel_ends_any_open_run_and_begins_an_epoch() {
        String end = " | terminal_status[failureKind=cancelled, message=stop, terminalStatus=cancelled]";
        String asked = " cancelRequest.reason=stop cancelRequest.requestedAt=now";
        verify(
                Answers.in(At.class)
                        .on(
                                "run_1: status=cancelled outcome=cancelled/cancelled/stop claim.epoch=4" + asked
                                        + " | cancel-requested[reason=stop]" + end,
                                At.PENDING)
                        .on(
                                "run_1: status=cancelled outcome=cancelled/cancelled/stop claim.epoch=4" + asked
                                        + " openQuestions=0 | cancel-requested[reason=stop]" + end,
                                At.WAITING)
                        .on(
                                "run_1: status=cancelled outcome=cancelled/cancelled/stop claim.epoch=4"
                                        + " claim.lease=none" + asked + " | cancel-requested[reason=stop]" + end,
                                At.CLAIMED,
                                At.RUNNING,
                                At.RUN_OUT,
                                At.LAST_RUN_OUT)
                        // The first request stands, and has been said.
                        .on(
                                "run_1: status=cancelled outcome=cancelled/cancelled/stop claim.epoch=4"
                                        + " claim.lease=none" + end,
                                At.ASKED,
                                At.ASKED_RUN_OUT)
                        .otherwise("nothing"),
                run -> RunRules.cancel(alone(run), "stop", CancelMode.FORCE, NOW));
    }

    @Test
    void only_an_ended_run_is_refused_where_an_open_one_is_needed() {
        for (At at : At.values()) {
            RunHead run = run(at);
            if (at.terminal()) {
                Assertions.assertThatExceptionOfType(AlreadyTerminalException.class)
                        .as(at.words())
                        .isThrownBy(() -> RunRules.requireOpen(run))
                        .returns(run.status().wire(), AlreadyTerminalException::status)
                        .returns(RUN, AlreadyTerminalException::id);
            } else {
                RunRules.requireOpen(run);
            }
        }
    }

    @Test
    void a_run_without_a_session_begins_pending_and_alone() {
        NewRun input = NewRun.builder(OWNER, SPEC)
                .maxAttempts(3)
                .idempotencyKey("key-1")
                .build();

        Change change = RunRules.create(input, null, RUN, Tasks.TASK, NOW);

        Run expected = Run.builder(RUN, OWNER, SPEC)
                .taskId(Tasks.TASK)
                .claim(RunClaim.none(3))
                .idempotency(new io.agentrun.model.Idempotency("key-1", input.contentHash()))
                .createdAt(NOW)
                .build();
        assertThat(change.created().runs()).containsExactly(expected);
        assertThat(Story.of(() -> change))
                .isEqualTo("run_1: new | run-created[backendProfile=codex, resourceBundle=false]");
    }

    @Test
    void a_run_opens_the_session_that_is_new() {
        SessionRef ref = SessionRef.of(Turns.SESSION)
                .withConversationId("conv-1")
                .withThreadId("thread-1")
                .withMetadata(io.agentrun.json.JsonObject.of("title", "  my\n session "))
                .withExpiresAt(NOW.plusSeconds(9));

        Change change = create(ref, null);

        assertThat(change.created().runs()).singleElement().returns(Turns.SESSION, Run::sessionId);
        assertThat(change.created().sessions()).singleElement().satisfies(session -> {
            assertThat(session.title()).isEqualTo("my session");
            assertThat(session.owner()).isEqualTo(OWNER);
            assertThat(session.thread().conversationId()).isEqualTo("conv-1");
            assertThat(session.thread().threadId()).isEqualTo("thread-1");
            assertThat(session.expiresAt()).isEqualTo(NOW.plusSeconds(9));
            assertThat(session.version()).isZero();
            assertThat(session.storage().state()).isEqualTo(StorageState.NONE);
            assertThat(session.activity())
                    .isEqualTo(io.agentrun.session.SessionActivity.idle().toBuilder()
                            .lastRunId(RUN)
                            .lastActivityAt(NOW)
                            .build());
        });
    }

    @Test
    void a_run_in_a_known_session_touches_it_and_changes_nothing_that_it_has() {
        SessionRef ref = SessionRef.of(Turns.SESSION).withThreadId("thread-9").withExpiresAt(NOW);
        Session running = Turns.running(io.agentrun.samples.Runs.OTHER_RUN, "cmd_7");

        assertThat(Story.of(() -> create(ref, running), running))
                .isEqualTo("run_1: new | ses_1: activity.lastRunId=run_1 activity.lastActivityAt=now"
                        + " | run-created[backendProfile=codex, resourceBundle=false, sessionId=ses_1]");
        assertThat(Story.of(() -> create(ref, Turns.ended()), Turns.ended()))
                .isEqualTo("run_1: new | ses_1: activity.lastActivityAt=now"
                        + " | run-created[backendProfile=codex, resourceBundle=false, sessionId=ses_1]");
    }

    @Test
    void a_session_of_another_owner_is_refused_before_its_storage_is_looked_at() {
        Session evicted = Turns.stored(Turns.idle(), StorageState.EVICTED);
        for (Owner owner : new Owner[] {new Owner("acme", "other"), new Owner("other", "web")}) {
            NewRun input = NewRun.builder(owner, SPEC)
                    .session(SessionRef.of(Turns.SESSION))
                    .build();

            assertThat(Story.of(() -> RunRules.create(input, evicted, RUN, null, NOW)))
                    .isEqualTo("TenantPolicy (tenant-policy-denied)");
        }
    }

    @Test
    void storage_that_is_going_or_gone_refuses_a_run() {
        Answers.in(StorageState.class)
                .on("SessionStorage (session-storage-terminating)", StorageState.EVICTING)
                .on("SessionStorage (session-store-evicted)", StorageState.EVICTED)
                .on("SessionStorage (session-storage-missing)", StorageState.MISSING)
                .otherwise("run_1: new | ses_1: activity.lastRunId=run_1 activity.lastActivityAt=now"
                        + " | run-created[backendProfile=codex, resourceBundle=false, sessionId=ses_1]")
                .verify(state -> {
                    Session session = Turns.stored(Turns.idle(), state).toBuilder()
                            .expiresAt(EARLIER)
                            .build();
                    return Story.of(() -> create(SessionRef.of(Turns.SESSION), session), session);
                });
    }

    private static Change create(SessionRef ref, @Nullable Session stored) {
        NewRun input = NewRun.builder(OWNER, SPEC).session(ref).build();
        return RunRules.create(input, stored, RUN, null, NOW);
    }

    @Test
    void a_purge_takes_an_ended_run_that_nobody_points_at() {
        Session elsewhere = Turns.running("run_9", "cmd_9");
        for (At at : At.values()) {
            assertThat(RunRules.purgeable(run(at), null, null, NOW))
                    .as(at.words())
                    .isEqualTo(at.terminal());
            assertThat(RunRules.purgeable(run(at), elsewhere, Tasks.task(Tasks.At.FAILED), EARLIER))
                    .as(at.words())
                    .isEqualTo(at.terminal());
        }
        RunHead ended = run(At.COMPLETED);

        assertThat(RunRules.purgeable(ended, null, null, EARLIER.minusNanos(1000)))
                .as("too young")
                .isFalse();
        assertThat(RunRules.purgeable(ended, Turns.running(RUN, "cmd_1"), null, NOW))
                .as("active")
                .isFalse();
        assertThat(RunRules.purgeable(ended, Turns.ended(), null, NOW))
                .as("last")
                .isFalse();
        for (Tasks.At at : Tasks.At.values()) {
            QueueTask task = Tasks.task(at);
            boolean latest = task.latestAttempt() != null
                    && ended.id().equals(task.latestAttempt().runId());
            assertThat(RunRules.purgeable(ended, null, task, NOW))
                    .as(at.words())
                    .isEqualTo(at.terminal() || !latest);
        }
    }
}
