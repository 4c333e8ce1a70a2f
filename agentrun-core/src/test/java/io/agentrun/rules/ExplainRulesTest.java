package io.agentrun.rules;

import static io.agentrun.samples.Runs.EPOCH;
import static io.agentrun.samples.Runs.MAX_STARTS;
import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OTHER_RUN;
import static io.agentrun.samples.Runs.RIVAL;
import static io.agentrun.samples.Runs.RUN;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.CommandState;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.inspect.Explanation;
import io.agentrun.inspect.NextStep;
import io.agentrun.inspect.Reason;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.RunSpec;
import io.agentrun.run.RunStatus;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Runs.At;
import io.agentrun.samples.Turns;
import io.agentrun.session.Session;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every situation of a run with every kind of open turns: the next step of its explanation against what the rules do. */
class ExplainRulesTest {

    private static final RunSpec SPEC = RunSpec.of(BackendProfile.CODEX);
    private static final Session SESSION = Turns.running(OTHER_RUN, "cmd_9");

    /** A run, and what is open in it. */
    private record Situation(At at, RunHead run, List<CommandHead> open) {

        private Explanation explained() {
            return ExplainRules.run(run, SPEC, open, SESSION, null, MAX_STARTS, NOW);
        }

        private RunView view() {
            return Runs.view(run, open, SESSION, null, null);
        }
    }

    private static List<Situation> all() {
        CommandHead begun = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
        CommandHead free = Turns.active("cmd_1", RUN, CommandState.PENDING);
        CommandHead waiting = Turns.waiting("cmd_2", RUN, 2, 2);
        List<List<CommandHead>> open = List.of(
                List.of(),
                List.of(begun),
                List.of(free),
                List.of(waiting),
                List.of(begun, waiting),
                List.of(free, waiting),
                List.of(Turns.steer("cmd_3", 3, CommandState.PENDING, "cmd_1"), waiting));
        List<Situation> all = new ArrayList<>();
        for (At at : At.values()) {
            for (List<CommandHead> commands : open) {
                all.add(new Situation(at, Runs.run(RUN, at, SESSION.id(), null), commands));
            }
        }
        return all;
    }

    @Test
    void what_an_explanation_says_comes_next_is_what_the_rules_do() {
        for (Situation situation : all()) {
            NextStep next = situation.explained().next();
            assertThat(next)
                    .as(situation.toString())
                    .isEqualTo(
                            situation.run().isTerminal()
                                    ? NextStep.NONE
                                    : situation.run().status() == RunStatus.WAITING
                                            ? NextStep.ANSWER
                                            : LeaseRules.claimable(situation.run(), situation.open())
                                                    ? NextStep.CLAIM
                                                    : recovered(situation) == RecoveryOutcome.NOT_NEEDED
                                                            ? isHeld(situation) ? NextStep.RUNNER : NextStep.TURN_END
                                                            : NextStep.RECOVERY);
        }
    }

    @Test
    void a_lease_that_is_over_names_what_recovery_does() {
        for (Situation situation : all()) {
            if (situation.explained().reason() instanceof Reason.LeaseOver over) {
                assertThat(over.recovery()).as(situation.toString()).isEqualTo(recovered(situation));
            }
        }
    }

    @Test
    void a_task_with_a_run_moves_with_it_and_a_session_with_its_turn() {
        Explanation run = ExplainRules.run(Runs.run(At.CLAIMED), SPEC, List.of(), null, null, MAX_STARTS, NOW);

        assertThat(ExplainRules.session(SESSION, run).cause()).isEqualTo(run.reason());
        assertThat(ExplainRules.session(SESSION, run).text())
                .isEqualTo("session ses_1 is running since 2026-03-01T11:00:00Z: it moves with the run run_1 is claimed"
                        + " since 2026-03-01T11:00:00Z: the runner runner_1 holds it until 2026-03-01T12:00:30Z");
    }

    @Test
    void a_turn_that_waits_without_an_active_turn_to_be_seen_moves_with_its_run() {
        Explanation run = ExplainRules.run(Runs.run(At.PENDING), SPEC, List.of(), null, null, MAX_STARTS, NOW);
        CommandHead waiting = Turns.waiting("cmd_2", RUN, 2, 2);

        Reason reason = ExplainRules.command(Turns.whole(waiting), List.of(waiting), Turns.idle(), run)
                .reason();

        assertThat(reason).isEqualTo(new Reason.With(run));
    }

    private static RecoveryOutcome recovered(Situation situation) {
        return LeaseRules.recover(situation.view(), EPOCH, MAX_STARTS, NOW).outcome();
    }

    /** Whether somebody else is refused. */
    private static boolean isHeld(Situation situation) {
        try {
            LeaseRules.claim(situation.view(), Runs.claimBy(RIVAL), MAX_STARTS, NOW);
            return false;
        } catch (LeaseConflictException e) {
            return true;
        }
    }
}
