package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandPage;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandType;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.error.FailureKind;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Commands from their creation to their acknowledgement: numbers, keys, and what a steer needs.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class CommandSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    /** For adapters. */
    protected CommandSuite() {}

    @Test
    @Proves({Rule.C_1, Rule.G_5})
    void a_command_begins_pending_with_what_it_was_given() {
        Run run = given().run();
        JsonObject payload = JsonObject.parse("{\"prompt\":\"say \\\"ö\\\"\",\"n\":[1.0,{\"deep\":null}]}");

        Command turn = store().commands().create(run.id(), NewCommand.turn(payload));

        assertThat(turn.id()).startsWith("cmd_");
        assertThat(turn.runId()).isEqualTo(run.id());
        assertThat(turn.seq()).isEqualTo(1);
        assertThat(turn.type()).isEqualTo(CommandType.TURN);
        assertThat(turn.payload()).isEqualTo(payload);
        assertThat(turn.state()).isEqualTo(CommandState.PENDING);
        assertThat(turn.order()).isEqualTo(new CommandOrder(1, true, null));
        assertThat(turn.outcome()).isNull();
        assertThat(turn.idempotency()).isNull();
        assertThat(turn.times().updatedAt()).isEqualTo(turn.times().createdAt());
        assertThat(turn.times().acknowledgedAt()).isNull();
        assertThat(second().commands().get(turn.id())).isEqualTo(turn);
        assertThat(lastEvent(run.id()).createdAt()).isEqualTo(turn.times().createdAt());
        assertThat(lastEvent(run.id()).payload())
                .isEqualTo(JsonObject.of(
                        "phase",
                        "command-created",
                        "commandId",
                        turn.id(),
                        "commandType",
                        "turn",
                        "deliverable",
                        true));
    }

    @Test
    @Proves(Rule.C_1)
    void commands_are_numbered_in_their_run_and_listed_by_number() {
        Run run = given().run();
        List<Command> made = new ArrayList<>();
        made.add(given().turn(run));
        made.add(given().steer(run));
        given().turn(given().run());
        made.add(given().turn(run));
        made.add(store().commands().create(run.id(), NewCommand.interrupt(JsonObject.empty())));
        made.add(given().turn(run));

        assertThat(made).extracting(Command::seq).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(store().commands().list(run.id(), 0, 500)).isEqualTo(new CommandPage(run.id(), made, 5));
        assertThat(store().commands().list(run.id(), 1, 2)).isEqualTo(new CommandPage(run.id(), made.subList(1, 3), 3));
        assertThat(second().commands().list(run.id(), 5, 2)).isEqualTo(new CommandPage(run.id(), List.of(), 5));
        assertThat(store().commands().list(run.id(), 99, 2)).isEqualTo(new CommandPage(run.id(), List.of(), 99));
    }

    @Test
    @Proves({Rule.C_1, Rule.R_6, Rule.G_3})
    void a_run_that_was_asked_to_cancel_takes_no_commands() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        given().acknowledgedTurn(lease);
        Run asked = store().runs().cancel(lease.run().id(), "asked");
        List<NewCommand> inputs = List.of(
                given().newTurn("more"),
                NewCommand.steer(JsonObject.empty()),
                NewCommand.interrupt(JsonObject.empty()));

        for (NewCommand input : inputs) {
            StateConflictException refused = watch().run(asked)
                    .refuses(
                            StateConflictException.class,
                            () -> store().commands().create(asked.id(), input));

            assertThat(refused.what()).isEqualTo("run");
            assertThat(refused.id()).isEqualTo(asked.id());
            assertThat(refused.retryable()).isFalse();
        }
    }

    @Test
    @Proves(Rule.G_2)
    void what_does_not_exist_is_not_found() {
        Watch watch = watch();

        assertThat(watch.refuses(
                                NotFoundException.class,
                                () -> store().commands().create("run_none", given().newTurn("x")))
                        .what())
                .isEqualTo("run");
        assertThat(watch.refuses(
                                NotFoundException.class,
                                () -> store().commands().list("run_none", 0, 1))
                        .what())
                .isEqualTo("run");
        assertThat(watch.refuses(
                                NotFoundException.class,
                                () -> store().commands().get("cmd_none"))
                        .what())
                .isEqualTo("command");
        assertThat(watch.refuses(
                                NotFoundException.class,
                                () -> store().commands().cancel("cmd_none", "why"))
                        .what())
                .isEqualTo("command");
    }

    @Test
    @Proves({Rule.I_1, Rule.G_2})
    void a_key_that_was_used_returns_the_first_command_also_after_the_end() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Run run = lease.run();
        NewCommand input = given().newTurn("once").withIdempotencyKey("k");
        Command first = store().commands().create(run.id(), input);
        Watch watch = watch().run(run);

        assertThat(first.idempotency()).isNotNull();
        assertThat(watch.unchangedBy(() -> second().commands().create(run.id(), input)))
                .isEqualTo(first);
        assertThat(watch.unchangedBy(() -> store().commands().create(run.id(), input.withOnBusy(OnBusy.REJECT))))
                .isEqualTo(first);
        store().runs().cancel(run.id(), "asked");
        assertThat(watch.unchangedBy(() -> store().commands().create(run.id(), input)))
                .isEqualTo(first);
        store().runs().cancel(run.id(), "now", CancelMode.FORCE);
        given().evicted(sessionOf(run));
        Command ended = store().commands().get(first.id());
        assertThat(watch.unchangedBy(() -> store().commands().create(run.id(), input)))
                .isEqualTo(ended);
        assertThat(ended.state()).isEqualTo(CommandState.CANCELLED);
    }

    @Test
    @Proves({Rule.I_1, Rule.G_2})
    void the_key_of_a_steer_returns_it_after_its_turn_has_ended() {
        Run run = given().run();
        Command turn = given().turn(run);
        NewCommand input =
                NewCommand.steer(JsonObject.empty()).expecting(turn.id()).withIdempotencyKey("k");
        Command steer = store().commands().create(run.id(), input);
        store().commands().cancel(turn.id(), "no");

        Command again = watch().run(run).unchangedBy(() -> store().commands().create(run.id(), input));

        assertThat(again).isEqualTo(store().commands().get(steer.id()));
    }

    @Test
    @Proves({Rule.I_1, Rule.G_3})
    void a_key_with_other_content_is_a_conflict_another_type_too() {
        Run run = given().run();
        JsonObject payload = JsonObject.of("prompt", "once");
        Command first =
                store().commands().create(run.id(), NewCommand.turn(payload).withIdempotencyKey("k"));
        List<NewCommand> others = List.of(
                given().newTurn("twice").withIdempotencyKey("k"),
                NewCommand.steer(payload).withIdempotencyKey("k"),
                NewCommand.interrupt(payload).withIdempotencyKey("k"));

        for (NewCommand other : others) {
            IdempotencyConflictException refused = watch().run(run)
                    .refuses(
                            IdempotencyConflictException.class,
                            () -> store().commands().create(run.id(), other));
            assertThat(refused.key()).isEqualTo("k");
        }
        assertThat(store().commands().get(first.id())).isEqualTo(first);
    }

    @Test
    @Proves(Rule.I_1)
    void a_key_belongs_to_its_run_and_equal_json_is_equal_content() {
        Run run = given().run();
        NewCommand input =
                NewCommand.turn(JsonObject.parse("{\"a\":1,\"b\":2.50}")).withIdempotencyKey("k");
        NewCommand same =
                NewCommand.turn(JsonObject.parse("{\"b\":2.5,\"a\":1.0}")).withIdempotencyKey("k");
        Command first = store().commands().create(run.id(), input);

        assertThat(store().commands().create(run.id(), same)).isEqualTo(first);
        assertThat(store().commands().create(given().run().id(), input).id()).isNotEqualTo(first.id());
    }

    @Test
    @Proves(Rule.C_4)
    void a_steer_or_interrupt_is_for_the_active_turn_and_leaves_the_session_as_it_is() {
        Run run = given().runIn(given().name("session"));
        Command turn = given().turn(run);
        Session session = sessionOf(run);
        List<NewCommand> inputs = List.of(
                NewCommand.steer(JsonObject.of("a", 1)),
                NewCommand.interrupt(JsonObject.of("a", 1)),
                NewCommand.steer(JsonObject.empty()).expecting(turn.id()),
                NewCommand.interrupt(JsonObject.empty()).expecting(turn.id()));

        for (NewCommand input : inputs) {
            Command command = store().commands().create(run.id(), input);

            assertThat(command.type()).isEqualTo(input.type());
            assertThat(command.order()).isEqualTo(new CommandOrder(0, true, turn.id()));
            assertThat(lastEvent(run.id()).payload())
                    .isEqualTo(JsonObject.of(
                            "phase",
                            "command-created",
                            "commandId",
                            command.id(),
                            "commandType",
                            input.type().wire(),
                            "deliverable",
                            true));
        }
        assertThat(store().sessions().get(session.id())).isEqualTo(session);
    }

    @Test
    @Proves({Rule.C_4, Rule.G_3})
    void a_steer_without_an_active_turn_in_its_own_run_is_a_conflict() {
        String session = given().name("session");
        Run bare = given().run();
        Run ended = given().run();
        store().commands().cancel(given().turn(ended).id(), "no");
        Run active = given().runIn(session);
        given().turn(active);
        Run waiting = given().runIn(session);
        given().turn(waiting);

        for (Run run : List.of(bare, ended, waiting)) {
            for (NewCommand input :
                    List.of(NewCommand.steer(JsonObject.empty()), NewCommand.interrupt(JsonObject.empty()))) {
                watch().run(run)
                        .refuses(
                                StateConflictException.class,
                                () -> store().commands().create(run.id(), input));
            }
        }
    }

    @Test
    @Proves({Rule.C_4, Rule.G_3})
    void a_steer_for_another_turn_than_the_active_one_is_a_conflict() {
        Run run = given().run();
        Command ended = given().turn(run);
        store().commands().cancel(ended.id(), "no");
        given().turn(run);
        Command waiting = given().turn(run);
        Command elsewhere = given().turn(given().run());

        for (String expected : List.of(ended.id(), waiting.id(), elsewhere.id(), "cmd_none")) {
            watch().run(run)
                    .refuses(
                            StateConflictException.class,
                            () -> store().commands()
                                    .create(
                                            run.id(),
                                            NewCommand.steer(JsonObject.empty()).expecting(expected)));
        }
    }

    @Test
    @Proves({Rule.C_6, Rule.G_5})
    void acknowledging_takes_a_command_and_the_first_turn_sets_its_run_running() {
        RunLease lease = given().claimed();
        Command turn = given().turn(lease.run());
        int events = events(lease.run().id()).size();
        advance(Duration.ofSeconds(2));

        Command taken = store().commands().acknowledge(lease.fence(), turn.id());

        assertThat(taken)
                .isEqualTo(turn.toBuilder()
                        .state(CommandState.ACKNOWLEDGED)
                        .times(taken.times())
                        .build());
        assertThat(taken.times().createdAt()).isEqualTo(turn.times().createdAt());
        assertThat(taken.times().acknowledgedAt())
                .isEqualTo(taken.times().updatedAt())
                .isAfter(turn.times().createdAt());
        assertThat(store().commands().get(turn.id())).isEqualTo(taken);
        Run running = store().runs().get(lease.run().id());
        assertThat(running.status()).isEqualTo(RunStatus.RUNNING);
        assertThat(running.claim()).isEqualTo(lease.run().claim());
        assertThat(running.updatedAt())
                .isEqualTo(taken.times().acknowledgedAt())
                .isAfter(lease.run().updatedAt());
        assertThat(events(lease.run().id())).hasSize(events);
    }

    @Test
    @Proves(Rule.C_6)
    void acknowledging_a_steer_does_not_set_its_run_running() {
        RunLease lease = given().claimed();
        Command turn = given().turn(lease.run());
        Command steer = given().steer(lease.run());

        assertThat(given().acknowledged(lease.fence(), steer).state()).isEqualTo(CommandState.ACKNOWLEDGED);

        assertThat(store().runs().get(lease.run().id())).isEqualTo(lease.run());
        given().acknowledged(lease.fence(), turn);
        assertThat(store().runs().get(lease.run().id()).status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    @Proves(Rule.C_6)
    void a_second_acknowledgement_changes_nothing() {
        RunLease lease = given().claimed();
        Command taken = given().acknowledgedTurn(lease);
        Watch watch = watch().run(lease.run());
        advance(Duration.ofSeconds(2));

        assertThat(watch.unchangedBy(() -> second().commands().acknowledge(lease.fence(), taken.id())))
                .isEqualTo(taken);

        Command ended = store().commands().finish(lease.fence(), taken.id(), DONE);
        assertThat(watch.unchangedBy(() -> store().commands().acknowledge(lease.fence(), taken.id())))
                .isEqualTo(ended);
    }

    @Test
    @Proves({Rule.C_6, Rule.C_2, Rule.G_3})
    void a_waiting_turn_cannot_be_acknowledged_yet() {
        RunLease lease = given().claimed();
        given().acknowledgedTurn(lease);
        Command waiting = given().turn(lease.run());

        StateConflictException refused = watch().run(lease.run())
                .refuses(
                        StateConflictException.class,
                        () -> store().commands().acknowledge(lease.fence(), waiting.id()));

        assertThat(refused.what()).isEqualTo("command");
        assertThat(refused.id()).isEqualTo(waiting.id());
        assertThat(refused.retryable()).isTrue();
        assertThat(refused.failureKind()).isEqualTo(FailureKind.SCHEMA_INVALID);
    }
}
