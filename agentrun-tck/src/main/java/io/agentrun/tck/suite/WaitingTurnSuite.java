package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.session.SessionActivity;
import io.agentrun.tck.Proves;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/**
 * Which of the turns that wait in several runs of a session becomes the active one: the one with the lowest ordinal, whatever
 * ends the turn before it and whichever run it is in.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class WaitingTurnSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    /** For adapters. */
    protected WaitingTurnSuite() {}

    @Test
    @Proves({Rule.C_8, Rule.S_4})
    void the_end_of_a_turn_promotes_the_lowest_ordinal_of_two_other_runs() {
        promotes((lease, active) -> store().commands().finish(lease.fence(), active.id(), DONE));
    }

    @Test
    @Proves({Rule.C_8, Rule.C_9})
    void the_cancel_of_a_turn_promotes_the_lowest_ordinal_of_two_other_runs() {
        promotes((lease, active) -> store().commands().cancel(active.id(), "no more"));
    }

    @Test
    @Proves({Rule.C_8, Rule.R_7})
    void the_end_of_a_run_promotes_the_lowest_ordinal_of_two_other_runs() {
        promotes((lease, active) -> store().runs().finish(lease.fence(), DONE));
    }

    @Test
    @Proves({Rule.C_8, Rule.R_5})
    void the_forced_cancel_of_a_run_promotes_the_lowest_ordinal_of_two_other_runs() {
        promotes((lease, active) -> store().runs().cancel(lease.run().id(), "now", CancelMode.FORCE));
    }

    @Test
    @Proves({Rule.C_8, Rule.L_8})
    void the_recovery_of_a_run_promotes_the_lowest_ordinal_of_two_other_runs() {
        promotes((lease, active) -> {
            advance(Given.PAST_LEASE);
            store().leases().recover(lease.run().id(), lease.fence().epoch());
        });
    }

    /** Turns wait in three runs, in another order than that of the runs' ids and times; they become active in their order. */
    private void promotes(BiConsumer<RunLease, Command> end) {
        String session = given().name("session");
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            runs.add(given().runIn(session));
        }
        RunLease lease = given().claimed(runs.get(1));
        Command active = given().acknowledgedTurn(lease);
        List<Command> waiting = new ArrayList<>();
        for (int place : List.of(3, 0, 2, 0)) {
            waiting.add(given().turn(runs.get(place)));
        }

        end.accept(lease, active);

        assertThat(waiting)
                .extracting(turn -> store().commands().get(turn.id()).order().deliverable())
                .containsExactly(true, false, false, false);
        assertNamed(session, waiting.get(0));

        for (int next = 0; next < waiting.size(); next++) {
            assertNamed(session, waiting.get(next));
            store().commands().cancel(waiting.get(next).id(), "on with the next");
        }
        assertThat(store().sessions().get(session).activity().activeCommandId()).isNull();
    }

    private void assertNamed(String session, Command turn) {
        SessionActivity activity = store().sessions().get(session).activity();
        assertThat(activity.activeCommandId()).isEqualTo(turn.id());
        assertThat(activity.activeRunId()).isEqualTo(turn.runId());
    }
}
