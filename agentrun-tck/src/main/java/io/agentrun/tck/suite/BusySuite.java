package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandType;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.error.SessionBusyException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Session;
import io.agentrun.session.SessionActivity;
import io.agentrun.tck.Proves;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What becomes of a turn that meets another one, and which thread a session remembers.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class BusySuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final String OVERTAKEN = "interrupted by a newer turn";

    /** For adapters. */
    protected BusySuite() {}

    @Test
    @Proves(Rule.C_3)
    void every_choice_makes_the_turn_active_where_none_is_open() {
        for (OnBusy choice : OnBusy.values()) {
            Run inSession = given().runIn(given().name("session"));
            Run alone = given().run();

            for (Run run : List.of(inSession, alone)) {
                Command turn = store().commands()
                        .create(run.id(), given().newTurn("go").withOnBusy(choice));

                assertThat(turn.order()).isEqualTo(new CommandOrder(1, true, null));
            }
        }
    }

    @Test
    @Proves({Rule.C_3, Rule.G_3})
    void reject_refuses_a_turn_while_another_is_open_in_the_session() {
        String session = given().name("session");
        Run first = given().runIn(session);
        Command active = given().turn(first);
        Run second = given().runIn(session);

        for (Run run : List.of(first, second)) {
            SessionBusyException refused = watch().run(first)
                    .run(second)
                    .refuses(
                            SessionBusyException.class,
                            () -> store().commands()
                                    .create(run.id(), given().newTurn("go").withOnBusy(OnBusy.REJECT)));

            assertThat(refused.sessionId()).isEqualTo(session);
            assertThat(refused.activeCommandId()).isEqualTo(active.id());
            assertThat(refused.retryable()).isTrue();
        }
    }

    @Test
    @Proves({Rule.C_3, Rule.G_3})
    void reject_refuses_a_turn_while_another_is_open_in_a_run_without_session() {
        Run run = given().run();
        Command active = given().turn(run);
        given().steer(run);

        SessionBusyException refused = watch().run(run)
                .refuses(
                        SessionBusyException.class,
                        () -> store().commands()
                                .create(run.id(), given().newTurn("go").withOnBusy(OnBusy.REJECT)));

        assertThat(refused.sessionId()).isNull();
        assertThat(refused.activeCommandId()).isEqualTo(active.id());
    }

    @Test
    @Proves({Rule.C_3, Rule.C_8})
    void interrupt_cancels_an_active_turn_that_nobody_has_taken_and_takes_its_place() {
        String session = given().name("session");
        Run first = given().runIn(session);
        Command overtaken = given().turn(first);
        Command steer = given().steer(first);
        Run second = given().runIn(session);

        Command turn = interrupting(second);

        Command cancelled = store().commands().get(overtaken.id());
        assertThat(cancelled.state()).isEqualTo(CommandState.CANCELLED);
        assertThat(cancelled.outcome()).isEqualTo(Outcome.cancelled(OVERTAKEN));
        assertThat(store().commands().get(steer.id()).state()).isEqualTo(CommandState.CANCELLED);
        assertThat(turn.order()).isEqualTo(new CommandOrder(2, true, null));
        assertThat(phases(first.id())).endsWith("command-terminal", "command-terminal");
        assertThat(lastEvent(second.id()).payload().bool("deliverable")).contains(true);
        SessionActivity activity = store().sessions().get(session).activity();
        assertThat(activity.state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(activity.activeRunId()).isEqualTo(second.id());
        assertThat(activity.activeCommandId()).isEqualTo(turn.id());
        assertThat(activity.outcome()).isNull();
        assertThat(activity.turns()).isEqualTo(2);
    }

    @Test
    @Proves({Rule.C_3, Rule.C_2})
    void interrupt_lets_turns_that_already_wait_go_first() {
        Run run = given().runIn(given().name("session"));
        Command overtaken = given().turn(run);
        Command waiting = given().turn(run);

        Command turn = interrupting(run);

        assertThat(store().commands().get(overtaken.id()).state()).isEqualTo(CommandState.CANCELLED);
        assertThat(store().commands().get(waiting.id()).order().deliverable()).isTrue();
        assertThat(turn.order()).isEqualTo(new CommandOrder(3, false, null));
        SessionActivity activity = sessionOf(run).activity();
        assertThat(activity.activeCommandId()).isEqualTo(waiting.id());
        assertThat(activity.lastCommandId()).isEqualTo(turn.id());
    }

    @Test
    @Proves({Rule.C_3, Rule.C_4})
    void interrupt_asks_the_runner_of_an_acknowledged_turn_once_and_waits() {
        String session = given().name("session");
        RunLease first = given().claimed(given().runIn(session));
        Command active = given().acknowledgedTurn(first);
        Run second = given().runIn(session);

        Command turn = interrupting(second);
        Command another = interrupting(second);

        List<Command> commands = Watch.commands(store(), first.run().id());
        assertThat(commands).hasSize(2);
        Command interrupt = commands.get(1);
        assertThat(interrupt.type()).isEqualTo(CommandType.INTERRUPT);
        assertThat(interrupt.state()).isEqualTo(CommandState.PENDING);
        assertThat(interrupt.payload()).isEqualTo(JsonObject.empty());
        assertThat(interrupt.order()).isEqualTo(new CommandOrder(0, true, active.id()));
        assertThat(lastEvent(first.run().id()).payload())
                .isEqualTo(JsonObject.of(
                        "phase",
                        "command-created",
                        "commandId",
                        interrupt.id(),
                        "commandType",
                        "interrupt",
                        "deliverable",
                        true));
        assertThat(turn.order()).isEqualTo(new CommandOrder(2, false, null));
        assertThat(another.order()).isEqualTo(new CommandOrder(3, false, null));
        assertThat(store().commands().get(active.id())).isEqualTo(active);
        assertThat(store().sessions().get(session).activity().activeCommandId()).isEqualTo(active.id());
    }

    @Test
    @Proves({Rule.C_3, Rule.C_1})
    void interrupt_within_one_run_numbers_the_interrupt_before_the_turn() {
        RunLease lease = given().claimed();
        Command active = given().acknowledgedTurn(lease);

        Command turn = interrupting(lease.run());

        List<Command> commands = Watch.commands(store(), lease.run().id());
        assertThat(commands)
                .extracting(Command::type)
                .containsExactly(CommandType.TURN, CommandType.INTERRUPT, CommandType.TURN);
        assertThat(commands).extracting(Command::seq).containsExactly(1L, 2L, 3L);
        assertThat(commands.get(2)).isEqualTo(turn);
        assertThat(phases(lease.run().id())).endsWith("command-created", "command-created");
        store().commands().finish(lease.fence(), active.id(), DONE);
        assertThat(store().commands().get(commands.get(1).id()).state()).isEqualTo(CommandState.CANCELLED);
        assertThat(store().commands().get(turn.id()).order().deliverable()).isTrue();
    }

    @Test
    @Proves(Rule.C_3)
    void interrupt_makes_no_second_one_while_the_hosts_own_is_open() {
        RunLease lease = given().claimed();
        given().acknowledgedTurn(lease);
        Command own = store().commands().create(lease.run().id(), NewCommand.interrupt(JsonObject.of("by", "host")));

        Command turn = interrupting(lease.run());

        assertThat(Watch.commands(store(), lease.run().id())).hasSize(3).contains(own, turn);
    }

    @Test
    @Proves({Rule.S_5, Rule.C_7, Rule.S_9})
    void a_finished_turn_stores_its_thread_with_the_session() {
        Session before = store().sessions()
                .upsert(given().newSession()
                        .conversationId("conversation-1")
                        .threadId("thread-old")
                        .metadata(JsonObject.of("kept", true))
                        .build());
        RunLease lease = given().claimed(given().runIn(before.id()));
        Command turn = given().acknowledgedTurn(lease);

        store().commands().finish(lease.fence(), turn.id(), DONE.withThread("thread-new", "turn-7"));

        Session after = store().sessions().get(before.id());
        assertThat(after.thread().threadId()).isEqualTo("thread-new");
        assertThat(after.thread().conversationId()).isEqualTo("conversation-1");
        assertThat(after.metadata()).isEqualTo(JsonObject.of("kept", true, "lastTurnId", "turn-7"));
        assertThat(after.version()).isGreaterThan(before.version());
        assertThat(phases(lease.run().id())).endsWith("session-updated", "command-terminal");
        assertThat(events(lease.run().id()).get(3).payload())
                .isEqualTo(JsonObject.of(
                        "phase",
                        "session-updated",
                        "sessionId",
                        before.id(),
                        "threadId",
                        "thread-new",
                        "turnId",
                        "turn-7"));
    }

    @Test
    @Proves({Rule.S_5, Rule.R_3})
    void a_finished_run_stores_its_thread_and_keeps_what_the_host_changed_meanwhile() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        given().acknowledgedTurn(lease);
        store().sessions()
                .upsert(given().newSession().build().toBuilder()
                        .sessionId(sessionOf(lease.run()).id())
                        .title("Changed meanwhile")
                        .metadata(JsonObject.of("meanwhile", 1))
                        .build());

        Run ended = store().runs().finish(lease.fence(), DONE.withThread("thread-9", null));

        Session after = sessionOf(lease.run());
        assertThat(after.title()).isEqualTo("Changed meanwhile");
        assertThat(after.metadata()).isEqualTo(JsonObject.of("meanwhile", 1));
        assertThat(after.thread().threadId()).isEqualTo("thread-9");
        assertThat(phases(ended.id())).endsWith("session-updated", "command-terminal", "terminal_status");
        assertThat(store().runs().get(ended.id())).isEqualTo(ended);
    }

    @Test
    @Proves({Rule.S_5, Rule.S_4})
    void a_run_that_is_not_active_stores_no_thread() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Session before = sessionOf(lease.run());

        store().runs().finish(lease.fence(), DONE.withThread("thread-9", "turn-9"));

        assertThat(store().sessions().get(before.id())).isEqualTo(before);
        assertThat(phases(lease.run().id())).doesNotContain("session-updated");
    }

    private Command interrupting(Run run) {
        return store().commands().create(run.id(), given().newTurn("go").withOnBusy(OnBusy.INTERRUPT));
    }
}
