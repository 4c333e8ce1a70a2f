package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.command.FinishedTurn;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.SessionActivity;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
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
    private static final int MANY = 16;

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

    /** Ends that a store may execute together: what goes on behind each is its own. */
    @Test
    @Proves({Rule.R_9, Rule.C_8, Rule.S_4})
    void behind_turns_that_end_at_once_the_lowest_ordinal_of_each_session_goes_on() {
        List<RunLease> leases = new ArrayList<>();
        List<Command> ending = new ArrayList<>();
        List<Command> steers = new ArrayList<>();
        List<Command> next = new ArrayList<>();
        List<Command> last = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            String session = given().name("session");
            RunLease lease = given().claimed(given().runIn(session));
            leases.add(lease);
            ending.add(given().acknowledgedTurn(lease));
            steers.add(given().steer(lease.run()));
            // Those that wait are of the same run, or of two others.
            next.add(given().turn(goesOn(i) ? lease.run() : given().runIn(session)));
            last.add(given().turn(goesOn(i) ? lease.run() : given().runIn(session)));
        }

        List<FinishedTurn> ended = Race.values(Race.of(
                MANY,
                i -> () -> store().runs()
                        .finishTurn(leases.get(i).fence(), ending.get(i).id(), DONE)));

        for (int i = 0; i < MANY; i++) {
            Command active = store().commands().get(next.get(i).id());
            assertThat(active.order().deliverable()).isTrue();
            assertThat(ended.get(i).run().isTerminal()).isEqualTo(!goesOn(i));
            assertThat(ended.get(i).next()).isEqualTo(goesOn(i) ? active : null);
            assertThat(store().commands().get(last.get(i).id())).isEqualTo(last.get(i));
            assertThat(store().commands().get(steers.get(i).id()).state()).isEqualTo(CommandState.CANCELLED);
            assertThat(sessionOf(leases.get(i).run()).activity().activeCommandId())
                    .isEqualTo(active.id());
        }
    }

    /** The end of one of two runs promotes the turn that the end of the other one cancels. */
    @Test
    @Proves({Rule.R_6, Rule.R_9, Rule.C_8, Rule.S_4})
    void two_runs_of_one_session_that_end_at_once_leave_it_without_an_active_turn() {
        List<RunLease> leases = new ArrayList<>();
        List<Command> ending = new ArrayList<>();
        List<Command> waiting = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            String session = given().name("session");
            RunLease leaving = given().claimed(given().runIn(session));
            RunLease staying = given().claimed(given().runIn(session));
            Command cancelled = given().acknowledgedTurn(leaving);
            Command active = given().turn(staying.run());
            store().commands().cancel(cancelled.id(), "no more");
            given().acknowledged(staying.fence(), active);
            waiting.add(given().turn(leaving.run()));
            store().runs().cancel(leaving.run().id(), "no more");
            leases.addAll(List.of(leaving, staying));
            ending.addAll(List.of(cancelled, active));
        }

        List<FinishedTurn> ended = Race.values(Race.of(
                2 * MANY,
                i -> () -> store().runs()
                        .finishTurn(leases.get(i).fence(), ending.get(i).id(), DONE)));

        assertThat(ended).hasSize(2 * MANY).allMatch(turn -> turn.run().isTerminal());
        for (int i = 0; i < MANY; i++) {
            assertThat(store().commands().get(waiting.get(i).id()).state()).isEqualTo(CommandState.CANCELLED);
            assertThat(sessionOf(leases.get(2 * i).run()).activity())
                    .returns(ExecutionState.TERMINAL, SessionActivity::state)
                    .returns(null, SessionActivity::activeCommandId);
        }
    }

    private static boolean goesOn(int i) {
        return i % 2 == 0;
    }
}
