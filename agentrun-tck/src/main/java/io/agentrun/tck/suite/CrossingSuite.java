package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.ConflictException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.SessionActivity;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/**
 * Different calls at the same moment that touch the same records in other orders: each succeeds or is refused by type,
 * never with a raw error, and what is left is one of the states that one after the other would leave.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class CrossingSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final int ROUNDS = 20;

    /** For adapters. */
    protected CrossingSuite() {}

    @Test
    @Proves({Rule.R_5, Rule.C_7, Rule.R_7})
    void finishing_turns_crosses_the_forced_cancel_of_their_run() {
        for (int round = 0; round < ROUNDS; round++) {
            RunLease lease = given().claimed(given().runIn(given().name("session")));
            Command turn = given().acknowledgedTurn(lease);
            given().steer(lease.run());
            given().turn(lease.run());

            List<Race.Finish<Object>> finishes = Race.of(
                    6,
                    i -> i == 0
                            ? () -> second().runs().cancel(lease.run().id(), "now", CancelMode.FORCE)
                            : () -> at(i).commands().finish(lease.fence(), turn.id(), DONE));

            assertThat(finishes.get(0).failure()).isNull();
            assertThat(Race.failures(finishes)).hasOnlyElementsOfType(LeaseConflictException.class);
            assertThat(store().runs().get(lease.run().id()).status()).isEqualTo(RunStatus.CANCELLED);
            assertThat(Watch.commands(store(), lease.run().id()))
                    .allMatch(command -> command.state().terminal());
            endsOnce(lease.run());
            SessionActivity activity = sessionOf(lease.run()).activity();
            assertThat(activity.state()).isEqualTo(ExecutionState.TERMINAL);
            assertThat(activity.activeCommandId()).isNull();
        }
    }

    @Test
    @Proves({Rule.R_6, Rule.C_7})
    void finishing_a_turn_crosses_a_cancel_request() {
        for (int round = 0; round < ROUNDS; round++) {
            RunLease lease = given().claimed(given().runIn(given().name("session")));
            Command turn = given().acknowledgedTurn(lease);

            List<Race.Finish<Object>> finishes = Race.of(
                    4,
                    i -> i % 2 == 0
                            ? () -> at(i / 2).runs().cancel(lease.run().id(), "please")
                            : () -> at(i / 2).commands().finish(lease.fence(), turn.id(), DONE));

            assertThat(Race.failures(finishes)).isEmpty();
            assertThat(store().commands().get(turn.id()).state()).isEqualTo(CommandState.COMPLETED);
            assertThat(store().runs().get(lease.run().id()).cancelRequest()).isNotNull();
            assertThat(phases(lease.run().id()))
                    .containsOnlyOnce("cancel-requested")
                    .containsOnlyOnce("command-terminal");
        }
    }

    @Test
    @Proves({Rule.J_2, Rule.C_7})
    void finishing_a_turn_crosses_the_saving_of_its_job() {
        for (int round = 0; round < ROUNDS; round++) {
            RunLease lease = given().claimed();
            Command turn = given().acknowledgedTurn(lease);
            NewRunnerJob job = NewRunnerJob.builder(turn.runId(), turn.id())
                    .attemptId("attempt-1")
                    .runnerId(Given.RUNNER)
                    .placement(new JobPlacement("agents", "job-1", "https://m.example.org", "img:1", "abc", null))
                    .idempotencyKey("once")
                    .build();

            List<Race.Finish<Object>> finishes = Race.of(
                    4,
                    i -> i % 2 == 0
                            ? () -> at(i / 2).runners().saveJob(job)
                            : () -> at(i / 2).commands().finish(lease.fence(), turn.id(), DONE));

            assertThat(Race.failures(finishes)).isEmpty();
            assertThat(store().runners().findJob(turn.runId(), "once")).isPresent();
        }
    }

    @Test
    @Proves({Rule.C_9, Rule.E_1})
    void cancelling_commands_crosses_appends_to_their_run() {
        for (int round = 0; round < ROUNDS; round++) {
            RunLease lease = given().claimed(round % 2 == 0 ? given().run() : given().runIn(given().name("session")));
            given().acknowledgedTurn(lease);
            List<Command> open =
                    List.of(given().steer(lease.run()), given().turn(lease.run()), given().steer(lease.run()));
            NewEvent event = new NewEvent(EventType.DIFF, JsonObject.empty());

            List<Race.Finish<Object>> finishes = Race.of(
                    8,
                    i -> i < 3
                            ? () -> at(i).commands().cancel(open.get(i).id(), "no")
                            : () -> at(i).events().append(lease.fence(), event));

            assertThat(Race.failures(finishes)).isEmpty();
            dense(lease.run());
            assertThat(events(lease.run().id())).hasSize(6 + 3 + 5);
        }
    }

    @Test
    @Proves({Rule.E_2, Rule.R_7})
    void appends_cross_the_end_of_their_run() {
        for (int round = 0; round < ROUNDS; round++) {
            RunLease lease = given().claimed();
            NewEvent event = new NewEvent(EventType.DIFF, JsonObject.empty());

            List<Race.Finish<Object>> finishes = Race.of(
                    6,
                    i -> i == 0
                            ? () -> second().runs().finish(lease.fence(), DONE)
                            : () -> at(i).events().append(lease.fence(), event));

            assertThat(finishes.get(0).failure()).isNull();
            assertThat(Race.failures(finishes)).hasOnlyElementsOfType(AlreadyTerminalException.class);
            assertThat(events(lease.run().id()))
                    .hasSize(2 + Race.values(finishes).size());
            endsOnce(lease.run());
        }
    }

    @Test
    @Proves({Rule.R_2, Rule.R_3, Rule.R_5})
    void two_ends_of_one_run_leave_one() {
        for (int round = 0; round < ROUNDS; round++) {
            String queue = given().name("queue");
            given().task(queue);
            Dispatch dispatch = given().dispatched(queue);
            RunLease lease = given().claimed(dispatch.run());

            List<Race.Finish<Object>> finishes = Race.of(
                    6,
                    i -> i % 2 == 0
                            ? () -> at(i / 2).runs().finish(lease.fence(), DONE)
                            : () -> at(i / 2).queue().cancel(dispatch.task().id(), "now", CancelMode.FORCE));

            assertThat(Race.failures(finishes)).hasOnlyElementsOfType(LeaseConflictException.class);
            Run ended = store().runs().get(lease.run().id());
            TaskState task = store().queue().get(dispatch.task().id()).state();
            assertThat(ended.isTerminal()).isTrue();
            assertThat(task)
                    .isEqualTo(ended.status() == RunStatus.COMPLETED ? TaskState.COMPLETED : TaskState.CANCELLED);
            endsOnce(ended);
        }
    }

    @Test
    @Proves({Rule.L_6, Rule.L_8})
    void a_heartbeat_crosses_the_recovery_of_its_lease() {
        for (int round = 0; round < ROUNDS; round++) {
            RunLease lease = given().claimed();
            given().acknowledgedTurn(lease);
            advance(Given.PAST_LEASE);

            List<Race.Finish<Object>> finishes = Race.of(
                    2,
                    i -> i == 0
                            ? () -> store().leases()
                                    .heartbeat(lease.fence(), Given.LEASE)
                                    .signal()
                                    .holds()
                            : () -> second().leases()
                                    .recover(lease.run().id(), lease.fence().epoch())
                                    .outcome());

            assertThat(Race.failures(finishes)).isEmpty();
            boolean kept = Boolean.TRUE.equals(finishes.get(0).value());
            assertThat(finishes.get(1).value()).isEqualTo(kept ? RecoveryOutcome.NOT_NEEDED : RecoveryOutcome.FAILED);
            assertThat(store().runs().get(lease.run().id()).isTerminal()).isEqualTo(!kept);
        }
    }

    @Test
    @Proves({Rule.C_2, Rule.C_8, Rule.S_4})
    void new_turns_cross_the_end_of_the_active_one() {
        for (int round = 0; round < ROUNDS; round++) {
            String session = given().name("session");
            RunLease first = given().claimed(given().runIn(session));
            Command active = given().acknowledgedTurn(first);
            Run other = given().runIn(session);

            List<Race.Finish<Object>> finishes = Race.of(
                    4,
                    i -> i == 0
                            ? () -> second().commands().finish(first.fence(), active.id(), DONE)
                            : () -> at(i).commands().create(other.id(), given().newTurn("go")));

            assertThat(Race.failures(finishes)).isEmpty();
            List<Command> turns = Watch.commands(store(), other.id());
            assertThat(turns).hasSize(3);
            assertThat(turns).extracting(turn -> turn.order().deliverable()).containsExactly(true, false, false);
            SessionActivity activity = store().sessions().get(session).activity();
            assertThat(activity.state()).isEqualTo(ExecutionState.RUNNING);
            assertThat(activity.activeCommandId()).isEqualTo(turns.get(0).id());
        }
    }

    @Test
    @Proves({Rule.S_4, Rule.R_7})
    void the_ends_of_two_runs_of_one_session_cross() {
        for (int round = 0; round < ROUNDS; round++) {
            String session = given().name("session");
            RunLease one = given().claimed(given().runIn(session));
            given().acknowledgedTurn(one);
            RunLease two = given().claimed(given().runIn(session));
            given().turn(two.run());

            List<Race.Finish<Object>> finishes =
                    Race.of(2, i -> () -> at(i).runs().finish(i == 0 ? one.fence() : two.fence(), DONE));

            assertThat(Race.failures(finishes)).isEmpty();
            SessionActivity activity = store().sessions().get(session).activity();
            assertThat(activity.state()).isEqualTo(ExecutionState.TERMINAL);
            assertThat(activity.activeRunId()).isNull();
            assertThat(activity.outcome()).isEqualTo(Outcome.completed());
        }
    }

    @Test
    @Proves(Rule.G_2)
    void whatever_crosses_the_cancel_of_a_run_is_refused_by_type() {
        for (int round = 0; round < ROUNDS; round++) {
            Run run = given().runIn(given().name("session"));
            List<Callable<Object>> calls = List.of(
                    () -> store().runs().cancel(run.id(), "no", CancelMode.FORCE),
                    () -> second().leases().claim(run.id(), Given.RUNNER, Given.LEASE),
                    () -> store().commands().create(run.id(), given().newTurn("go")),
                    () -> second().runs().finishUnclaimed(run.id(), Outcome.completed()),
                    () -> store().events().appendUnfenced(run.id(), new NewEvent(EventType.DIFF, JsonObject.empty())));

            List<Race.Finish<Object>> finishes = Race.of(calls.size(), calls::get);

            assertThat(Race.failures(finishes)).allMatch(ConflictException.class::isInstance);
            Run ended = store().runs().get(run.id());
            assertThat(ended.isTerminal()).isTrue();
            assertThat(Watch.commands(store(), run.id()))
                    .allMatch(command -> command.state().terminal());
            endsOnce(ended);
        }
    }

    private AgentRunStore at(int caller) {
        return caller % 2 == 0 ? store() : second();
    }

    private void dense(Run run) {
        List<RunEvent> all = events(run.id());
        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).seq()).isEqualTo(i + 1);
        }
    }

    private void endsOnce(Run run) {
        dense(run);
        assertThat(phases(run.id())).containsOnlyOnce("terminal_status").endsWith("terminal_status");
    }

    /** Ends that a store may execute together, passing over what is held: no task is left behind that somebody has at that moment. */
    @Test
    @Proves({Rule.Q_5, Rule.R_9})
    void turns_that_end_together_cross_refused_reports_of_their_tasks_and_move_each_of_them() {
        int many = 12;
        for (int round = 0; round < ROUNDS; round++) {
            String queue = given().name("queue");
            List<Dispatch> work = new ArrayList<>();
            List<RunLease> leases = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                given().task(queue);
                Dispatch dispatch = given().dispatched(queue);
                RunLease lease = given().claimed(dispatch.run());
                given().acknowledged(lease.fence(), dispatch.turn());
                work.add(dispatch);
                leases.add(lease);
            }

            List<Race.Finish<Object>> finishes = Race.of(
                    2 * many,
                    i -> i < many
                            ? () -> store().runs()
                                    .finishTurn(
                                            leases.get(i).fence(),
                                            work.get(i).turn().id(),
                                            DONE)
                            : () -> reported(work.get(i - many).task().id()));

            assertThat(Race.failures(finishes)).isEmpty();
            for (Dispatch dispatch : work) {
                assertThat(store().queue().get(dispatch.task().id()).state()).isEqualTo(TaskState.COMPLETED);
            }
        }
    }

    /** Reports an attempt some times to a task that takes no reports; returns how often that was refused. */
    private int reported(String taskId) {
        int refused = 0;
        for (int i = 0; i < 10; i++) {
            try {
                second().queue().updateAttempt(AttemptReport.running(taskId, 1, "attempt-1"));
            } catch (ConflictException expected) {
                refused++;
            }
        }
        return refused;
    }
}
