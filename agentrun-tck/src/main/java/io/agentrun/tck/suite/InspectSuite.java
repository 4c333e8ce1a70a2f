package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.InspectStore;
import io.agentrun.command.Command;
import io.agentrun.doctor.StoreDoctor;
import io.agentrun.error.FailureKind;
import io.agentrun.event.EventPage;
import io.agentrun.inspect.Bounds;
import io.agentrun.inspect.Diagnosis;
import io.agentrun.inspect.Explanation;
import io.agentrun.inspect.NextStep;
import io.agentrun.inspect.Reason;
import io.agentrun.inspect.SubjectKind;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.storage.StorageState;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Why work does not move: each reason, and that what it says comes next is what happens.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class InspectSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";
    private static final Duration DELAY = Duration.ofMinutes(10);

    /** For adapters. */
    protected InspectSuite() {}

    @Test
    @Proves(Rule.X_1)
    void a_task_waits_for_its_time_and_is_then_due() {
        QueueTask task = store().queue()
                .create(given().newTask(QUEUE).retry(RetryPolicy.of(2, DELAY)).build());
        assertThat(inspect().task(task.id()))
                .isEqualTo(new Explanation(
                        SubjectKind.TASK,
                        task.id(),
                        "pending",
                        task.updatedAt(),
                        new Reason.Due(QUEUE, Given.PROFILE)));

        Dispatch first = given().dispatched(QUEUE);
        store().runs()
                .finish(
                        given().claimed(first.run()).fence(),
                        TurnResult.of(Outcome.failed(FailureKind.BACKEND_FAILED, "it broke")));

        Instant due = Objects.requireNonNull(store().queue().get(task.id()).notBefore());
        assertThat(inspect().task(task.id()).reason()).isEqualTo(new Reason.Delayed(due));
        advance(DELAY);
        assertThat(inspect().task(task.id()).next()).isEqualTo(NextStep.DISPATCH);
        assertThat(given().dispatched(QUEUE).task().id()).isEqualTo(task.id());
    }

    @Test
    @Proves(Rule.X_1)
    void a_task_waits_behind_the_active_turn_of_its_session() {
        String session = given().name("session");
        RunLease lease = given().claimed(given().runIn(session));
        Command active = given().acknowledgedTurn(lease);
        QueueTask task = inSession(session);

        assertThat(inspect().task(task.id()).reason()).isEqualTo(new Reason.BehindTurn(active.runId(), active.id()));
        assertThat(dispatchNext()).isFalse();

        store().commands().finish(lease.fence(), active.id(), TurnResult.of(Outcome.completed()));
        assertThat(inspect().task(task.id()).reason()).isEqualTo(new Reason.Due(QUEUE, Given.PROFILE));
        assertThat(dispatchNext()).isTrue();
    }

    @Test
    @Proves(Rule.X_1)
    void a_task_whose_session_has_lost_its_volume_is_blocked_by_its_dispatch() {
        Session evicted = given().evicted(given().session());
        QueueTask task = inSession(evicted.id());

        Explanation refused = inspect().task(task.id());
        assertThat(dispatchNext()).isFalse();

        QueueTask blocked = store().queue().get(task.id());
        assertThat(blocked.state()).isEqualTo(TaskState.BLOCKED);
        Outcome outcome = Objects.requireNonNull(blocked.outcome());
        assertThat(refused.reason())
                .isEqualTo(new Reason.Refused(evicted.id(), Objects.requireNonNull(outcome.failureKind())));
        assertThat(refused.next()).isEqualTo(NextStep.DISPATCH);
        assertThat(inspect().task(task.id()).reason()).isEqualTo(new Reason.Ended(outcome));
    }

    @Test
    @Proves(Rule.X_1)
    void a_task_whose_session_is_another_owner_s_is_blocked_by_its_dispatch() {
        String foreign = given().name("session");
        store().runs()
                .create(NewRun.builder(given().stranger(), given().spec())
                        .session(SessionRef.of(foreign))
                        .build());
        QueueTask task = inSession(foreign);

        assertThat(inspect().task(task.id()).reason())
                .isEqualTo(new Reason.Refused(foreign, FailureKind.TENANT_POLICY_DENIED));
        assertThat(dispatchNext()).isFalse();
        assertThat(store().queue().get(task.id()).state()).isEqualTo(TaskState.BLOCKED);
    }

    @Test
    @Proves({Rule.X_1, Rule.L_10})
    void an_unclaimed_run_says_until_when_it_waits_and_one_that_was_begun_waits_without_limit() {
        given().task(QUEUE);
        Dispatch dispatch = store().queue()
                .dispatchNext(DispatchRequest.fromQueue(QUEUE).withClaimWithin(Duration.ofMinutes(5)))
                .orElseThrow();
        String run = dispatch.run().id();
        Instant until = dispatch.run().createdAt().plus(Duration.ofMinutes(5));
        String provider = given().spec().providerId();

        Reason limited = new Reason.Unclaimed(Given.PROFILE, provider, until);
        assertThat(inspect().run(run).reason()).isEqualTo(limited);
        assertThat(limited.text()).contains(until.toString());
        assertThat(inspect().task(dispatch.task().id()).cause()).isEqualTo(limited);

        RunLease lease = given().claimed(dispatch.run());
        store().commands().acknowledge(lease.fence(), dispatch.turn().id());
        store().leases().release(lease.fence());
        assertThat(inspect().run(run).reason()).isEqualTo(new Reason.Unclaimed(Given.PROFILE, provider, null));
    }

    @Test
    @Proves(Rule.X_1)
    void a_running_task_moves_with_its_run_and_its_turn_and_session_do() {
        String session = given().name("session");
        QueueTask task = inSession(session);
        Dispatch dispatch = given().dispatched(QUEUE);
        String run = dispatch.run().id();

        Reason unclaimed = new Reason.Unclaimed(Given.PROFILE, given().spec().providerId(), null);
        assertThat(inspect().run(run).reason()).isEqualTo(unclaimed);
        assertThat(inspect().task(task.id()).reason())
                .isEqualTo(new Reason.With(inspect().run(run)));
        assertThat(inspect().command(dispatch.turn().id()).cause()).isEqualTo(unclaimed);
        assertThat(inspect().session(session).cause()).isEqualTo(unclaimed);

        RunLease lease = given().claimed(dispatch.run());
        Reason held = held(lease);
        assertThat(inspect().task(task.id()).cause()).isEqualTo(held);
        assertThat(inspect().command(dispatch.turn().id()).cause()).isEqualTo(held);
        assertThat(inspect().session(session).cause()).isEqualTo(held);

        store().runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
        Reason ended = new Reason.Ended(Outcome.completed());
        assertThat(inspect().task(task.id()).reason()).isEqualTo(ended);
        assertThat(inspect().run(run).reason()).isEqualTo(ended);
        assertThat(inspect().command(dispatch.turn().id()).next()).isEqualTo(NextStep.NONE);
        assertThat(inspect().session(session).reason()).isEqualTo(new Reason.Idle());
    }

    @Test
    @Proves(Rule.X_1)
    void a_task_that_a_host_runs_itself_waits_for_its_report() {
        QueueTask task = given().task(QUEUE);
        store().queue().updateAttempt(AttemptReport.running(task.id(), 1, "attempt-1"));

        assertThat(inspect().task(task.id()).reason()).isEqualTo(new Reason.Reported("attempt-1", null));
    }

    @Test
    @Proves(Rule.X_1)
    void a_run_waits_behind_the_active_turn_of_its_session_until_that_ends() {
        String session = given().name("session");
        RunLease lease = given().claimed(given().runIn(session));
        Command active = given().acknowledgedTurn(lease);
        Run waiting = given().runIn(session);
        Command behind = given().turn(waiting);
        Reason reason = new Reason.BehindTurn(active.runId(), active.id());

        assertThat(inspect().run(waiting.id()).reason()).isEqualTo(reason);
        assertThat(inspect().command(behind.id()).reason()).isEqualTo(reason);

        store().commands().finish(lease.fence(), active.id(), TurnResult.of(Outcome.completed()));
        assertThat(inspect().run(waiting.id()).next()).isEqualTo(NextStep.CLAIM);
        assertThat(inspect().command(behind.id()).next()).isEqualTo(NextStep.CLAIM);
        assertThat(given().claimed(waiting).run().id()).isEqualTo(waiting.id());
    }

    @Test
    @Proves(Rule.X_1)
    void a_turn_waits_behind_an_earlier_one_of_its_run() {
        Run run = given().run();
        Command first = given().turn(run);
        Command second = given().turn(run);
        Command third = given().turn(run);
        Reason reason = new Reason.BehindTurn(run.id(), first.id());

        assertThat(inspect().command(second.id()).reason()).isEqualTo(reason);
        assertThat(inspect().command(third.id()).reason()).isEqualTo(reason);
        assertThat(inspect().command(first.id()).next()).isEqualTo(NextStep.CLAIM);
        store().commands().cancel(first.id(), "no more");
        assertThat(inspect().command(second.id()).next()).isEqualTo(NextStep.CLAIM);
    }

    @Test
    @Proves(Rule.X_1)
    void a_held_run_shows_its_runner_and_a_cancel_that_was_asked_for() {
        RunLease lease = given().claimed();
        String id = lease.run().id();
        assertThat(inspect().run(id).reason()).isEqualTo(held(lease));
        assertThat(inspect().run(id).next()).isEqualTo(NextStep.RUNNER);

        Run asked = store().runs().cancel(id, "no more", CancelMode.GRACEFUL);

        CancelRequest request = Objects.requireNonNull(asked.cancelRequest());
        Reason.Held reason = (Reason.Held) inspect().run(id).reason();
        assertThat(reason.cancel()).isEqualTo(request);
        assertThat(reason.text()).doesNotContain("no more");
    }

    @Test
    @Proves(Rule.X_1)
    void a_lease_that_is_over_says_what_recovery_makes_of_the_run() {
        RunLease again = given().claimed(given().runWithAttempts(2));
        given().acknowledgedTurn(again);
        RunLease last = given().claimed(given().runWithAttempts(1));
        given().acknowledgedTurn(last);
        RunLease cancelled = given().claimed();
        store().runs().cancel(cancelled.run().id(), "no more", CancelMode.GRACEFUL);
        advance(Given.PAST_LEASE);

        recovers(again, RecoveryOutcome.REQUEUED, NextStep.CLAIM);
        recovers(last, RecoveryOutcome.FAILED, NextStep.NONE);
        recovers(cancelled, RecoveryOutcome.CANCELLED, NextStep.NONE);
    }

    private void recovers(RunLease lease, RecoveryOutcome outcome, NextStep after) {
        String id = lease.run().id();
        Reason.LeaseOver over = (Reason.LeaseOver) inspect().run(id).reason();
        assertThat(over.recovery()).isEqualTo(outcome);
        assertThat(over.runnerId()).isEqualTo(Given.RUNNER);
        assertThat(over.next()).isEqualTo(NextStep.RECOVERY);
        assertThat(store().leases().recover(id, lease.fence().epoch()).outcome())
                .isEqualTo(outcome);
        assertThat(inspect().run(id).next()).isEqualTo(after);
    }

    @Test
    @Proves(Rule.X_1)
    void a_session_without_a_turn_is_idle_or_waits_for_its_volume() {
        Session idle = given().session();
        Session evicting = given().evicting(given().session());
        Session missing = given().missing(given().session());

        assertThat(inspect().session(idle.id()).reason()).isEqualTo(new Reason.Idle());
        assertThat(inspect().session(evicting.id()).reason()).isEqualTo(new Reason.VolumeGone(StorageState.EVICTING));
        assertThat(inspect().session(evicting.id()).next()).isEqualTo(NextStep.EVICTION);
        assertThat(inspect().session(missing.id()).next()).isEqualTo(NextStep.PROVISION);
    }

    @Test
    @Proves(Rule.X_1)
    void explaining_changes_nothing() {
        String session = given().name("session");
        QueueTask task = inSession(session);
        Dispatch dispatch = given().dispatched(QUEUE);
        RunLease lease = given().claimed(dispatch.run());
        QueueTask taskBefore = store().queue().get(task.id());
        Session before = store().sessions().get(session);
        Run runBefore = lease.run();
        long events = store().events().list(runBefore.id(), 0, 100).items().size();

        inspect().task(task.id());
        inspect().run(runBefore.id());
        inspect().command(dispatch.turn().id());
        inspect().session(session);

        assertThat(second().queue().get(task.id())).isEqualTo(taskBefore);
        assertThat(second().sessions().get(session)).isEqualTo(before);
        assertThat(second().runs().get(runBefore.id())).isEqualTo(runBefore);
        assertThat(second().events().list(runBefore.id(), 0, 100).items()).hasSize((int) events);
    }

    @Test
    @Proves({Rule.X_1, Rule.V_1})
    void a_view_explains_a_refused_task_without_a_word_of_the_other_owner() {
        String foreign = given().name("session");
        Run theirs = store().runs()
                .create(NewRun.builder(given().stranger(), given().spec())
                        .session(SessionRef.of(foreign))
                        .build());
        given().turn(theirs);
        QueueTask task = inSession(foreign);

        Explanation shown = store().within(TenantScope.tenant(given().owner().tenantId()))
                .inspect()
                .task(task.id());

        assertThat(shown.text()).doesNotContain(theirs.id());
        assertThat(shown.toString()).doesNotContain(theirs.id());
    }

    @Test
    @Proves(Rule.X_2)
    void an_examination_finds_nothing_in_a_sound_store_and_changes_nothing() {
        RunLease lease = given().claimed();
        given().acknowledgedTurn(lease);
        QueueTask task = inSession(given().name("session"));
        String run = lease.run().id();
        Run before = store().runs().get(run);
        EventPage events = store().events().list(run, 0, 100);

        Diagnosis diagnosis = inspect().doctor();

        assertThat(diagnosis).isEqualTo(StoreDoctor.of(store()).examine());
        assertThat(diagnosis.healthy()).isTrue();
        assertThat(diagnosis.complete()).isTrue();
        assertThat(diagnosis.runs()).isPositive();
        assertThat(diagnosis.tasks()).isPositive();
        assertThat(second().runs().get(run)).isEqualTo(before);
        assertThat(second().events().list(run, 0, 100)).isEqualTo(events);
        assertThat(second().queue().get(task.id())).isEqualTo(task);
    }

    @Test
    @Proves(Rule.X_2)
    void an_examination_leaves_out_what_is_beyond_its_bounds_and_says_so() {
        for (int i = 0; i < 3; i++) {
            given().run();
        }

        Diagnosis diagnosis = inspect().doctor(Bounds.DEFAULTS.withRecords(2).withPage(1));

        assertThat(diagnosis.runs()).isEqualTo(2);
        assertThat(diagnosis.complete()).isFalse();
        assertThat(diagnosis.healthy()).isTrue();
    }

    private InspectStore inspect() {
        return store().inspect();
    }

    private static Reason held(RunLease lease) {
        return new Reason.Held(
                Given.RUNNER,
                Objects.requireNonNull(lease.run().claim().lease()).expiresAt(),
                null);
    }

    private QueueTask inSession(String session) {
        return store().queue()
                .create(given().newTask(QUEUE).session(SessionRef.of(session)).build());
    }

    private boolean dispatchNext() {
        return store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)).isPresent();
    }
}
