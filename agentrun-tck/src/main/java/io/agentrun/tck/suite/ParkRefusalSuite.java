package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.RunWaitingException;
import io.agentrun.error.StateConflictException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Parking;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.question.Question;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerJob;
import io.agentrun.tck.Proves;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Who may park a run, and when; and who may have one that is parked.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class ParkRefusalSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    /** For adapters. */
    protected ParkRefusalSuite() {}

    private RunLease asking() {
        RunLease lease = given().claimed(given().runIn(given().name("session"), 3));
        given().acknowledgedTurn(lease);
        return lease;
    }

    private Run parked(RunLease lease, Question... questions) {
        List<String> ids = List.of(questions).stream().map(Question::id).toList();
        assertThat(store().leases().park(lease.fence(), ids)).isInstanceOf(Parking.Parked.class);
        return stored(lease);
    }

    private Run stored(RunLease lease) {
        return store().runs().get(lease.run().id());
    }

    private Command turn(RunLease lease) {
        return store().commands().list(lease.run().id(), 0, 1).items().get(0);
    }

    @Test
    @Proves({Rule.A_10, Rule.L_2, Rule.L_7, Rule.L_8})
    void nobody_claims_or_recovers_a_waiting_run() {
        RunLease lease = asking();
        Run run = parked(lease, given().question(lease));
        advance(Given.PAST_LEASE);

        RunWaitingException refusal = watch().run(run)
                .refuses(
                        RunWaitingException.class,
                        () -> store().leases().claim(run.id(), Given.OTHER_RUNNER, Given.LEASE));

        assertThat(refusal.runId()).isEqualTo(run.id());
        assertThat(refusal.retryable()).isTrue();
        watch().run(run)
                .refuses(RunWaitingException.class, () -> store().leases().claim(run.id(), Given.RUNNER, Given.LEASE));
        assertThat(store().leases().claimNext(ClaimRequest.by(Given.RUNNER, Given.LEASE)))
                .isEmpty();
        ExpiredQuery all = new ExpiredQuery(given().scope(), 10);
        assertThat(store().leases().listExpired(all)).isEmpty();
        assertThat(store().leases().recoverExpired(all)).isEmpty();
        assertThat(store().leases().endUnclaimed(all)).isEmpty();
        watch().run(run)
                .unchangedBy(
                        () -> store().leases().recover(run.id(), lease.fence().epoch()));
    }

    @Test
    @Proves({Rule.A_8, Rule.G_2})
    void a_park_is_refused_to_who_does_not_hold_the_run_and_without_a_turn_under_way() {
        RunLease lease = given().claimed(given().runIn(given().name("session"), 3));
        Command turn = given().turn(lease.run());
        given().acknowledged(lease.fence(), turn);
        Question asked = given().question(lease);
        List<String> ids = List.of(asked.id());
        Run run = stored(lease);

        watch().run(run)
                .refuses(LeaseConflictException.class, () -> store().leases().park(Given.forged(lease.fence()), ids));
        NotFoundException unknown = watch().run(run)
                .refuses(
                        NotFoundException.class,
                        () -> store().leases().park(lease.fence(), List.of(asked.id(), "qst_unknown")));
        assertThat(unknown.what()).isEqualTo("question");
        assertThat(unknown.id()).isEqualTo("qst_unknown");
        store().leases().release(lease.fence());
        RunLease fresh = given().claimed(stored(lease));
        StateConflictException notBegun = watch().run(stored(lease))
                .refuses(StateConflictException.class, () -> store().leases().park(fresh.fence(), ids));
        assertThat(notBegun.state()).isEqualTo("claimed");
        given().acknowledged(fresh.fence(), turn);
        store().runs().cancel(run.id(), "no more");
        StateConflictException asksToCancel = watch().run(stored(lease))
                .refuses(StateConflictException.class, () -> store().leases().park(fresh.fence(), ids));
        assertThat(asksToCancel.state()).isEqualTo("cancel-requested");
        store().runs().finish(fresh.fence(), DONE);
        watch().run(stored(lease))
                .refuses(AlreadyTerminalException.class, () -> store().leases().park(fresh.fence(), ids));
    }

    @Test
    @Proves({Rule.A_8, Rule.G_2, Rule.V_1})
    void a_park_names_questions_of_its_own_run_each_once() {
        RunLease lease = asking();
        Question asked = given().question(lease);
        RunLease other = asking();
        Question foreign = given().question(other);
        Run run = stored(lease);

        watch().run(run)
                .run(stored(other))
                .refuses(
                        NotFoundException.class,
                        () -> store().leases().park(lease.fence(), List.of(asked.id(), foreign.id())));
        watch().run(run)
                .refuses(InvalidInputException.class, () -> store().leases().park(lease.fence(), List.of()));
        watch().run(run)
                .refuses(
                        InvalidInputException.class,
                        () -> store().leases().park(lease.fence(), List.of(asked.id(), asked.id())));
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 101; i++) {
            many.add("qst_" + i);
        }
        watch().run(run)
                .refuses(InvalidInputException.class, () -> store().leases().park(lease.fence(), many));
    }

    @Test
    @Proves({Rule.A_8, Rule.C_4})
    void a_turn_that_is_to_be_interrupted_is_not_parked() {
        RunLease lease = asking();
        Question asked = given().question(lease);
        store().commands().create(lease.run().id(), NewCommand.interrupt(JsonObject.empty()));

        StateConflictException refusal = watch().run(stored(lease))
                .refuses(StateConflictException.class, () -> store().leases().park(lease.fence(), List.of(asked.id())));

        assertThat(refusal.state()).isEqualTo("interrupted");
    }

    @Test
    @Proves({Rule.A_8, Rule.E_2, Rule.J_2})
    void a_host_writes_to_a_waiting_run() {
        RunLease lease = asking();
        Run run = parked(lease, given().question(lease));
        NewEvent event = new NewEvent(EventType.DIFF, JsonObject.empty());

        assertThat(store().events().appendUnfenced(run.id(), List.of(event))).hasSize(1);
        RunnerJob job = store().runners()
                .saveJob(NewRunnerJob.builder(run.id(), turn(lease).id())
                        .attemptId("attempt")
                        .runnerId(Given.RUNNER)
                        .placement(new JobPlacement("agents", "job", "http://m", "image", "abc", null))
                        .build());

        assertThat(store().runners().listJobs(run.id())).containsExactly(job);
        assertThat(stored(lease)).isEqualTo(run);
    }
}
