package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandState;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Fences: whatever begins a new epoch keeps the runner of the old one out of every write; expiry alone does not.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class FenceSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final NewEvent EVENT = new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "late"));

    /** For adapters. */
    protected FenceSuite() {}

    /** A run with two attempts, running, with an acknowledged turn and a steer that is still pending. */
    private record Held(RunLease lease, Command turn, Command steer) {
        Fence fence() {
            return lease.fence();
        }

        String runId() {
            return lease.run().id();
        }
    }

    private Held held() {
        RunLease lease = given().claimed(given().runIn(given().name("session"), 2));
        Command turn = given().acknowledgedTurn(lease);
        return new Held(lease, turn, given().steer(lease.run()));
    }

    @Test
    @Proves({Rule.L_1, Rule.G_3})
    void a_release_ends_the_epoch_for_every_write() {
        Held held = held();

        store().leases().release(held.fence());

        everyWriteIsRefused(held, held.fence());
    }

    @Test
    @Proves({Rule.L_1, Rule.G_3})
    void a_recovery_ends_the_epoch_for_every_write() {
        Held held = held();
        advance(Given.PAST_LEASE);

        store().leases().recover(held.runId(), held.fence().epoch());

        everyWriteIsRefused(held, held.fence());
    }

    @Test
    @Proves({Rule.L_1, Rule.L_4, Rule.G_3})
    void a_new_claim_of_an_expired_lease_ends_the_epoch_for_every_write() {
        Held held = held();
        advance(Given.PAST_LEASE);

        RunLease taken = store().leases().claim(held.runId(), Given.OTHER_RUNNER, Given.LEASE);

        everyWriteIsRefused(held, held.fence());
        assertThat(store().runs().finish(taken.fence(), DONE).status()).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    @Proves({Rule.L_1, Rule.G_3})
    void the_same_runner_that_claims_again_after_expiry_does_not_revive_its_old_fence() {
        Held held = held();
        advance(Given.PAST_LEASE);

        RunLease again = store().leases().claim(held.runId(), Given.RUNNER, Given.LEASE);

        everyWriteIsRefused(held, held.fence());
        assertThat(store().events().append(again.fence(), EVENT).seq()).isPositive();
    }

    @Test
    @Proves({Rule.L_1, Rule.R_5, Rule.G_3})
    void a_forced_cancel_ends_the_epoch_for_every_write_to_the_ended_run() {
        Held held = held();

        store().runs().cancel(held.runId(), "now", CancelMode.FORCE);

        everyWriteIsRefused(held, held.fence());
    }

    @Test
    @Proves({Rule.L_1, Rule.L_8, Rule.G_3})
    void a_recovery_that_ends_the_run_ends_the_epoch_for_every_write() {
        Held failed = held();
        advance(Given.PAST_LEASE);
        RunLease last = given().claimed(failed.lease().run());
        given().acknowledged(last.fence(), failed.turn());
        Held exhausted = new Held(last, failed.turn(), failed.steer());
        Held cancelled = held();
        store().runs().cancel(cancelled.runId(), "asked");
        advance(Given.PAST_LEASE);

        for (Held held : List.of(exhausted, cancelled)) {
            Run ended =
                    store().leases().recover(held.runId(), held.fence().epoch()).run();

            assertThat(ended.isTerminal()).isTrue();
            everyWriteIsRefused(held, held.fence());
        }
        everyWriteIsRefused(failed, failed.fence());
    }

    @Test
    @Proves({Rule.L_1, Rule.R_6, Rule.G_3})
    void a_release_that_honours_a_cancel_request_ends_the_epoch_for_every_write() {
        Held held = held();
        store().runs().cancel(held.runId(), "asked");

        assertThat(store().leases().release(held.fence()).isTerminal()).isTrue();

        everyWriteIsRefused(held, held.fence());
    }

    @Test
    @Proves({Rule.L_1, Rule.G_3})
    void an_older_epoch_is_refused_on_a_run_that_its_new_holder_has_ended() {
        Held held = held();
        advance(Given.PAST_LEASE);
        RunLease taken = store().leases().claim(held.runId(), Given.OTHER_RUNNER, Given.LEASE);
        Run ended = store().runs().finish(taken.fence(), DONE);

        everyWriteIsRefused(held, held.fence());
        assertThat(store().runs().get(held.runId())).isEqualTo(ended);
    }

    @Test
    @Proves({Rule.L_1, Rule.G_3})
    void another_runner_with_the_right_epoch_is_refused() {
        Held held = held();

        everyWriteIsRefused(
                held,
                Given.forged(held.runId(), Given.OTHER_RUNNER, held.fence().epoch()));
    }

    /** Who was given a wire form can change what stands in it, and the token of the claim is in it. */
    @Test
    @Proves({Rule.L_1, Rule.G_3})
    void the_token_of_the_claim_with_another_runner_or_epoch_is_refused() {
        Held held = held();
        long epoch = held.fence().epoch();
        assertThat(Given.altered(held.fence(), Given.RUNNER, epoch)).isEqualTo(held.fence());

        everyWriteIsRefused(held, Given.altered(held.fence(), Given.OTHER_RUNNER, epoch));
        everyWriteIsRefused(held, Given.altered(held.fence(), Given.RUNNER, epoch + 1));
        store().events().append(held.fence(), EVENT);
    }

    @Test
    @Proves({Rule.L_1, Rule.G_3})
    void an_epoch_that_has_not_begun_is_refused() {
        Held held = held();

        everyWriteIsRefused(
                held, Given.forged(held.runId(), Given.RUNNER, held.fence().epoch() + 1));
    }

    @Test
    @Proves({Rule.L_1, Rule.G_3})
    void the_fence_of_a_pending_run_s_next_epoch_is_nobodys_yet() {
        Held held = held();
        Run pending = store().leases().release(held.fence());

        everyWriteIsRefused(held, Given.forged(held.runId(), Given.RUNNER, pending.epoch()));
    }

    @Test
    @Proves({Rule.L_1, Rule.G_2})
    void the_fence_is_checked_before_the_end_of_the_run_and_the_state_of_the_command() {
        Held held = held();
        Fence stranger =
                Given.forged(held.runId(), Given.OTHER_RUNNER, held.fence().epoch());
        Command waiting = given().turn(held.lease().run());
        Watch watch = watch().run(held.lease().run());

        watch.refuses(LeaseConflictException.class, () -> store().commands().acknowledge(stranger, waiting.id()));
        watch.refuses(
                LeaseConflictException.class,
                () -> store().commands().finish(stranger, held.steer().id(), DONE));
        store().commands().finish(held.fence(), held.turn().id(), DONE);
        watch.refuses(
                LeaseConflictException.class,
                () -> store().commands().finish(stranger, held.turn().id(), DONE));
    }

    @Test
    @Proves({Rule.L_1, Rule.G_2})
    void a_command_of_another_run_is_not_found_whatever_the_fence() {
        Held mine = held();
        Held other = held();
        Fence lost = Given.forged(mine.runId(), Given.OTHER_RUNNER, 7);

        for (Fence fence : List.of(mine.fence(), lost)) {
            for (String id : List.of(other.turn().id(), other.steer().id(), "cmd_none")) {
                Watch watch = watch().run(mine.lease().run()).run(other.lease().run());
                NotFoundException acknowledge = watch.refuses(
                        NotFoundException.class, () -> store().commands().acknowledge(fence, id));
                NotFoundException finish = watch.refuses(
                        NotFoundException.class, () -> store().commands().finish(fence, id, DONE));
                assertThat(acknowledge.what()).isEqualTo("command");
                assertThat(acknowledge.id()).isEqualTo(id);
                assertThat(finish.what()).isEqualTo("command");
            }
        }
    }

    @Test
    @Proves(Rule.L_1)
    void a_lease_that_has_run_out_still_stands_for_every_write_of_its_holder() {
        Held held = held();
        Fence fence = held.fence();

        advance(Given.PAST_LEASE.multipliedBy(100));

        assertThat(store().events().append(fence, EVENT).runId()).isEqualTo(held.runId());
        assertThat(store().commands().acknowledge(fence, held.steer().id()).state())
                .isEqualTo(CommandState.ACKNOWLEDGED);
        assertThat(store().commands().finish(fence, held.turn().id(), DONE).state())
                .isEqualTo(CommandState.COMPLETED);
        assertThat(store().runs().finish(fence, DONE).status()).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    @Proves({Rule.L_1, Rule.L_5})
    void a_lease_that_has_run_out_can_still_be_given_back() {
        Held held = held();
        advance(Given.PAST_LEASE);

        Run run = store().leases().release(held.fence());

        assertThat(run.status()).isEqualTo(RunStatus.PENDING);
        assertThat(run.claim().attempts().current()).isEqualTo(1);
    }

    @Test
    @Proves({Rule.L_1, Rule.C_7})
    void on_an_ended_run_its_last_holder_gets_the_stored_commands() {
        Held held = held();
        store().runs().finish(held.fence(), DONE);
        Command turn = store().commands().get(held.turn().id());
        Command steer = store().commands().get(held.steer().id());
        Watch watch = watch().run(held.lease().run());

        assertThat(watch.unchangedBy(() -> store().commands().acknowledge(held.fence(), steer.id())))
                .isEqualTo(steer);
        assertThat(watch.unchangedBy(() ->
                        store().commands().finish(held.fence(), turn.id(), TurnResult.of(Outcome.cancelled("late")))))
                .isEqualTo(turn);
    }

    @Test
    @Proves(Rule.L_1)
    void a_refusal_does_not_tell_who_holds_the_run() {
        Held held = held();
        Fence stranger = Given.forged(held.runId(), "runner-nosy", held.fence().epoch());

        LeaseConflictException write = watch().refuses(
                        LeaseConflictException.class, () -> store().events().append(stranger, EVENT));
        LeaseConflictException claim = watch().refuses(
                        LeaseConflictException.class,
                        () -> store().leases().claim(held.runId(), "runner-nosy", Given.LEASE));

        for (LeaseConflictException refused : List.of(write, claim)) {
            assertThat(refused.runId()).isEqualTo(held.runId());
            assertThat(refused.getMessage()).doesNotContain(Given.RUNNER);
            assertThat(refused.details().toString()).doesNotContain(Given.RUNNER);
        }
        assertThat(write.epoch()).isEqualTo(stranger.epoch());
    }

    private void everyWriteIsRefused(Held held, Fence fence) {
        Watch watch = watch().run(held.lease().run());
        String turn = held.turn().id();
        List<LeaseConflictException> refusals = List.of(
                watch.refuses(
                        LeaseConflictException.class, () -> store().events().append(fence, EVENT)),
                watch.refuses(
                        LeaseConflictException.class, () -> second().events().append(fence, List.of(EVENT, EVENT))),
                watch.refuses(
                        LeaseConflictException.class,
                        () -> store().events().append(fence, EventBatch.numbered(1, List.of(EVENT)))),
                watch.refuses(
                        LeaseConflictException.class,
                        () -> store().commands().acknowledge(fence, held.steer().id())),
                watch.refuses(
                        LeaseConflictException.class, () -> store().commands().acknowledge(fence, turn)),
                watch.refuses(
                        LeaseConflictException.class, () -> store().commands().finish(fence, turn, DONE)),
                watch.refuses(LeaseConflictException.class, () -> store().runs().finish(fence, DONE)),
                watch.refuses(
                        LeaseConflictException.class, () -> store().leases().release(fence)));
        for (LeaseConflictException refused : refusals) {
            assertThat(refused.failureKind()).isEqualTo(FailureKind.RUNNER_LEASE_CONFLICT);
            assertThat(refused.retryable()).isFalse();
            assertThat(refused.epoch()).isEqualTo(fence.epoch());
        }
        Heartbeat beat = watch.unchangedBy(() -> store().leases().heartbeat(fence, Given.LEASE));
        assertThat(beat).isEqualTo(Heartbeat.over(LeaseSignal.LEASE_LOST));
        CommandDelivery delivery = watch.unchangedBy(() -> store().commands().await(fence, 10, Duration.ofMinutes(10)));
        assertThat(delivery).isEqualTo(CommandDelivery.over(LeaseSignal.LEASE_LOST));
    }
}
