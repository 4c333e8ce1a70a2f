package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Rule;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.storage.StorageState;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What happens at the very microsecond of an expiry, and one before it, while time stands still.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class ExactTimeSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";
    private static final Duration MICRO = Duration.ofNanos(1_000);
    private static final Duration HOUR = Duration.ofHours(1);

    /** For adapters. */
    protected ExactTimeSuite() {}

    @Test
    @Proves(Rule.G_5)
    void time_stands_still_until_it_is_moved() {
        Set<Instant> times = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            times.add(store().runs().create(given().newRun().build()).createdAt());
            times.add(second().runs().create(given().newRun().build()).createdAt());
        }
        Run last = given().run();

        advance(MICRO);

        assertThat(times).as("the times of 40 runs without an advance").hasSize(1);
        RunQuery query = RunQuery.in(given().scope()).withLimit(50);
        assertThat(store().runs().list(query.withStatus(RunStatus.PENDING)).items())
                .isEqualTo(store().runs().list(query).items().stream()
                        .filter(run -> run.createdAt().equals(last.createdAt()))
                        .toList())
                .isSortedAccordingTo(Comparator.comparing(Run::id).reversed());
        assertThat(given().run().createdAt()).isEqualTo(last.createdAt().plus(MICRO));
    }

    @Test
    @Proves({Rule.L_3, Rule.L_4})
    void another_runner_gets_the_run_at_the_very_end_of_its_lease_and_not_a_microsecond_before() {
        RunLease lease = given().claimed(given().runWithAttempts(2));
        String id = lease.run().id();
        advance(Given.LEASE.minus(MICRO));

        watch().run(lease.run())
                .refuses(
                        LeaseConflictException.class,
                        () -> store().leases().claim(id, Given.OTHER_RUNNER, Given.LEASE));
        advance(MICRO);
        RunLease next = store().leases().claim(id, Given.OTHER_RUNNER, Given.LEASE);

        assertThat(next.fence().epoch()).isEqualTo(lease.fence().epoch() + 2);
        assertThat(next.expiresAt()).isEqualTo(lease.expiresAt().plus(Given.LEASE));
    }

    @Test
    @Proves({Rule.L_3, Rule.L_4})
    void a_claim_by_the_holder_itself_counts_a_start_at_the_very_end_of_its_lease() {
        RunLease early = given().claimed(given().runWithAttempts(2));
        RunLease late = given().claimed(given().runWithAttempts(2));
        advance(Given.LEASE.minus(MICRO));

        RunLease repeated = given().claimed(early.run());
        advance(MICRO);
        RunLease recovered = given().claimed(late.run());

        assertThat(repeated.fence().epoch()).isEqualTo(early.fence().epoch() + 1);
        assertThat(repeated.run().claim().attempts().starts()).isZero();
        assertThat(recovered.fence().epoch()).isEqualTo(late.fence().epoch() + 2);
        assertThat(recovered.run().claim().attempts().starts()).isEqualTo(1);
    }

    @Test
    @Proves(Rule.L_8)
    void a_lease_is_listed_and_recovered_at_its_very_end_and_not_a_microsecond_before() {
        RunLease lease = given().claimed(given().runWithAttempts(2));
        String id = lease.run().id();
        ExpiredQuery query = new ExpiredQuery(given().scope(), 10);
        advance(Given.LEASE.minus(MICRO));

        assertThat(store().leases().listExpired(query)).isEmpty();
        assertThat(store().leases().recover(id, 1).outcome()).isEqualTo(RecoveryOutcome.NOT_NEEDED);
        assertThat(store().leases().recoverExpired(query)).isEmpty();
        advance(MICRO);

        assertThat(store().leases().listExpired(query))
                .extracting(ExpiredLease::expiredAt)
                .containsExactly(lease.expiresAt());
        assertThat(store().leases().recover(id, 1).outcome()).isNotEqualTo(RecoveryOutcome.NOT_NEEDED);
    }

    @Test
    @Proves({Rule.P_5, Rule.P_8})
    void storage_is_collected_at_the_very_expiry_and_not_a_microsecond_before() {
        Session session = given().ready(given().session());
        store().sessions()
                .upsert(given().newSession()
                        .sessionId(session.id())
                        .expiry(Expiry.at(session.createdAt().plus(HOUR)))
                        .build());
        advance(HOUR.minus(MICRO));

        assertThat(claimedBy("gc-1")).isEmpty();
        watch().session(session.id())
                .refuses(
                        StateConflictException.class,
                        () -> store().storage().beginEviction(session.id(), 1, EvictionCause.EXPIRED));
        advance(MICRO);

        assertThat(claimedBy("gc-1")).containsExactly(session.id());
        assertThat(store().storage()
                        .beginEviction(session.id(), 1, EvictionCause.EXPIRED)
                        .storage()
                        .state())
                .isEqualTo(StorageState.EVICTING);
    }

    @Test
    @Proves(Rule.P_8)
    void a_collector_s_lease_is_over_at_its_very_end_and_not_a_microsecond_before() {
        Session session = given().evicting(given().session());
        assertThat(claimedBy("gc-1")).containsExactly(session.id());
        advance(Given.LEASE.minus(MICRO));

        assertThat(claimedBy("gc-2")).isEmpty();
        advance(MICRO);

        assertThat(claimedBy("gc-2")).containsExactly(session.id());
    }

    @Test
    @Proves({Rule.Q_2, Rule.Q_9})
    void a_task_is_due_at_its_very_time_and_not_a_microsecond_before() {
        Instant now = given().task("elsewhere").createdAt();
        QueueTask task = store().queue()
                .create(given().newTask(QUEUE).notBefore(now.plus(HOUR)).build());
        advance(HOUR.minus(MICRO));

        assertThat(store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                .isEmpty();
        assertThat(store().queue().stats(QueueScope.inQueue(QUEUE)).due()).isZero();
        advance(MICRO);

        assertThat(store().queue().stats(QueueScope.inQueue(QUEUE)).due()).isEqualTo(1);
        assertThat(given().dispatched(QUEUE).task().id()).isEqualTo(task.id());
    }

    @Test
    @Proves(Rule.Q_2)
    void a_task_with_a_session_is_due_at_its_very_time_and_not_a_microsecond_before() {
        Session known = given().session();
        for (String session : List.of(known.id(), given().name("session"))) {
            Instant now = given().task("elsewhere").createdAt();
            QueueTask task = store().queue()
                    .create(given().newTask(QUEUE)
                            .session(SessionRef.of(session))
                            .priority(5)
                            .notBefore(now.plus(HOUR))
                            .build());
            advance(HOUR.minus(MICRO));

            assertThat(store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                    .isEmpty();
            advance(MICRO);

            assertThat(given().dispatched(QUEUE).task().id()).isEqualTo(task.id());
        }
    }

    @Test
    @Proves(Rule.R_8)
    void a_run_is_purged_at_its_very_age_and_not_a_microsecond_before() {
        given().completed(given().run());
        PurgeRequest request = new PurgeRequest(given().scope(), HOUR, 10);
        advance(HOUR.minus(MICRO));

        assertThat(store().runs().purge(request)).isEqualTo(new PurgeResult(0, false));
        advance(MICRO);

        assertThat(store().runs().purge(request)).isEqualTo(new PurgeResult(1, false));
    }

    private List<String> claimedBy(String collector) {
        return store().storage().claimExpired(StorageClaimRequest.by(collector, Given.LEASE)).stream()
                .map(StorageClaim::session)
                .map(Session::id)
                .toList();
    }

    @Test
    @Proves({Rule.G_5, Rule.L_2, Rule.L_6})
    void a_lease_has_its_length_to_the_microsecond() {
        Duration length = Given.LEASE.plus(MICRO);
        Run run = given().run();
        Run next = given().run();
        Instant end = run.createdAt().plus(length);

        RunLease named = store().leases().claim(run.id(), Given.RUNNER, length);
        RunLease oldest = store().leases()
                .claimNext(ClaimRequest.by(Given.RUNNER, length).withScope(given().scope()))
                .orElseThrow();

        assertThat(oldest.run().id()).isEqualTo(next.id());
        assertThat(List.of(named.expiresAt(), oldest.expiresAt())).containsOnly(end);
        assertThat(store().leases().heartbeat(named.fence(), length.plus(MICRO)).expiresAt())
                .isEqualTo(end.plus(MICRO));
        assertThat(store().leases()
                        .heartbeatAll(List.of(named.fence(), oldest.fence()), length)
                        .get(1)
                        .orThrow()
                        .expiresAt())
                .isEqualTo(end);
    }

    @Test
    @Proves({Rule.Q_17, Rule.S_12})
    void tasks_and_sessions_are_purged_at_their_very_age_and_not_a_microsecond_before() {
        QueueTask task = store().queue().cancel(given().task(QUEUE).id(), "no more");
        Session session = given().session();
        PurgeRequest old = new PurgeRequest(given().scope(), HOUR, 10);
        advance(HOUR.minus(MICRO));

        assertThat(store().queue().purge(old).purged()).isZero();
        assertThat(store().sessions().purge(old).purged()).isZero();
        advance(MICRO);

        assertThat(store().queue().purge(old).purged()).isEqualTo(1);
        assertThat(store().sessions().purge(old).purged()).isEqualTo(1);
        watch().refuses(NotFoundException.class, () -> second().queue().get(task.id()));
        assertThat(second().sessions().find(session.id())).isEmpty();
    }
}
