package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandState;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import io.agentrun.run.RunAttempts;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Leases: claimed, extended by heartbeats, given back.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class LeaseSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    /** For adapters. */
    protected LeaseSuite() {}

    @Test
    @Proves({Rule.L_2, Rule.G_5})
    void a_claim_leases_a_pending_run_and_begins_an_epoch() {
        Run run = given().run();

        RunLease lease = store().leases().claim(run.id(), Given.RUNNER, Given.LEASE);

        Instant expiry = lease.run().updatedAt().plus(Given.LEASE);
        assertThat(lease.fence())
                .returns(run.id(), Fence::runId)
                .returns(Given.RUNNER, Fence::runnerId)
                .returns(1L, Fence::epoch);
        assertThat(lease.expiresAt()).isEqualTo(expiry);
        assertThat(lease.run().status()).isEqualTo(RunStatus.CLAIMED);
        assertThat(lease.run().claim())
                .isEqualTo(new RunClaim(1, 0, new Lease(Given.RUNNER, 1, expiry), new RunAttempts(1, 1, 0)));
        assertThat(lease.run().createdAt()).isEqualTo(run.createdAt());
        assertThat(second().runs().get(run.id())).isEqualTo(lease.run());
        assertThat(phases(run.id())).containsExactly("run-created", "run-claimed");
        assertThat(lastEvent(run.id()).payload())
                .isEqualTo(JsonObject.of("phase", "run-claimed", "runnerId", Given.RUNNER, "epoch", 1));
    }

    @Test
    @Proves(Rule.L_2)
    void a_claim_leaves_the_session_as_it_is() {
        Run run = given().runIn(given().name("session"));
        given().turn(run);
        Session before = sessionOf(run);

        given().claimed(run);

        assertThat(store().sessions().get(before.id())).isEqualTo(before);
    }

    @Test
    @Proves(Rule.L_2)
    void a_run_whose_turns_all_wait_can_still_be_claimed_by_name() {
        String session = given().name("session");
        given().turn(given().runIn(session));
        Run behind = given().runIn(session);
        given().turn(behind);

        assertThat(given().claimed(behind).run().status()).isEqualTo(RunStatus.CLAIMED);
    }

    @Test
    @Proves({Rule.L_2, Rule.G_2})
    void what_does_not_exist_is_not_leased() {
        Fence fence = Given.forged("run_none", Given.RUNNER, 1);
        Watch watch = watch();

        watch.refuses(NotFoundException.class, () -> store().leases().claim("run_none", Given.RUNNER, Given.LEASE));
        watch.refuses(NotFoundException.class, () -> store().leases().heartbeat(fence, Given.LEASE));
        watch.refuses(NotFoundException.class, () -> store().leases().release(fence));
        watch.refuses(NotFoundException.class, () -> store().leases().recover("run_none", 1));
        watch.refuses(NotFoundException.class, () -> store().runs().finish(fence, DONE));
        watch.refuses(NotFoundException.class, () -> store().commands().await(fence, 1, Duration.ZERO));
        watch.refuses(
                NotFoundException.class,
                () -> store().events().append(fence, new NewEvent(EventType.DIFF, JsonObject.empty())));
    }

    @Test
    @Proves({Rule.L_3, Rule.G_3})
    void another_runner_is_refused_until_the_lease_has_run_out() {
        RunLease lease = given().claimed(given().runWithAttempts(2));

        for (int i = 0; i < 2; i++) {
            LeaseConflictException refused = watch().run(lease.run())
                    .refuses(
                            LeaseConflictException.class,
                            () -> second().leases().claim(lease.run().id(), Given.OTHER_RUNNER, Given.LEASE));
            assertThat(refused.retryable()).isTrue();
            advance(Given.LEASE.minusSeconds(15));
        }
        advance(Duration.ofSeconds(15));

        assertThat(store().leases()
                        .claim(lease.run().id(), Given.OTHER_RUNNER, Given.LEASE)
                        .fence()
                        .runnerId())
                .isEqualTo(Given.OTHER_RUNNER);
    }

    @Test
    @Proves({Rule.L_6, Rule.G_5})
    void a_heartbeat_sets_the_lease_from_now_longer_or_shorter() {
        RunLease lease = given().claimed();
        int events = events(lease.run().id()).size();
        advance(Duration.ofSeconds(30));

        for (Duration length : List.of(
                Given.LEASE, Duration.ofHours(24), Duration.ofSeconds(1), Duration.ofMillis(100), Given.LEASE)) {
            Instant before = given().run().createdAt();
            Heartbeat beat = store().leases().heartbeat(lease.fence(), length);
            Instant after = given().run().createdAt();

            assertThat(beat.signal()).isEqualTo(LeaseSignal.CONTINUE);
            assertThat(beat.cancelRequest()).isNull();
            assertThat(beat.expiresAt()).isBetween(before.plus(length), after.plus(length));
            Run stored = store().runs().get(lease.run().id());
            assertThat(stored.lease().map(Lease::expiresAt)).contains(beat.expiresAt());
            assertThat(stored.epoch()).isEqualTo(lease.fence().epoch());
            assertThat(stored.updatedAt()).isEqualTo(lease.run().updatedAt());
        }
        assertThat(events(lease.run().id())).hasSize(events);
    }

    @Test
    @Proves(Rule.L_6)
    void a_heartbeat_revives_a_lease_that_has_run_out_and_that_nobody_recovered() {
        RunLease lease = given().claimed(given().runWithAttempts(2));
        advance(Given.PAST_LEASE);

        Heartbeat beat = store().leases().heartbeat(lease.fence(), Given.LEASE);

        assertThat(beat.signal()).isEqualTo(LeaseSignal.CONTINUE);
        assertThat(store().leases()
                        .recover(lease.run().id(), lease.fence().epoch())
                        .outcome())
                .isEqualTo(RecoveryOutcome.NOT_NEEDED);
        watch().refuses(
                        LeaseConflictException.class,
                        () -> store().leases().claim(lease.run().id(), Given.OTHER_RUNNER, Given.LEASE));
    }

    @Test
    @Proves({Rule.L_6, Rule.R_6})
    void a_heartbeat_tells_of_a_cancel_request_and_goes_on() {
        RunLease lease = given().claimed();
        Run asked = store().runs().cancel(lease.run().id(), "enough");
        advance(Duration.ofSeconds(10));

        Heartbeat beat = store().leases().heartbeat(lease.fence(), Given.LEASE);

        assertThat(beat.signal()).isEqualTo(LeaseSignal.CANCEL_REQUESTED);
        assertThat(beat.cancelRequest()).isEqualTo(asked.cancelRequest());
        assertThat(beat.expiresAt()).isAfter(lease.expiresAt());
    }

    @Test
    @Proves(Rule.L_6)
    void a_heartbeat_says_ended_to_the_last_holder_and_lost_to_an_older_one() {
        RunLease old = given().claimed(given().runWithAttempts(2));
        advance(Given.PAST_LEASE);
        RunLease last = store().leases().claim(old.run().id(), Given.OTHER_RUNNER, Given.LEASE);
        Run ended = store().runs().finish(last.fence(), DONE);
        Watch watch = watch().run(ended);

        assertThat(watch.unchangedBy(() -> store().leases().heartbeat(last.fence(), Given.LEASE)))
                .isEqualTo(Heartbeat.over(LeaseSignal.ENDED));
        assertThat(watch.unchangedBy(() -> store().leases().heartbeat(old.fence(), Given.LEASE)))
                .isEqualTo(Heartbeat.over(LeaseSignal.LEASE_LOST));
    }

    @Test
    @Proves(Rule.L_6)
    void a_heartbeat_says_whether_a_deliverable_command_waits() {
        RunLease other = given().claimed();
        RunLease lease = given().claimed();
        assertThat(waiting(lease)).isFalse();

        Command turn = given().turn(lease.run());
        assertThat(waiting(lease)).isTrue();

        given().acknowledged(lease.fence(), turn);
        given().turn(lease.run());
        assertThat(waiting(lease)).isFalse();

        given().steer(lease.run());
        assertThat(waiting(lease)).isTrue();
        assertThat(waiting(other)).isFalse();
    }

    @Test
    @Proves(Rule.L_5)
    void a_release_gives_the_run_back_with_its_commands() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(lease);
        Command steer = given().acknowledged(lease.fence(), given().steer(lease.run()));
        Session session = sessionOf(lease.run());
        int events = events(lease.run().id()).size();

        Run run = second().leases().release(lease.fence());

        assertThat(run.status()).isEqualTo(RunStatus.PENDING);
        assertThat(run.claim())
                .isEqualTo(new RunClaim(
                        lease.fence().epoch() + 1, 1, null, lease.run().claim().attempts()));
        assertThat(store().runs().get(run.id())).isEqualTo(run);
        for (Command taken : List.of(turn, steer)) {
            Command back = store().commands().get(taken.id());
            assertThat(back.state()).isEqualTo(CommandState.PENDING);
            assertThat(back.times().acknowledgedAt()).isNull();
            assertThat(back.order()).isEqualTo(taken.order());
        }
        assertThat(store().sessions().get(session.id())).isEqualTo(session);
        assertThat(events(run.id())).hasSize(events + 1);
        assertThat(lastEvent(run.id()).payload())
                .isEqualTo(JsonObject.of("phase", "run-released", "runnerId", Given.RUNNER));
    }

    @Test
    @Proves({Rule.L_5, Rule.C_8})
    void a_release_cancels_what_was_taken_for_a_turn_that_has_ended() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(lease);
        Command steer = given().acknowledged(lease.fence(), given().steer(lease.run()));
        store().commands().finish(lease.fence(), turn.id(), TurnResult.of(Outcome.completed()));

        store().leases().release(lease.fence());

        Command over = store().commands().get(steer.id());
        assertThat(over.state()).isEqualTo(CommandState.CANCELLED);
        assertThat(phases(lease.run().id())).endsWith("command-terminal", "command-terminal", "run-released");
        RunLease next = store().leases().claim(lease.run().id(), Given.OTHER_RUNNER, Given.LEASE);
        assertThat(store().commands().await(next.fence(), 10, Duration.ZERO).commands())
                .isEmpty();
    }

    @Test
    @Proves({Rule.L_5, Rule.C_5})
    void the_next_holder_gets_the_commands_again() {
        RunLease lease = given().claimed();
        Command turn = given().acknowledgedTurn(lease);
        store().leases().release(lease.fence());

        RunLease next = store().leases().claim(lease.run().id(), Given.OTHER_RUNNER, Given.LEASE);

        assertThat(next.fence().runnerId()).isEqualTo(Given.OTHER_RUNNER);
        assertThat(next.fence().epoch()).isEqualTo(3);
        assertThat(next.run().status()).isEqualTo(RunStatus.CLAIMED);
        CommandDelivery delivery = store().commands().await(next.fence(), 10, Duration.ZERO);
        assertThat(delivery.commands()).extracting(Command::id).containsExactly(turn.id());
        given().acknowledged(next.fence(), turn);
        assertThat(store().runs().get(lease.run().id()).status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    @Proves({Rule.L_5, Rule.G_3})
    void a_second_release_is_refused_because_another_epoch_has_begun() {
        RunLease lease = given().claimed();
        Run released = store().leases().release(lease.fence());

        watch().run(released)
                .refuses(LeaseConflictException.class, () -> store().leases().release(lease.fence()));
    }

    @Test
    @Proves({Rule.L_5, Rule.R_6, Rule.R_7})
    void a_release_after_a_cancel_request_ends_the_run_as_cancelled() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(lease);
        store().runs().cancel(lease.run().id(), "asked");

        Run ended = store().leases().release(lease.fence());

        assertThat(ended.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(ended.outcome()).isEqualTo(Outcome.cancelled("asked"));
        assertThat(ended.epoch()).isEqualTo(lease.fence().epoch() + 1);
        assertThat(ended.lease()).isEmpty();
        assertThat(store().commands().get(turn.id()).outcome()).isEqualTo(Outcome.cancelled("asked"));
        assertThat(phases(ended.id())).endsWith("cancel-requested", "command-terminal", "terminal_status");
        assertThat(phases(ended.id())).containsOnlyOnce("cancel-requested");
    }

    @Test
    @Proves({Rule.L_5, Rule.Q_5})
    void a_released_runs_task_stays_on_the_same_attempt() {
        String queue = given().name("queue");
        given().task(queue);
        Dispatch dispatch = given().dispatched(queue);
        RunLease lease = given().claimed(dispatch.run());

        store().leases().release(lease.fence());

        QueueTask task = store().queue().get(dispatch.task().id());
        assertThat(task.state()).isEqualTo(TaskState.RUNNING);
        assertThat(task.latestAttempt()).isEqualTo(dispatch.task().latestAttempt());
    }

    @Test
    @Proves({Rule.L_9, Rule.L_2, Rule.L_6})
    void a_lease_says_until_when_it_is_held_by_the_ticker_of_this_process() {
        String queue = given().name("queue");
        given().task(queue);
        TakeRequest take = TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue(queue));
        Run first = given().run();
        Run next = given().run();

        RunLease claimed = held(Given.LEASE, () -> store().leases().claim(first.id(), Given.RUNNER, Given.LEASE));
        held(
                Given.LEASE,
                () -> store().leases()
                        .claimNext(ClaimRequest.by(Given.RUNNER, Given.LEASE).withScope(given().scope()))
                        .orElseThrow());
        held(take.lease(), () -> store().queue().take(take).get(0).lease());
        Duration longer = Given.LEASE.multipliedBy(3);
        heldBy(longer, () -> store().leases().heartbeat(claimed.fence(), longer).heldUntilNanos());
        heldBy(
                Given.LEASE,
                () -> store().leases()
                        .heartbeatAll(List.of(claimed.fence()), Given.LEASE)
                        .get(0)
                        .orThrow()
                        .heldUntilNanos());
        store().leases().release(claimed.fence());

        assertThat(store().runs().get(next.id()).lease()).isPresent();
        assertThat(store().leases().heartbeat(claimed.fence(), longer).heldUntilNanos())
                .isNull();
        assertThat(store().leases()
                        .heartbeatAll(List.of(claimed.fence()), longer)
                        .get(0)
                        .orThrow()
                        .heldUntilNanos())
                .isNull();
    }

    private static RunLease held(Duration length, Supplier<RunLease> call) {
        RunLease[] lease = new RunLease[1];
        heldBy(length, () -> {
            lease[0] = call.get();
            return lease[0].heldUntilNanos();
        });
        return lease[0];
    }

    /** It is counted from a moment of the call. */
    private static void heldBy(Duration length, Supplier<@Nullable Long> call) {
        long before = System.nanoTime();
        long until = Objects.requireNonNull(call.get(), "it does not say until when the lease is held");
        long after = System.nanoTime();

        assertThat(until - before).isGreaterThanOrEqualTo(length.toNanos());
        assertThat(until - after).isLessThanOrEqualTo(length.toNanos());
    }

    private boolean waiting(RunLease lease) {
        return store().leases().heartbeat(lease.fence(), Given.LEASE).commandsWaiting();
    }
}
