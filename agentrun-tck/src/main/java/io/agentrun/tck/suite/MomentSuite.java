package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Time, which is the store's and one moment for each operation; and the tenants of runs.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class MomentSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";

    /** For adapters. */
    protected MomentSuite() {}

    @Test
    @Proves(Rule.G_5)
    void all_times_are_in_whole_microseconds() {
        Session session = given().ready(given().session());
        store().queue()
                .create(given().newTask(QUEUE)
                        .session(SessionRef.of(session.id()))
                        .retry(RetryPolicy.of(2, Duration.ofNanos(1_500)))
                        .build());
        Dispatch dispatch = given().dispatched(QUEUE);
        RunLease lease = store().leases().claim(dispatch.run().id(), Given.RUNNER, Duration.ofNanos(123_456_789));
        given().acknowledged(lease.fence(), dispatch.turn());
        ReadMark mark = store().sessions().markRead(session.id(), "ann", session.version());
        store().runs().cancel(lease.run().id(), "no more", CancelMode.GRACEFUL);
        Run asked = store().runs().get(lease.run().id());
        store().runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));

        List<Instant> times = new ArrayList<>(List.of(mark.readAt(), lease.expiresAt()));
        times.add(Objects.requireNonNull(asked.cancelRequest()).requestedAt());
        Run run = store().runs().get(lease.run().id());
        times.addAll(List.of(run.createdAt(), run.updatedAt()));
        Session after = store().sessions().get(session.id());
        times.addAll(List.of(after.createdAt(), after.updatedAt()));
        times.add(Objects.requireNonNull(after.activity().lastActivityAt()));
        times.add(Objects.requireNonNull(after.storage().updatedAt()));
        QueueTask task = store().queue().get(dispatch.task().id());
        times.addAll(List.of(task.createdAt(), task.updatedAt()));
        times.add(Objects.requireNonNull(
                Objects.requireNonNull(task.latestAttempt()).endedAt()));
        Command turn = store().commands().get(dispatch.turn().id());
        times.add(Objects.requireNonNull(turn.times().acknowledgedAt()));
        events(run.id()).forEach(event -> times.add(event.createdAt()));
        assertThat(times).allSatisfy(time -> assertThat(time.getNano() % 1_000).isZero());
    }

    @Test
    @Proves(Rule.G_5)
    void a_time_that_is_given_is_cut_to_microseconds() {
        Instant fine = given().session().createdAt().plus(Duration.ofDays(1)).plusNanos(999);
        Instant cut = fine.minusNanos(999);

        Session session = store().sessions()
                .upsert(given().newSession().expiry(Expiry.at(fine)).build());
        QueueTask task =
                store().queue().create(given().newTask(QUEUE).notBefore(fine).build());

        assertThat(session.expiresAt()).isEqualTo(cut);
        assertThat(second().sessions().get(session.id()).expiresAt()).isEqualTo(cut);
        assertThat(second().queue().get(task.id()).notBefore()).isEqualTo(cut);
    }

    /** A step that has waited for a lock is later than what it has waited for, whenever it was called. */
    @Test
    @Proves({Rule.G_5, Rule.L_5})
    void a_release_is_never_dated_before_what_it_has_waited_for() {
        Run run = given().run();
        NewEvent event = new NewEvent(EventType.DIFF, JsonObject.empty());
        AtomicBoolean done = new AtomicBoolean();
        List<Callable<Boolean>> callers = List.of(
                () -> {
                    try {
                        for (int i = 0; i < 40; i++) {
                            store().leases().release(given().claimed(run).fence());
                        }
                    } finally {
                        done.set(true);
                    }
                    return true;
                },
                () -> {
                    while (!done.get()) {
                        second().events().appendUnfenced(run.id(), event);
                    }
                    return true;
                },
                () -> {
                    while (!done.get()) {
                        advance(Duration.ofMillis(1));
                    }
                    return true;
                });

        List<Race.Finish<Boolean>> finishes = Race.of(callers.size(), callers::get);

        assertThat(Race.failures(finishes)).isEmpty();
        Instant latest = Instant.MIN;
        int releases = 0;
        for (RunEvent told : events(run.id())) {
            if (told.payload().string("phase").filter("run-released"::equals).isPresent()) {
                releases++;
                assertThat(told.createdAt()).as("event %d", told.seq()).isAfterOrEqualTo(latest);
            }
            latest = told.createdAt().isAfter(latest) ? told.createdAt() : latest;
        }
        assertThat(releases).isEqualTo(40);
    }

    @Test
    @Proves(Rule.G_5)
    void all_that_one_operation_writes_has_one_time() {
        String sessionId = given().name("session");
        QueueTask task = store().queue()
                .create(given().newTask(QUEUE).session(SessionRef.of(sessionId)).build());
        advance(Duration.ofSeconds(1));

        Dispatch dispatch = given().dispatched(QUEUE);
        Session session = store().sessions().get(sessionId);
        List<RunEvent> events = events(dispatch.run().id());

        Instant moment = dispatch.run().createdAt();
        assertThat(moment).isAfter(task.createdAt());
        assertThat(List.of(
                        dispatch.run().updatedAt(),
                        dispatch.turn().times().createdAt(),
                        dispatch.task().updatedAt(),
                        Objects.requireNonNull(dispatch.task().latestAttempt()).startedAt(),
                        session.createdAt(),
                        session.updatedAt(),
                        Objects.requireNonNull(session.activity().lastActivityAt())))
                .containsOnly(moment);
        assertThat(events).extracting(RunEvent::createdAt).containsOnly(moment);
    }

    @Test
    @Proves({Rule.G_5, Rule.E_2})
    void the_events_of_a_batch_and_of_an_end_have_one_time() {
        RunLease lease = given().claimed();
        given().acknowledgedTurn(lease);
        NewEvent event = new NewEvent(EventType.DIFF, JsonObject.empty());

        List<RunEvent> batch = store().events().append(lease.fence(), List.of(event, event, event));
        advance(Duration.ofSeconds(1));
        Run ended = store().runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));

        assertThat(batch.stream().map(RunEvent::createdAt).distinct()).hasSize(1);
        assertThat(lastEvent(ended.id()).createdAt()).isEqualTo(ended.updatedAt());
        List<RunEvent> all = events(ended.id());
        assertThat(all.get(all.size() - 2).createdAt()).isEqualTo(ended.updatedAt());
    }

    @Test
    @Proves(Rule.G_5)
    void time_moves_for_both_instances_and_never_back() {
        Run first = given().run();
        advance(Duration.ofHours(1));
        Run second = second().runs().create(given().newRun().build());
        advance(Duration.ofMillis(1));
        Run third = given().run();

        assertThat(second.createdAt()).isAfterOrEqualTo(first.createdAt().plus(Duration.ofHours(1)));
        assertThat(third.createdAt()).isAfterOrEqualTo(second.createdAt().plusMillis(1));
    }

    @Test
    @Proves({Rule.G_6, Rule.G_3})
    void lists_claims_recoveries_and_purges_keep_to_the_runs_of_their_scope() {
        Owner mine = given().owner();
        Owner sibling = new Owner(mine.tenantId(), given().name("project"));
        Owner stranger = new Owner(given().name("tenant"), mine.projectId());
        TenantScope tenant = TenantScope.tenant(mine.tenantId());
        TenantScope nobody = TenantScope.tenant(given().name("tenant"));
        for (Owner owner : List.of(mine, sibling, stranger)) {
            store().runs().create(NewRun.builder(owner, given().spec()).build());
        }

        assertThat(owners(nobody)).isEmpty();
        assertThat(owners(given().scope())).containsExactly(mine);
        assertThat(owners(tenant)).containsExactlyInAnyOrder(mine, sibling);
        assertThat(owners(TenantScope.all())).containsExactlyInAnyOrder(mine, sibling, stranger);

        assertThat(claim(nobody)).isEmpty();
        assertThat(claim(TenantScope.tenant(stranger.tenantId()))).containsExactly(stranger);
        assertThat(claim(tenant)).containsExactlyInAnyOrder(mine, sibling);
        assertThat(claim(TenantScope.all())).isEmpty();

        advance(Given.PAST_LEASE);
        assertThat(expired(nobody)).isEmpty();
        assertThat(expired(given().scope())).containsExactly(mine);
        assertThat(expired(tenant)).containsExactlyInAnyOrder(mine, sibling);
        store().leases().recoverExpired(new ExpiredQuery(given().scope(), 10));
        assertThat(expired(TenantScope.all())).containsExactlyInAnyOrder(sibling, stranger);
        store().leases().recoverExpired(new ExpiredQuery(TenantScope.all(), 10));
        assertThat(expired(TenantScope.all())).isEmpty();
        for (Run run : store().runs().list(RunQuery.in(TenantScope.all())).items()) {
            store().runs().finishUnclaimed(run.id(), Outcome.cancelled("not needed"));
        }

        assertThat(purge(nobody)).isZero();
        assertThat(purge(given().scope())).isEqualTo(1);
        assertThat(owners(TenantScope.all())).containsExactlyInAnyOrder(sibling, stranger);
        assertThat(purge(tenant)).isEqualTo(1);
        assertThat(owners(TenantScope.all())).containsExactly(stranger);
    }

    private List<Owner> owners(TenantScope scope) {
        return store().runs().list(RunQuery.in(scope)).items().stream()
                .map(Run::owner)
                .toList();
    }

    private List<Owner> claim(TenantScope scope) {
        List<Owner> owners = new ArrayList<>();
        ClaimRequest request = ClaimRequest.by(Given.RUNNER, Given.LEASE).withScope(scope);
        store().leases()
                .claimNext(request)
                .ifPresent(lease -> owners.add(lease.run().owner()));
        store().leases()
                .claimNext(request)
                .ifPresent(lease -> owners.add(lease.run().owner()));
        return owners;
    }

    private List<Owner> expired(TenantScope scope) {
        return store().leases().listExpired(new ExpiredQuery(scope, 10)).stream()
                .map(ExpiredLease::run)
                .map(Run::owner)
                .toList();
    }

    private int purge(TenantScope scope) {
        return store().runs().purge(new PurgeRequest(scope, Duration.ZERO, 100)).purged();
    }
}
