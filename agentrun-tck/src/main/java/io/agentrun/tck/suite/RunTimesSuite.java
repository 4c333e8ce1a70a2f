package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * When runs were first claimed and when they ended, and the times of what happens between.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class RunTimesSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final Duration LATER = Duration.ofSeconds(7);

    /** For adapters. */
    protected RunTimesSuite() {}

    @Test
    @Proves({Rule.R_10, Rule.L_2, Rule.Q_11})
    void whoever_claims_a_run_first_starts_it() {
        String queue = given().name("queue");
        Run named = given().run();
        advance(LATER);
        Run next = given().run();
        advance(LATER);
        given().task(queue);
        given().task(queue);
        Run dispatched = given().dispatched(queue).run();
        assertThat(List.of(named, next, dispatched)).extracting(Run::startedAt).containsOnlyNulls();
        assertThat(List.of(named, next, dispatched)).extracting(Run::endedAt).containsOnlyNulls();
        advance(LATER);

        RunLease claimed = store().leases().claim(named.id(), Given.RUNNER, Given.LEASE);
        RunLease second = store().leases()
                .claimNext(ClaimRequest.by(Given.RUNNER, Given.LEASE).withScope(given().scope()))
                .orElseThrow();
        TakeRequest two =
                TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue(queue)).withN(2);
        List<Run> runs = new ArrayList<>(List.of(claimed.run(), second.run()));
        store().queue().take(two).forEach(taken -> runs.add(taken.lease().run()));

        assertThat(runs).hasSize(4);
        Instant now = named.createdAt().plus(LATER.multipliedBy(3));
        for (Run run : runs) {
            assertThat(run.startedAt()).as(run.id()).isEqualTo(now).isEqualTo(run.updatedAt());
            assertThat(run.endedAt()).isNull();
            assertThat(second().runs().get(run.id())).isEqualTo(run);
        }
        assertThat(store().runs().list(RunQuery.in(given().scope())).items()).containsExactlyInAnyOrderElementsOf(runs);
    }

    @Test
    @Proves({Rule.R_10, Rule.L_3, Rule.L_5, Rule.L_8})
    void no_later_claim_starts_a_run_again() {
        Run run = given().runWithAttempts(5);
        RunLease first = given().claimed(run);
        Instant started = first.run().startedAt();
        assertThat(started).isNotNull();

        advance(LATER);
        Run again = given().claimed(run).run();
        advance(LATER);
        Command turn = given().turn(run);
        RunLease third = given().claimed(run);
        store().commands().acknowledge(third.fence(), turn.id());
        Run running = store().runs().get(run.id());
        Run released = store().leases().release(third.fence());
        advance(LATER);
        Run other = store().leases()
                .claimNext(ClaimRequest.by(Given.OTHER_RUNNER, Given.LEASE).withScope(given().scope()))
                .orElseThrow()
                .run();
        advance(Given.PAST_LEASE);
        Run takenOver = given().claimed(run).run();
        advance(Given.PAST_LEASE);
        Run recovered = store().leases().recover(run.id(), takenOver.epoch()).run();

        assertThat(List.of(again, running, released, other, takenOver, recovered))
                .extracting(Run::startedAt)
                .containsOnly(started);
        assertThat(running.status()).isEqualTo(RunStatus.RUNNING);
        assertThat(recovered.status()).isEqualTo(RunStatus.PENDING);
        assertThat(takenOver.updatedAt()).isAfter(started);
    }

    @Test
    @Proves({Rule.R_10, Rule.R_2})
    void a_run_ends_when_it_ends_and_a_second_call_does_not_move_that() {
        RunLease finished = given().claimed();
        RunLease forced = given().claimed();
        RunLease turned = given().claimed();
        Command turn = given().acknowledgedTurn(turned);
        RunLease lost = given().claimed();
        given().acknowledgedTurn(lost);
        Run pending = given().run();
        Run unclaimed = given().run();
        advance(LATER);
        List<Run> ended = new ArrayList<>();
        ended.add(store().runs().finish(finished.fence(), DONE));
        ended.add(store().runs().cancel(forced.run().id(), "now", CancelMode.FORCE));
        ended.add(store().runs().finishTurn(turned.fence(), turn.id(), DONE).run());
        ended.add(store().runs().cancel(pending.id(), "no more"));
        ended.add(store().runs().finishUnclaimed(unclaimed.id(), Outcome.completed()));
        Instant now = pending.createdAt().plus(LATER);
        assertThat(ended).extracting(Run::endedAt).containsOnly(now);
        advance(Given.PAST_LEASE);
        ended.add(
                store().leases().recover(lost.run().id(), lost.fence().epoch()).run());
        advance(LATER);

        store().runs().finish(finished.fence(), DONE);
        store().runs().cancel(pending.id(), "again");

        assertThat(ended.get(5).endedAt()).isEqualTo(now.plus(Given.PAST_LEASE));
        for (Run run : ended) {
            assertThat(store().runs().get(run.id())).isEqualTo(run);
            assertThat(run.endedAt()).isNotNull();
        }
        assertThat(ended.subList(0, 3)).extracting(Run::startedAt).containsOnly(pending.createdAt());
        assertThat(ended.subList(3, 5)).extracting(Run::startedAt).containsOnlyNulls();
    }

    @Test
    @Proves({Rule.R_10, Rule.L_2})
    void claims_of_several_runs_at_once_start_each_of_them() {
        for (int round = 0; round < 5; round++) {
            List<Run> runs = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                runs.add(given().run());
            }
            advance(LATER);

            List<RunLease> leases = Race.values(Race.of(
                    runs.size(), i -> () -> store().leases().claim(runs.get(i).id(), Given.RUNNER, Given.LEASE)));

            Instant now = runs.get(0).createdAt().plus(LATER);
            assertThat(leases).extracting(lease -> lease.run().startedAt()).containsOnly(now);
            leases.forEach(
                    lease -> assertThat(store().runs().get(lease.run().id())).isEqualTo(lease.run()));
            advance(LATER);
            List<RunLease> again = Race.values(Race.of(runs.size(), i -> () -> {
                store().leases().release(leases.get(i).fence());
                return store().leases().claim(runs.get(i).id(), Given.RUNNER, Given.LEASE);
            }));
            assertThat(again).extracting(lease -> lease.run().startedAt()).containsOnly(now);
        }
    }

    @Test
    @Proves({Rule.C_6, Rule.G_10})
    void a_later_turn_of_a_lease_does_not_begin_its_run_again() {
        RunLease lease = given().claimed();
        Command first = given().acknowledgedTurn(lease);
        Run begun = store().runs().get(lease.run().id());
        advance(LATER);
        store().commands().finish(lease.fence(), first.id(), DONE);
        Command second = given().turn(begun);
        given().acknowledged(lease.fence(), second);
        assertThat(store().runs().get(begun.id())).isEqualTo(begun);
        store().commands().finish(lease.fence(), second.id(), DONE);
        Command third = given().turn(begun);
        advance(LATER);

        store().commands().acknowledgeAll(List.of(new Acknowledgement(lease.fence(), third.id())));

        assertThat(store().runs().get(begun.id())).isEqualTo(begun);
    }

    @Test
    @Proves({Rule.L_2, Rule.G_5})
    void the_event_of_each_claim_has_the_time_of_that_claim() {
        RunLease first = given().claimed();
        String id = first.run().id();
        store().leases().release(first.fence());
        advance(LATER);

        RunLease named = given().claimed(first.run());
        assertThat(lastEvent(id).createdAt()).isEqualTo(named.run().updatedAt());
        store().leases().release(named.fence());
        advance(LATER);
        RunLease next = store().leases()
                .claimNext(ClaimRequest.by(Given.RUNNER, Given.LEASE).withScope(given().scope()))
                .orElseThrow();

        assertThat(next.run().id()).isEqualTo(id);
        assertThat(lastEvent(id).createdAt()).isEqualTo(next.run().updatedAt());
        assertThat(next.run().updatedAt()).isEqualTo(first.run().updatedAt().plus(LATER.multipliedBy(2)));
    }

    @Test
    @Proves(Rule.R_6)
    void a_cancel_request_keeps_its_time_when_its_run_begins_and_ends() {
        String queue = given().name("queue");
        QueueTask pending = given().task(queue);
        Dispatch dispatch = given().dispatched(queue);
        RunLease lease = given().claimed(dispatch.run());
        QueueTask task = store().queue().cancel(pending.id(), "no more");
        Run asked = store().runs().get(lease.run().id());
        advance(LATER);
        given().acknowledged(lease.fence(), dispatch.turn());
        assertThat(store().runs().get(asked.id()).cancelRequest()).isEqualTo(asked.cancelRequest());
        advance(LATER);

        store().runs().finish(lease.fence(), DONE);

        assertThat(asked.cancelRequest()).isNotNull();
        assertThat(second().runs().get(asked.id()).cancelRequest()).isEqualTo(asked.cancelRequest());
        QueueTask ended = second().queue().get(task.id());
        assertThat(ended.cancelRequest()).isNotNull().isEqualTo(task.cancelRequest());
        assertThat(ended.updatedAt()).isEqualTo(task.updatedAt().plus(LATER.multipliedBy(2)));
    }
}
