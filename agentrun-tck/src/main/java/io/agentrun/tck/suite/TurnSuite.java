package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.command.NewCommand;
import io.agentrun.error.FailureKind;
import io.agentrun.error.StateConflictException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Session;
import io.agentrun.session.SessionActivity;
import io.agentrun.storage.SessionStorageException;
import io.agentrun.storage.StorageState;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Turns one behind another: in a run, in the runs of one session, and what their ends do to the session.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class TurnSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final TurnResult BROKEN = TurnResult.of(Outcome.failed(FailureKind.BACKEND_FAILED, "it broke"));

    /** For adapters. */
    protected TurnSuite() {}

    @Test
    @Proves({Rule.S_3, Rule.S_9})
    void the_first_turn_sets_its_session_running_and_names_it() {
        Run run = given().runIn(given().name("session"));
        Session before = sessionOf(run);

        Command turn =
                store().commands().create(run.id(), given().newTurn("  Mend\n\tthe   roof, " + "and then ".repeat(20)));

        Session after = sessionOf(run);
        assertThat(after.version()).isGreaterThan(before.version());
        assertThat(after.activity())
                .isEqualTo(new SessionActivity(
                        ExecutionState.RUNNING,
                        run.id(),
                        turn.id(),
                        run.id(),
                        turn.id(),
                        null,
                        turn.times().createdAt(),
                        1));
        assertThat(after.title()).startsWith("Mend the roof, and then and then");
        assertThat(after.title()).hasSizeLessThanOrEqualTo(80).hasSizeGreaterThan(70);
    }

    @Test
    @Proves(Rule.S_3)
    void a_title_that_exists_is_kept_and_a_turn_without_a_prompt_gives_none() {
        Session titled =
                store().sessions().upsert(given().newSession().title("Kept").build());
        given().turn(given().runIn(titled.id()));
        assertThat(store().sessions().get(titled.id()).title()).isEqualTo("Kept");

        Run run = given().runIn(given().name("session"));
        store().commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", 7)));
        assertThat(sessionOf(run).title()).isNull();

        given().turn(run);
        assertThat(sessionOf(run).title()).isEqualTo("do it");
    }

    @Test
    @Proves({Rule.C_2, Rule.S_3})
    void a_second_turn_waits_and_the_session_only_counts_it() {
        Run run = given().runIn(given().name("session"));
        Command active = given().turn(run);
        Session before = sessionOf(run);
        advance(Duration.ofSeconds(1));

        Command waiting = given().turn(run);

        assertThat(waiting.state()).isEqualTo(CommandState.PENDING);
        assertThat(waiting.order()).isEqualTo(new CommandOrder(2, false, null));
        assertThat(lastEvent(run.id()).payload())
                .isEqualTo(JsonObject.of(
                        "phase",
                        "command-created",
                        "commandId",
                        waiting.id(),
                        "commandType",
                        "turn",
                        "deliverable",
                        false));
        Session after = sessionOf(run);
        assertThat(after.version()).isGreaterThan(before.version());
        assertThat(after.activity())
                .isEqualTo(new SessionActivity(
                        ExecutionState.RUNNING,
                        run.id(),
                        waiting.id(),
                        run.id(),
                        active.id(),
                        null,
                        waiting.times().createdAt(),
                        2));
    }

    @Test
    @Proves({Rule.C_2, Rule.C_5, Rule.G_3})
    void a_turn_waits_behind_another_run_of_its_session_too() {
        String session = given().name("session");
        Run first = given().runIn(session);
        Command active = given().turn(first);
        RunLease behind = given().claimed(given().runIn(session));
        Command waiting = given().turn(behind.run());

        assertThat(waiting.seq()).isEqualTo(1);
        assertThat(waiting.order()).isEqualTo(new CommandOrder(2, false, null));
        assertThat(store().commands().await(behind.fence(), 10, Duration.ZERO).commands())
                .isEmpty();
        StateConflictException refused = watch().run(behind.run())
                .refuses(
                        StateConflictException.class,
                        () -> store().commands().acknowledge(behind.fence(), waiting.id()));
        assertThat(refused.retryable()).isTrue();
        SessionActivity activity = store().sessions().get(session).activity();
        assertThat(activity.lastRunId()).isEqualTo(behind.run().id());
        assertThat(activity.lastCommandId()).isEqualTo(waiting.id());
        assertThat(activity.activeRunId()).isEqualTo(first.id());
        assertThat(activity.activeCommandId()).isEqualTo(active.id());
    }

    @Test
    @Proves({Rule.C_8, Rule.S_4, Rule.S_9})
    void the_next_turn_becomes_active_in_the_step_that_ends_the_one_before() {
        String name = given().name("session");
        RunLease first = given().claimed(given().runIn(name));
        RunLease second = given().claimed(given().runIn(name));
        Command a1 = given().acknowledgedTurn(first);
        Command b1 = given().turn(second.run());
        Command a2 = given().turn(first.run());
        Session before = store().sessions().get(name);

        Command ended = store().commands().finish(first.fence(), a1.id(), BROKEN);

        Command promoted = store().commands().get(b1.id());
        assertThat(promoted.order()).isEqualTo(new CommandOrder(2, true, null));
        assertThat(promoted.state()).isEqualTo(CommandState.PENDING);
        assertThat(store().commands().get(a2.id())).isEqualTo(a2);
        Session after = store().sessions().get(name);
        assertThat(after.version()).isGreaterThan(before.version());
        assertThat(after.activity())
                .isEqualTo(before.activity().toBuilder()
                        .activeRunId(second.run().id())
                        .activeCommandId(b1.id())
                        .lastActivityAt(ended.times().updatedAt())
                        .build());
        assertThat(given().acknowledged(second.fence(), b1).state()).isEqualTo(CommandState.ACKNOWLEDGED);
        store().commands().finish(second.fence(), b1.id(), DONE);
        assertThat(store().commands().get(a2.id()).order()).isEqualTo(new CommandOrder(3, true, null));
    }

    @Test
    @Proves({Rule.S_4, Rule.S_3, Rule.S_9})
    void without_a_next_turn_the_session_is_terminal_with_the_outcome_until_there_is_one() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(lease);

        Command ended = store().commands().finish(lease.fence(), turn.id(), BROKEN);

        Session terminal = sessionOf(lease.run());
        assertThat(terminal.activity())
                .isEqualTo(new SessionActivity(
                        ExecutionState.TERMINAL,
                        lease.run().id(),
                        turn.id(),
                        null,
                        null,
                        BROKEN.outcome(),
                        ended.times().updatedAt(),
                        1));
        Command next = given().turn(lease.run());
        Session running = sessionOf(lease.run());
        assertThat(running.version()).isGreaterThan(terminal.version());
        assertThat(running.activity().state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(running.activity().activeCommandId()).isEqualTo(next.id());
        assertThat(running.activity().outcome()).isNull();
        assertThat(running.activity().turns()).isEqualTo(2);
    }

    @Test
    @Proves({Rule.C_8, Rule.C_9, Rule.S_4})
    void cancelling_the_active_turn_makes_the_next_one_active() {
        String name = given().name("session");
        Run first = given().runIn(name);
        Run second = given().runIn(name);
        Command active = given().turn(first);
        Command next = given().turn(second);

        store().commands().cancel(active.id(), "make way");

        assertThat(store().commands().get(next.id()).order().deliverable()).isTrue();
        SessionActivity activity = store().sessions().get(name).activity();
        assertThat(activity.state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(activity.activeRunId()).isEqualTo(second.id());
        assertThat(activity.activeCommandId()).isEqualTo(next.id());
        assertThat(activity.outcome()).isNull();
    }

    @Test
    @Proves({Rule.C_9, Rule.S_4})
    void cancelling_a_waiting_turn_leaves_session_and_active_turn_as_they_are() {
        Run run = given().runIn(given().name("session"));
        Command active = given().turn(run);
        Command waiting = given().turn(run);
        Command last = given().turn(run);
        Session before = sessionOf(run);

        store().commands().cancel(waiting.id(), "no");

        assertThat(sessionOf(run)).isEqualTo(before);
        assertThat(store().commands().get(active.id())).isEqualTo(active);
        assertThat(store().commands().get(last.id())).isEqualTo(last);
        store().commands().cancel(active.id(), "no");
        assertThat(store().commands().get(last.id()).order().deliverable()).isTrue();
    }

    @Test
    @Proves({Rule.S_4, Rule.R_7})
    void the_end_of_a_run_that_is_not_active_leaves_the_session_as_it_is() {
        String name = given().name("session");
        RunLease active = given().claimed(given().runIn(name));
        Command turn = given().acknowledgedTurn(active);
        RunLease other = given().claimed(given().runIn(name));
        Command waiting = given().turn(other.run());
        Command last = given().turn(active.run());
        Session before = store().sessions().get(name);

        store().runs().finish(other.fence(), TurnResult.of(BROKEN.outcome()).withThread("thread-9", "turn-9"));

        assertThat(store().commands().get(waiting.id()).state()).isEqualTo(CommandState.CANCELLED);
        assertThat(store().sessions().get(name)).isEqualTo(before);
        assertThat(store().commands().get(turn.id())).isEqualTo(turn);
        assertThat(store().commands().get(last.id())).isEqualTo(last);
        assertThat(phases(other.run().id())).doesNotContain("session-updated");
    }

    @Test
    @Proves({Rule.S_4, Rule.R_7, Rule.C_8})
    void the_end_of_the_active_run_makes_the_next_turn_of_another_run_active() {
        String name = given().name("session");
        RunLease active = given().claimed(given().runIn(name));
        given().acknowledgedTurn(active);
        Command own = given().turn(active.run());
        Run other = given().runIn(name);
        Command next = given().turn(other);
        Session before = store().sessions().get(name);

        store().runs().finish(active.fence(), BROKEN);

        assertThat(store().commands().get(own.id()).state()).isEqualTo(CommandState.CANCELLED);
        assertThat(store().commands().get(next.id()).order().deliverable()).isTrue();
        Session after = store().sessions().get(name);
        assertThat(after.version()).isGreaterThan(before.version());
        assertThat(after.activity().state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(after.activity().activeRunId()).isEqualTo(other.id());
        assertThat(after.activity().activeCommandId()).isEqualTo(next.id());
        assertThat(after.activity().outcome()).isNull();
    }

    @Test
    @Proves({Rule.S_4, Rule.R_7})
    void the_end_of_the_active_run_without_a_next_turn_makes_the_session_terminal() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        given().acknowledgedTurn(lease);
        given().turn(lease.run());
        Session before = sessionOf(lease.run());

        Run ended = store().runs().finish(lease.fence(), BROKEN);

        Session after = sessionOf(lease.run());
        assertThat(after.version()).isGreaterThan(before.version());
        assertThat(after.activity())
                .isEqualTo(before.activity().toBuilder()
                        .state(ExecutionState.TERMINAL)
                        .activeRunId(null)
                        .activeCommandId(null)
                        .outcome(ended.outcome())
                        .lastActivityAt(ended.updatedAt())
                        .build());
    }

    @Test
    @Proves(Rule.S_4)
    void a_run_that_ends_after_its_last_turn_does_not_touch_the_session_again() {
        String name = given().name("session");
        RunLease first = given().claimed(given().runIn(name));
        Command turn = given().acknowledgedTurn(first);
        store().commands().finish(first.fence(), turn.id(), DONE);
        Run second = given().runIn(name);
        Command next = given().turn(second);
        Session before = store().sessions().get(name);

        store().runs().finish(first.fence(), BROKEN);

        assertThat(store().sessions().get(name)).isEqualTo(before);
        assertThat(before.activity().activeCommandId()).isEqualTo(next.id());
    }

    @Test
    @Proves({Rule.C_2, Rule.C_8})
    void turns_of_a_run_without_a_session_wait_in_their_run() {
        RunLease lease = given().claimed();
        given().turn(given().run());
        List<Command> turns = new ArrayList<>();
        turns.add(given().turn(lease.run()));
        given().steer(lease.run());
        turns.add(given().turn(lease.run()));
        turns.add(given().turn(lease.run()));

        assertThat(turns)
                .extracting(Command::order)
                .containsExactly(
                        new CommandOrder(1, true, null),
                        new CommandOrder(3, false, null),
                        new CommandOrder(4, false, null));
        for (int i = 0; i < 3; i++) {
            Command turn = given().acknowledged(lease.fence(), turns.get(i));
            store().commands().finish(lease.fence(), turn.id(), i == 1 ? BROKEN : DONE);
            if (i < 2) {
                assertThat(store().commands().get(turns.get(i + 1).id()).order().deliverable())
                        .isTrue();
            }
        }
    }

    @Test
    @Proves({Rule.P_1, Rule.G_3})
    void lost_storage_refuses_a_turn_of_a_run_that_is_open() {
        Run run = given().runIn(given().name("session"));
        Session missing = given().missing(sessionOf(run));

        SessionStorageException refused =
                watch().run(run).refuses(SessionStorageException.class, () -> given().turn(run));

        assertThat(refused.sessionId()).isEqualTo(missing.id());
        assertThat(refused.state()).isEqualTo(StorageState.MISSING);
        assertThat(refused.failureKind()).isEqualTo(FailureKind.SESSION_STORAGE_MISSING);
    }

    @Test
    @Proves(Rule.P_1)
    void lost_storage_still_lets_the_host_steer_and_the_runner_finish() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(lease);
        given().missing(sessionOf(lease.run()));

        assertThat(given().steer(lease.run()).state()).isEqualTo(CommandState.PENDING);
        assertThat(store().commands().finish(lease.fence(), turn.id(), DONE).state())
                .isEqualTo(CommandState.COMPLETED);
        assertThat(store().runs().finish(lease.fence(), DONE).isTerminal()).isTrue();
    }
}
