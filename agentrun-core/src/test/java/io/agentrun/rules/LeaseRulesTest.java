package io.agentrun.rules;

import static io.agentrun.samples.Runs.EPOCH;
import static io.agentrun.samples.Runs.HOLDER;
import static io.agentrun.samples.Runs.LEASE;
import static io.agentrun.samples.Runs.MAX_STARTS;
import static io.agentrun.samples.Runs.NEXT_TOKEN;
import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.RIVAL;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.TOKEN;
import static io.agentrun.samples.Runs.alone;
import static io.agentrun.samples.Runs.begun;
import static io.agentrun.samples.Runs.claimBy;
import static io.agentrun.samples.Runs.fence;
import static io.agentrun.samples.Runs.forgedFence;
import static io.agentrun.samples.Runs.oldFence;
import static io.agentrun.samples.Runs.run;
import static io.agentrun.samples.Runs.stolenFence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.CommandState;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.RunAttempts;
import io.agentrun.run.RunClaim;
import io.agentrun.samples.Answers;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Runs.At;
import io.agentrun.samples.Story;
import io.agentrun.samples.Tasks;
import io.agentrun.samples.Turns;
import io.agentrun.session.Session;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class LeaseRulesTest {

    private static final String LOST = "LeaseConflict (runner-lease-conflict)";
    private static final String RECOVERED = "run-recovered[attempt=2, runnerId=runner_1, starts=0]";

    private static void verify(Answers<At> answers, Function<RunHead, Change> request) {
        answers.verify(at -> {
            RunHead run = run(at);
            return Story.of(() -> request.apply(run), run);
        });
    }

    @Test
    void a_fence_stands_for_its_epoch_its_runner_and_its_token_until_a_new_epoch_begins() {
        for (At at : At.values()) {
            RunHead run = run(at);
            assertThat(LeaseRules.holds(run, fence())).as(at.words()).isEqualTo(at != At.PENDING && at != At.WAITING);
            for (Fence other : List.of(
                    stolenFence(),
                    forgedFence(),
                    oldFence(),
                    new Fence(RUN, HOLDER, EPOCH - 1, TOKEN),
                    new Fence(RUN, HOLDER, EPOCH + 1, TOKEN))) {
                assertThat(LeaseRules.holds(run, other)).as(at.words()).isFalse();
            }
            assertThat(LeaseRules.holds(run, new Fence(RUN, RIVAL, EPOCH, TOKEN)))
                    .as(at.words())
                    .isEqualTo(at.terminal());
            assertThatExceptionOfType(LeaseConflictException.class)
                    .as(at.words())
                    .isThrownBy(() -> LeaseRules.requireHolder(run, oldFence()))
                    .returns(EPOCH - 1, LeaseConflictException::epoch)
                    .returns(RUN, LeaseConflictException::runId);
        }
    }

    @Test
    void no_fence_holds_for_a_lease_that_was_taken_over_without_a_token() {
        RunHead taken = run(At.RUNNING).toBuilder()
                .epoch(run(At.RUNNING).claim(), RunGuard.NONE)
                .build();

        assertThat(LeaseRules.signal(taken, fence())).isEqualTo(LeaseSignal.LEASE_LOST);
        assertThat(claim(begun(taken), HOLDER).run(RUN).orElseThrow().epoch()).isEqualTo(EPOCH + 2);
    }

    @Test
    void a_claim_brings_its_token_and_every_other_new_epoch_has_none() {
        assertThat(claim(alone(run(At.PENDING)), HOLDER).run(RUN).orElseThrow().guard())
                .isEqualTo(RunGuard.of(NEXT_TOKEN.hash()));
        assertThat(claim(begun(run(At.RUN_OUT)), RIVAL).run(RUN).orElseThrow().guard())
                .isEqualTo(RunGuard.of(NEXT_TOKEN.hash()));
        List<Change> others = List.of(
                LeaseRules.release(begun(run(At.RUNNING)), fence(), NOW),
                LeaseRules.release(begun(run(At.ASKED)), fence(), NOW),
                recover(begun(run(At.RUN_OUT)), EPOCH).change(),
                recover(begun(run(At.LAST_RUN_OUT)), EPOCH).change(),
                RunRules.cancel(begun(run(At.RUNNING)), "now", CancelMode.FORCE, NOW),
                RunRules.finishUnclaimed(alone(run(At.PENDING)), Outcome.cancelled("x"), NOW));
        for (Change change : others) {
            assertThat(change.run(RUN).orElseThrow().guard()).isEqualTo(RunGuard.NONE);
        }
        assertThat(RunRules.finish(begun(run(At.RUNNING)), fence(), TurnResult.of(Outcome.completed()), NOW)
                        .run(RUN)
                        .orElseThrow()
                        .guard())
                .isEqualTo(RunGuard.of(TOKEN.hash()));
    }

    private static Change claim(RunView view, String runner) {
        return LeaseRules.claim(view, claimBy(runner), MAX_STARTS, NOW);
    }

    private static LeaseRules.Recovered recover(RunView view, long epoch) {
        return LeaseRules.recover(view, epoch, MAX_STARTS, NOW);
    }

    @Test
    void a_claim_by_the_holder_of_what_was_not_begun() {
        verify(
                Answers.in(At.class)
                        .on(claimed("runner_1"), At.PENDING)
                        .on(again(""), At.CLAIMED)
                        .on(again("status=claimed "), At.RUNNING, At.ASKED)
                        .on(startedAgain("", 1), At.RUN_OUT)
                        .on(startedAgain("", 2), At.LAST_RUN_OUT)
                        .on(LOST, At.ASKED_RUN_OUT)
                        .on("RunWaiting, retryable (schema-invalid)", At.WAITING)
                        .on("AlreadyTerminal (schema-invalid)", At.COMPLETED)
                        .on("AlreadyTerminal (backend-failed)", At.FAILED)
                        .on("AlreadyTerminal (infra-failed)", At.BLOCKED)
                        .on("AlreadyTerminal (cancelled)", At.CANCELLED),
                run -> claim(alone(run), HOLDER));
    }

    @Test
    void a_claim_by_the_holder_of_what_was_begun() {
        verify(
                Answers.in(At.class)
                        .on(claimed("runner_1"), At.PENDING)
                        .on(reclaimed("", ""), At.CLAIMED)
                        .on(reclaimed("status=claimed ", ""), At.RUNNING, At.RUN_OUT)
                        .on(LOST, At.LAST_RUN_OUT, At.ASKED, At.ASKED_RUN_OUT)
                        .on("RunWaiting, retryable (schema-invalid)", At.WAITING)
                        .on("AlreadyTerminal (schema-invalid)", At.COMPLETED)
                        .on("AlreadyTerminal (backend-failed)", At.FAILED)
                        .on("AlreadyTerminal (infra-failed)", At.BLOCKED)
                        .on("AlreadyTerminal (cancelled)", At.CANCELLED),
                run -> claim(begun(run), HOLDER));
    }

    @Test
    void a_claim_by_another_runner() {
        verify(
                Answers.in(At.class)
                        .on(claimed("runner_2"), At.PENDING)
                        .on("LeaseConflict, retryable (runner-lease-conflict)", At.CLAIMED, At.RUNNING, At.ASKED)
                        .on(reclaimed("status=claimed ", "claim.lease.runnerId=runner_2 "), At.RUN_OUT)
                        .on(LOST, At.LAST_RUN_OUT, At.ASKED_RUN_OUT)
                        .on("RunWaiting, retryable (schema-invalid)", At.WAITING)
                        .on("AlreadyTerminal (schema-invalid)", At.COMPLETED)
                        .on("AlreadyTerminal (backend-failed)", At.FAILED)
                        .on("AlreadyTerminal (infra-failed)", At.BLOCKED)
                        .on("AlreadyTerminal (cancelled)", At.CANCELLED),
                run -> claim(begun(run), RIVAL));
    }

    private static String claimed(String runner) {
        return "run_1: status=claimed claim.epoch=4 claim.lease.runnerId=" + runner
                + " claim.lease.epoch=4 claim.lease.expiresAt=+60s | run-claimed[epoch=4, runnerId=" + runner + "]";
    }

    private static String again(String status) {
        return "run_1: " + status + "claim.epoch=4 claim.lease.epoch=4 claim.lease.expiresAt=+60s"
                + " | run-claimed[epoch=4, runnerId=runner_1]";
    }

    private static String startedAgain(String runner, int attempt) {
        return "run_1: status=claimed claim.epoch=5 claim.generation=1 " + runner
                + "claim.lease.epoch=5 claim.lease.expiresAt=+60s claim.attempts.starts=1"
                + " | run-recovered[attempt=" + attempt + ", runnerId=runner_1, starts=1]"
                + " | run-claimed[epoch=5, runnerId=runner_1]";
    }

    private static String reclaimed(String status, String runner) {
        return "run_1: " + status + "claim.epoch=5 claim.generation=1 " + runner
                + "claim.lease.epoch=5 claim.lease.expiresAt=+60s claim.attempts.current=2 | cmd_1: changed | "
                + RECOVERED
                + " | run-claimed[epoch=5, runnerId=" + (runner.isEmpty() ? "runner_1" : "runner_2") + "]";
    }

    @Test
    void a_claim_by_the_live_holder_gives_back_what_else_was_acknowledged() {
        CommandHead turn = Turns.active("cmd_1", RUN, CommandState.PENDING);
        CommandHead steer = Turns.steer("cmd_2", 2, CommandState.ACKNOWLEDGED, "cmd_1");
        CommandHead late = Turns.steer("cmd_3", 3, CommandState.ACKNOWLEDGED, "cmd_0");
        RunHead run = run(At.CLAIMED);
        RunView view = Runs.view(run, List.of(turn, steer, late), null, null, null);

        assertThat(Story.of(() -> claim(view, HOLDER), run, turn, steer, late))
                .startsWith("run_1: claim.epoch=4 claim.lease.epoch=4 claim.lease.expiresAt=+60s"
                        + " | cmd_2: state=pending times.acknowledgedAt=none | cmd_3: state=cancelled")
                .endsWith("| run-claimed[epoch=4, runnerId=runner_1]");
    }

    @Test
    void acknowledging_a_turn_begins_the_count_of_starts_anew() {
        CommandHead turn = Turns.active("cmd_1", RUN, CommandState.PENDING);

        Change change = CommandRules.acknowledge(turn, started(run(At.CLAIMED), 2), fence(), NOW);

        assertThat(change.run(RUN).orElseThrow().claim().attempts()).isEqualTo(new RunAttempts(1, 2, 0));
    }

    private static RunHead started(RunHead run, int starts) {
        RunClaim claim = run.claim();
        return run.toBuilder()
                .claim(new RunClaim(
                        claim.epoch(),
                        claim.generation(),
                        claim.lease(),
                        claim.attempts().withStarts(starts)))
                .build();
    }

    @Test
    void a_claim_after_the_lease_ran_out_makes_commands_pending_again_and_leaves_session_and_task() {
        CommandHead turn = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
        CommandHead steer = Turns.steer("cmd_2", 2, CommandState.PENDING, "cmd_1");
        Session session = Turns.running(RUN, "cmd_1");
        QueueTask task = Tasks.task(Tasks.At.ON_RUN);
        RunHead run = run(RUN, At.RUN_OUT, session.id(), task.id());
        RunView view = Runs.view(run, List.of(turn, steer), session, null, task);

        assertThat(Story.of(() -> claim(view, RIVAL), run, turn, steer, session, task))
                .isEqualTo("run_1: status=claimed claim.epoch=5 claim.generation=1 claim.lease.runnerId=runner_2"
                        + " claim.lease.epoch=5 claim.lease.expiresAt=+60s claim.attempts.current=2"
                        + " | cmd_1: state=pending times.acknowledgedAt=none | " + RECOVERED
                        + " | run-claimed[epoch=5, runnerId=runner_2]");
    }

    @Test
    void a_heartbeat_extends_or_says_why_not() {
        verifyBeat(
                fence(),
                Answers.in(At.class)
                        .on("lease-lost", At.PENDING, At.WAITING)
                        .on(
                                "continue run_1: claim.lease.expiresAt=+60s updatedAt kept",
                                At.CLAIMED,
                                At.RUNNING,
                                At.RUN_OUT,
                                At.LAST_RUN_OUT)
                        .on(
                                "cancel-requested run_1: claim.lease.expiresAt=+60s updatedAt kept",
                                At.ASKED,
                                At.ASKED_RUN_OUT)
                        .otherwise("ended"));
        verifyBeat(oldFence(), Answers.in(At.class).otherwise("lease-lost"));
        verifyBeat(stolenFence(), Answers.in(At.class).otherwise("lease-lost"));
        verifyBeat(forgedFence(), Answers.in(At.class).otherwise("lease-lost"));
    }

    private static void verifyBeat(Fence fence, Answers<At> answers) {
        answers.verify(at -> {
            RunHead run = run(at);
            LeaseRules.Beat beat = LeaseRules.heartbeat(run, fence, LEASE, NOW);
            assertThat(LeaseRules.signal(run, fence)).isEqualTo(beat.signal());
            RunHead next = beat.next();
            String signal = beat.signal().wire();
            return next == null
                    ? signal
                    : signal + " " + Story.of(() -> Change.builder().put(next).build(), run);
        });
    }

    @Test
    void a_heartbeat_may_shorten_a_lease() {
        RunHead run = run(At.RUNNING);

        LeaseRules.Beat beat = LeaseRules.heartbeat(run, fence(), java.time.Duration.ofSeconds(1), NOW);

        assertThat(beat.signal()).isEqualTo(LeaseSignal.CONTINUE);
        assertThat(beat.next())
                .isNotNull()
                .satisfies(next ->
                        assertThat(next.lease()).get().returns(NOW.plusSeconds(1), io.agentrun.run.Lease::expiresAt));
    }

    @Test
    void a_release() {
        String given =
                "run_1: status=pending claim.epoch=4 claim.generation=1 claim.lease=none | run-released[runnerId=runner_1]";
        String cancelled = "run_1: status=cancelled outcome=cancelled/cancelled/first reason claim.epoch=4"
                + " claim.lease=none | terminal_status[failureKind=cancelled, message=first reason,"
                + " terminalStatus=cancelled]";
        verify(
                Answers.in(At.class)
                        .on(LOST, At.PENDING, At.WAITING)
                        .on(given, At.CLAIMED, At.RUNNING, At.RUN_OUT, At.LAST_RUN_OUT)
                        .on(cancelled, At.ASKED, At.ASKED_RUN_OUT)
                        .otherwise("nothing"),
                run -> LeaseRules.release(alone(run), fence(), NOW));
        verify(Answers.in(At.class).otherwise(LOST), run -> LeaseRules.release(alone(run), oldFence(), NOW));
    }

    @Test
    void a_release_gives_back_the_commands_too_and_leaves_session_and_task() {
        CommandHead turn = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
        CommandHead steer = Turns.steer("cmd_2", 2, CommandState.ACKNOWLEDGED, "cmd_1");
        CommandHead waiting = Turns.waiting("cmd_3", RUN, 3, 2);
        Session session = Turns.running(RUN, "cmd_1");
        QueueTask task = Tasks.task(Tasks.At.ON_RUN);
        RunHead run = run(RUN, At.RUNNING, session.id(), task.id());
        RunView view = Runs.view(run, List.of(turn, steer, waiting), session, null, task);

        assertThat(Story.of(() -> LeaseRules.release(view, fence(), NOW), run, turn, steer, waiting, session, task))
                .isEqualTo("run_1: status=pending claim.epoch=4 claim.generation=1 claim.lease=none"
                        + " | cmd_1: state=pending times.acknowledgedAt=none"
                        + " | cmd_2: state=pending times.acknowledgedAt=none"
                        + " | run-released[runnerId=runner_1]");
    }

    @Test
    void a_release_cancels_what_was_for_a_turn_that_has_ended() {
        CommandHead steer = Turns.steer("cmd_2", 2, CommandState.ACKNOWLEDGED, "cmd_1");
        RunHead run = run(RUN, At.RUNNING, null, null);
        RunView view = Runs.view(run, List.of(steer), null, null, null);

        assertThat(Story.of(() -> LeaseRules.release(view, fence(), NOW), run, steer))
                .contains("cmd_2: state=cancelled")
                .contains("command-terminal")
                .doesNotContain("pending times.acknowledgedAt");
    }

    @Test
    void claim_next_takes_pending_runs_that_do_not_only_wait() {
        CommandHead active = Turns.active("cmd_1", RUN, CommandState.PENDING);
        CommandHead waiting = Turns.waiting("cmd_2", RUN, 2, 2);
        CommandHead steer = Turns.steer("cmd_3", 3, CommandState.PENDING, "cmd_1");
        for (At at : At.values()) {
            boolean pending = at == At.PENDING;
            assertThat(LeaseRules.claimable(run(at), List.of())).as(at.words()).isEqualTo(pending);
            assertThat(LeaseRules.claimable(run(at), List.of(active)))
                    .as(at.words())
                    .isEqualTo(pending);
            assertThat(LeaseRules.claimable(run(at), List.of(waiting, active)))
                    .as(at.words())
                    .isEqualTo(pending);
            assertThat(LeaseRules.claimable(run(at), List.of(steer)))
                    .as(at.words())
                    .isEqualTo(pending);
            assertThat(LeaseRules.claimable(run(at), List.of(waiting)))
                    .as(at.words())
                    .isFalse();
            assertThat(LeaseRules.claimable(run(at), List.of(waiting, steer)))
                    .as(at.words())
                    .isFalse();
        }
    }
}
