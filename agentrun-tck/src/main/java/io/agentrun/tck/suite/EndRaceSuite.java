package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.event.EventType;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Commands and runs that end, or are given back, at the same moment on one store, which may do their work together: each ends as its own
 * caller says, with all that ends with it.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class EndRaceSuite extends MeetingCallers {

    private static final int ROUNDS = 8;

    /** For adapters. */
    protected EndRaceSuite() {}

    private static Outcome outcome(int i) {
        return i % 2 == 0 ? Outcome.completed() : Outcome.failed(FailureKind.of("kind-" + i), "failed " + i);
    }

    @Test
    @Proves({Rule.R_3, Rule.Q_5})
    void each_run_ends_with_its_own_task_also_where_two_end_it() {
        for (int round = 0; round < ROUNDS; round++) {
            String queue = "queue-" + round;
            List<RunLease> leases = each(i -> {
                QueueTask task = store().queue()
                        .create(given().newTask(queue)
                                .session(i % 2 == 0 ? null : SessionRef.of(given().name("session")))
                                .build());
                Run run = given().dispatched(queue).run();
                assertThat(run.taskId()).isEqualTo(task.id());
                return given().claimed(run);
            });

            List<Run> ended =
                    race(i -> store().runs().finish(leases.get(i / 2).fence(), TurnResult.of(outcome(i / 2))));

            for (int i = 0; i < CALLERS; i++) {
                Run run = store().runs().get(leases.get(i / 2).run().id());
                assertThat(ended.get(i)).isEqualTo(run);
                assertThat(run.outcome()).isEqualTo(outcome(i / 2));
                QueueTask task = store().queue().get(Objects.requireNonNull(run.taskId()));
                assertThat(task.outcome()).isEqualTo(outcome(i / 2));
                assertThat(events(run))
                        .filteredOn(event -> event.type() == EventType.TERMINAL_STATUS)
                        .hasSize(1);
            }
            leases.subList(CALLERS / 2, CALLERS)
                    .forEach(lease -> store().runs().finish(lease.fence(), TurnResult.of(Outcome.completed())));
        }
    }

    @Test
    @Proves({Rule.C_7, Rule.C_8})
    void each_command_ends_as_its_own_runner_says_and_the_next_turn_of_its_lane_becomes_active() {
        for (int round = 0; round < ROUNDS; round++) {
            List<String> sessions = each(i -> given().name("session"));
            List<RunLease> leases =
                    each(i -> given().claimed(i % 4 == 3 ? given().run() : given().runIn(sessions.get(i))));
            List<Command> active = leases.stream()
                    .map(lease -> given().acknowledgedTurn(lease))
                    .toList();
            List<List<Command>> waiting = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Run own = leases.get(i).run();
                waiting.add(
                        switch (i % 4) {
                            case 0 -> List.of();
                            case 1 -> List.of(given().turn(given().runIn(sessions.get(i))), given().turn(own));
                            default -> List.of(given().turn(own), given().turn(own));
                        });
            }

            List<Command> ended = race(i -> store().commands()
                    .finish(leases.get(i).fence(), active.get(i).id(), TurnResult.of(outcome(i))));

            for (int i = 0; i < CALLERS; i++) {
                assertThat(ended.get(i))
                        .isEqualTo(store().commands().get(active.get(i).id()));
                assertThat(ended.get(i).outcome()).isEqualTo(outcome(i));
                List<Command> now = waiting.get(i).stream()
                        .map(each -> store().commands().get(each.id()))
                        .toList();
                if (!now.isEmpty()) {
                    assertThat(now)
                            .extracting(command -> command.order().deliverable())
                            .containsExactly(true, false);
                }
                if (i % 4 != 3) {
                    Session session = session(sessions.get(i));
                    assertThat(session.activity().activeCommandId())
                            .isEqualTo(now.isEmpty() ? null : now.get(0).id());
                }
            }
        }
    }

    @Test
    @Proves({Rule.L_1, Rule.C_7})
    void the_end_of_a_command_under_a_foreign_fence_is_refused_and_the_others_end() {
        for (int round = 0; round < ROUNDS; round++) {
            List<RunLease> leases = each(i -> given().claimed());
            List<Command> active = leases.stream()
                    .map(lease -> given().acknowledgedTurn(lease))
                    .toList();
            Command pending = given().turn(leases.get(9).run());

            List<Race.Finish<Command>> finishes = Race.of(
                    CALLERS,
                    i -> () -> store().commands()
                            .finish(
                                    i == 0
                                            ? Given.forged(leases.get(0).fence())
                                            : leases.get(i).fence(),
                                    switch (i) {
                                        case 3 -> active.get(4).id();
                                        case 6 -> "cmd_unknown";
                                        case 9 -> pending.id();
                                        default -> active.get(i).id();
                                    },
                                    TurnResult.of(Outcome.completed())));

            assertThat(Race.failures(finishes)).hasSize(4);
            assertThat(finishes.get(0).failure()).isInstanceOf(LeaseConflictException.class);
            assertThat(finishes.get(3).failure()).isInstanceOf(NotFoundException.class);
            assertThat(finishes.get(6).failure()).isInstanceOf(NotFoundException.class);
            assertThat(finishes.get(9).failure()).isInstanceOf(StateConflictException.class);
            for (int i = 0; i < CALLERS; i++) {
                assertThat(store().commands().get(active.get(i).id()).state())
                        .isEqualTo(i % 3 == 0 ? CommandState.ACKNOWLEDGED : CommandState.COMPLETED);
            }
        }
    }

    @Test
    @Proves({Rule.L_5, Rule.R_2})
    void each_run_is_given_back_by_its_own_runner() {
        for (int round = 0; round < ROUNDS; round++) {
            List<RunLease> leases = each(i -> given().claimed(given().runIn(given().name("session"))));
            leases.forEach(lease -> given().acknowledgedTurn(lease));

            List<Run> released =
                    race(i -> store().leases().release(leases.get(i).fence()));

            for (int i = 0; i < CALLERS; i++) {
                Run run = released.get(i);
                assertThat(run.id()).isEqualTo(leases.get(i).run().id());
                assertThat(run).isEqualTo(store().runs().get(run.id()));
                assertThat(run.claim().lease()).isNull();
                assertThat(store().commands().list(run.id(), 0, 10).items())
                        .extracting(Command::state)
                        .containsExactly(CommandState.PENDING);
            }
        }
    }
}
