package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandTimes;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Heartbeats and acknowledgements of many runs in one call.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class BatchSuite extends ConformanceSuite {

    private static final Duration LONGER = Duration.ofMinutes(10);
    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    /** For adapters. */
    protected BatchSuite() {}

    @Test
    @Proves({Rule.G_10, Rule.L_6})
    void each_lease_gets_the_answer_that_a_heartbeat_alone_gives_it() {
        RunLease live = given().claimed();
        RunLease busy = given().claimed();
        given().turn(busy.run());
        RunLease asked = given().claimed();
        Run request = store().runs().cancel(asked.run().id(), "asked");
        RunLease lost = given().claimed();
        store().leases().release(lost.fence());
        RunLease forced = given().claimed();
        store().runs().cancel(forced.run().id(), "now", CancelMode.FORCE);
        RunLease ended = given().claimed();
        store().runs().finish(ended.fence(), DONE);

        List<ItemAnswer<Heartbeat>> answers = store().leases()
                .heartbeatAll(
                        List.of(ended.fence(), live.fence(), forced.fence(), busy.fence(), lost.fence(), asked.fence()),
                        LONGER);

        List<Heartbeat> beats = answers.stream().map(ItemAnswer::orThrow).toList();
        assertThat(beats)
                .extracting(Heartbeat::signal)
                .containsExactly(
                        LeaseSignal.ENDED,
                        LeaseSignal.CONTINUE,
                        LeaseSignal.LEASE_LOST,
                        LeaseSignal.CONTINUE,
                        LeaseSignal.LEASE_LOST,
                        LeaseSignal.CANCEL_REQUESTED);
        assertThat(beats)
                .extracting(Heartbeat::commandsWaiting)
                .containsExactly(false, false, false, true, false, false);
        assertThat(beats.get(5).cancelRequest()).isEqualTo(request.cancelRequest());
        for (RunLease kept : List.of(live, busy, asked)) {
            assertThat(store().runs().get(kept.run().id()).lease().orElseThrow().expiresAt())
                    .isEqualTo(kept.run().updatedAt().plus(LONGER));
        }
        assertThat(beats.get(1).expiresAt()).isEqualTo(live.run().updatedAt().plus(LONGER));
    }

    @Test
    @Proves({Rule.G_10, Rule.L_6, Rule.C_8})
    void a_turn_that_waits_behind_another_is_no_command_that_waits_for_its_runner() {
        RunLease busy = given().claimed();
        given().acknowledgedTurn(busy);
        given().turn(busy.run());

        assertThat(store().leases()
                        .heartbeatAll(List.of(busy.fence()), LONGER)
                        .get(0)
                        .orThrow()
                        .commandsWaiting())
                .isFalse();
    }

    @Test
    @Proves({Rule.G_10, Rule.C_6})
    void the_first_turn_of_a_lease_begins_it_and_a_steer_does_not() {
        RunLease steered = given().claimed(given().runIn(given().name("session")));
        Command turn = given().turn(steered.run());
        Command steer = given().steer(steered.run());

        store().commands().acknowledgeAll(List.of(new Acknowledgement(steered.fence(), steer.id())));
        assertThat(store().runs().get(steered.run().id()).status()).isEqualTo(RunStatus.CLAIMED);
        store().commands().acknowledgeAll(List.of(new Acknowledgement(steered.fence(), turn.id())));
        assertThat(store().runs().get(steered.run().id()).status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    @Proves({Rule.G_10, Rule.V_1})
    void calls_for_many_in_a_view_of_another_project_find_none() {
        RunLease lease = given().claimed();
        Command turn = given().turn(lease.run());
        AgentRunStore beside =
                store().within(TenantScope.project(given().owner().tenantId(), given().name("project")));
        Watch watch = watch().run(lease.run());

        watch.unchangedBy(() -> {
            assertThat(refusal(beside.leases()
                            .heartbeatAll(List.of(lease.fence()), LONGER)
                            .get(0)))
                    .isEqualTo(NotFoundException.class);
            assertThat(refusal(beside.commands()
                            .acknowledgeAll(List.of(new Acknowledgement(lease.fence(), turn.id())))
                            .get(0)))
                    .isEqualTo(NotFoundException.class);
            return turn;
        });
    }

    @Test
    @Proves({Rule.G_10, Rule.L_6, Rule.L_1})
    void a_heartbeat_for_a_run_that_is_not_there_or_another_holder_stops_none_of_the_others() {
        RunLease live = given().claimed();
        Fence unknown = Given.forged("run_unknown", Given.RUNNER, 1);
        Fence foreign = Given.forged(given().claimed().run().id(), Given.OTHER_RUNNER, 1);

        List<ItemAnswer<Heartbeat>> answers =
                store().leases().heartbeatAll(List.of(unknown, live.fence(), foreign, live.fence()), LONGER);

        assertThat(answers).hasSize(4);
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> answers.get(0).orThrow());
        assertThat(answers.get(1).orThrow().signal()).isEqualTo(LeaseSignal.CONTINUE);
        assertThat(answers.get(2).orThrow()).isEqualTo(Heartbeat.over(LeaseSignal.LEASE_LOST));
        assertThat(answers.get(3)).isEqualTo(answers.get(1));
    }

    @Test
    @Proves({Rule.G_10, Rule.C_6})
    void each_command_is_acknowledged_for_its_fence() {
        RunLease first = given().claimed();
        Command turn = given().turn(first.run());
        Command steer = given().steer(first.run());
        RunLease second = given().claimed();
        Command other = given().turn(second.run());

        List<ItemAnswer<Command>> answers = store().commands()
                .acknowledgeAll(List.of(
                        new Acknowledgement(second.fence(), other.id()),
                        new Acknowledgement(first.fence(), turn.id()),
                        new Acknowledgement(first.fence(), steer.id())));

        List<Command> acknowledged = answers.stream().map(ItemAnswer::orThrow).toList();
        assertThat(acknowledged).extracting(Command::id).containsExactly(other.id(), turn.id(), steer.id());
        for (Command command : acknowledged) {
            assertThat(command.state()).isEqualTo(CommandState.ACKNOWLEDGED);
            assertThat(store().commands().get(command.id())).isEqualTo(command);
            assertThat(store().runs().get(command.runId()).status()).isEqualTo(RunStatus.RUNNING);
        }
    }

    @Test
    @Proves({Rule.G_10, Rule.C_6, Rule.C_2, Rule.L_1, Rule.G_3})
    void a_command_that_is_refused_stops_none_of_the_others() {
        RunLease lease = given().claimed();
        Command turn = given().turn(lease.run());
        Command waiting = given().turn(lease.run());
        RunLease again = given().claimed();
        Command known = given().acknowledgedTurn(again);
        RunLease lost = given().claimed();
        Command late = given().turn(lost.run());
        store().leases().release(lost.fence());
        Watch watch = watch().run(lost.run()).run(again.run());

        List<ItemAnswer<Command>> answers = watch.unchangedBy(() -> store().commands()
                .acknowledgeAll(List.of(
                        new Acknowledgement(lease.fence(), waiting.id()),
                        new Acknowledgement(lost.fence(), late.id()),
                        new Acknowledgement(lease.fence(), "cmd_unknown"),
                        new Acknowledgement(lease.fence(), known.id()),
                        new Acknowledgement(Given.forged("run_unknown", Given.RUNNER, 1), turn.id()),
                        new Acknowledgement(again.fence(), known.id()),
                        new Acknowledgement(lease.fence(), turn.id()))));

        assertThat(answers.stream().map(BatchSuite::refusal).toList())
                .containsExactly(
                        StateConflictException.class,
                        LeaseConflictException.class,
                        NotFoundException.class,
                        NotFoundException.class,
                        NotFoundException.class,
                        Command.class,
                        Command.class);
        assertThat(answers.get(5).orThrow()).isEqualTo(known);
        assertThat(answers.get(6).orThrow().state()).isEqualTo(CommandState.ACKNOWLEDGED);
        assertThat(store().commands().get(waiting.id())).isEqualTo(waiting);
    }

    private static Class<?> refusal(ItemAnswer<?> answer) {
        return answer instanceof ItemAnswer.Refused<?> refused ? refused.error().getClass() : Command.class;
    }

    @Test
    @Proves({Rule.G_10, Rule.G_1})
    void a_call_for_none_answers_nothing_and_one_for_too_many_is_refused() {
        Fence fence = given().claimed().fence();

        assertThat(store().leases().heartbeatAll(List.of(), LONGER)).isEmpty();
        assertThat(store().commands().acknowledgeAll(List.of())).isEmpty();
        assertThat(store().leases().heartbeatAll(Collections.nCopies(1_000, fence), LONGER))
                .hasSize(1_000)
                .allMatch(answer -> answer.orThrow().signal() == LeaseSignal.CONTINUE);
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> store().leases().heartbeatAll(Collections.nCopies(1_001, fence), LONGER));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> store().commands()
                        .acknowledgeAll(Collections.nCopies(1_001, new Acknowledgement(fence, "cmd_x"))));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> store().leases().heartbeatAll(List.of(fence), Duration.ofDays(2)));
    }

    @Test
    @Proves({Rule.G_10, Rule.L_6, Rule.C_6})
    void calls_for_many_that_meet_answer_for_each() {
        List<RunLease> leases =
                IntStream.range(0, 8).mapToObj(i -> given().claimed()).collect(Collectors.toCollection(ArrayList::new));
        List<Acknowledgement> turns = leases.stream()
                .map(lease -> new Acknowledgement(
                        lease.fence(), given().turn(lease.run()).id()))
                .collect(Collectors.toCollection(ArrayList::new));
        List<Fence> fences = leases.stream().map(RunLease::fence).toList();
        List<Fence> backwards = new ArrayList<>(fences);
        Collections.reverse(backwards);

        List<Race.Finish<Integer>> finishes = Race.of(6, i -> () -> {
            if (i < 2) {
                return done(store().commands().acknowledgeAll(turns));
            }
            return done(second().leases().heartbeatAll(i % 2 == 0 ? fences : backwards, LONGER));
        });

        assertThat(Race.failures(finishes)).isEmpty();
        assertThat(Race.values(finishes)).containsOnly(8);
    }

    private static int done(List<? extends ItemAnswer<?>> answers) {
        answers.forEach(ItemAnswer::orThrow);
        return answers.size();
    }

    @Test
    @Proves({Rule.G_10, Rule.L_1})
    void a_fence_that_was_written_by_hand_does_nothing_among_others() {
        RunLease live = given().claimed();
        RunLease held = given().claimed();
        Command turn = given().turn(held.run());
        Command own = given().turn(live.run());
        Fence forged = Given.forged(held.fence());
        Watch watch = watch().run(held.run());

        List<ItemAnswer<Heartbeat>> beats =
                watch.unchangedBy(() -> store().leases().heartbeatAll(List.of(live.fence(), forged), LONGER));
        List<ItemAnswer<Command>> answers = watch.unchangedBy(() -> store().commands()
                .acknowledgeAll(
                        List.of(new Acknowledgement(live.fence(), own.id()), new Acknowledgement(forged, turn.id()))));

        assertThat(beats.get(0).orThrow().signal()).isEqualTo(LeaseSignal.CONTINUE);
        assertThat(beats.get(1).orThrow()).isEqualTo(Heartbeat.over(LeaseSignal.LEASE_LOST));
        assertThat(answers.stream().map(BatchSuite::refusal).toList())
                .containsExactly(Command.class, LeaseConflictException.class);
    }

    @Test
    @Proves({Rule.G_10, Rule.C_6})
    void a_command_that_is_acknowledged_among_others_says_when() {
        RunLease lease = given().claimed();
        Command turn = given().turn(lease.run());
        advance(Duration.ofSeconds(7));

        store().commands().acknowledgeAll(List.of(new Acknowledgement(lease.fence(), turn.id())));

        Instant now = turn.times().createdAt().plusSeconds(7);
        assertThat(second().commands().get(turn.id()).times())
                .isEqualTo(new CommandTimes(turn.times().createdAt(), now, now));
    }

    @Test
    @Proves({Rule.V_1, Rule.E_2})
    void events_from_a_view_of_another_project_that_meet_those_of_the_host_are_refused() {
        AgentRunStore beside =
                store().within(TenantScope.project(given().owner().tenantId(), given().name("project")));
        NewEvent event = new NewEvent(EventType.DIFF, JsonObject.empty());
        for (int round = 0; round < 20; round++) {
            String id = given().run().id();
            int before = events(id).size();

            List<Race.Finish<List<RunEvent>>> finishes = Race.of(
                    12, i -> () -> (i % 2 == 0 ? store() : beside).events().appendUnfenced(id, List.of(event)));

            for (int i = 0; i < finishes.size(); i++) {
                if (i % 2 == 0) {
                    assertThat(finishes.get(i).failure()).isNull();
                } else {
                    assertThat(finishes.get(i).failure()).isExactlyInstanceOf(NotFoundException.class);
                }
            }
            assertThat(events(id)).hasSize(before + 6);
        }
    }
}
