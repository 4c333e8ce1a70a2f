package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Limits;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.rules.Rule;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Numbers, durations and times at their bounds, and beyond.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class BoundsSuite extends ConformanceSuite {

    private static final Limits LIMITS = Limits.DEFAULTS;

    /** For adapters. */
    protected BoundsSuite() {}

    /** D8: a negative lease was granted. */
    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void leases_out_of_bounds_are_refused_everywhere() {
        Run pending = given().run();
        RunLease held = given().claimed();
        List<Duration> bad = List.of(
                Duration.ZERO,
                Duration.ofSeconds(-1),
                LIMITS.minLease().minusNanos(1),
                LIMITS.maxLease().plusNanos(1),
                Duration.ofSeconds(Long.MAX_VALUE),
                Duration.ofSeconds(Long.MIN_VALUE));
        List<Consumer<Duration>> calls = List.of(
                lease -> store().leases().claim(pending.id(), Given.RUNNER, lease),
                lease -> store().leases().claimNext(ClaimRequest.by(Given.RUNNER, lease)),
                lease -> store().leases().heartbeat(held.fence(), lease),
                lease -> store().storage().claimExpired(StorageClaimRequest.by("gc", lease)));
        for (Duration lease : bad) {
            calls.forEach(call -> watch().run(pending).run(held.run()).unchangedBy(() -> {
                invalid("lease", () -> call.accept(lease));
                return lease;
            }));
        }
    }

    @Test
    @Proves(Rule.G_1)
    void the_shortest_and_the_longest_lease_are_granted() {
        for (Duration lease : List.of(LIMITS.minLease(), LIMITS.maxLease())) {
            RunLease claimed = store().leases().claim(given().run().id(), Given.RUNNER, lease);

            assertThat(Duration.between(claimed.run().updatedAt(), claimed.expiresAt()))
                    .isEqualTo(lease);
        }
    }

    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void limits_out_of_bounds_are_refused_by_every_list() {
        Run run = given().runIn(given().name("session"));
        RunLease lease = given().claimed();
        String session = String.valueOf(run.sessionId());
        Map<String, IntConsumer> lists = new LinkedHashMap<>();
        lists.put("runs", n -> store().runs().list(RunQuery.in(given().scope()).withLimit(n)));
        String task = given().task("q").id();
        lists.put("runs of a task", n -> store().runs().listByTask(task, null, n));
        lists.put("expired", n -> store().leases().listExpired(new ExpiredQuery(given().scope(), n)));
        lists.put("recover", n -> store().leases().recoverExpired(new ExpiredQuery(given().scope(), n)));
        lists.put("unclaimed", n -> store().leases().endUnclaimed(new ExpiredQuery(given().scope(), n)));
        lists.put("commands", n -> store().commands().list(run.id(), 0, n));
        lists.put("delivery", n -> store().commands().await(lease.fence(), n, Duration.ZERO));
        lists.put("events", n -> store().events().list(run.id(), 0, n));
        lists.put("await", n -> store().events().await(run.id(), 0, n, Duration.ZERO));
        lists.put(
                "sessions",
                n -> store().sessions().list(SessionQuery.in(given().scope()).withLimit(n)));
        lists.put("changes", n -> store().sessions().changes(given().scope(), null, n));
        lists.put(
                "trace",
                n -> store().sessions().trace(SessionTraceQuery.of(session).withLimit(n)));
        lists.put(
                "output",
                n -> store().sessions().output(SessionTraceQuery.of(session).withLimit(n)));
        lists.put("tasks", n -> store().queue().list(QueueQuery.inQueue("q").withLimit(n)));
        lists.put("task changes", n -> store().queue().changes(given().scope(), null, n));
        lists.put(
                "collect",
                n -> store().storage()
                        .claimExpired(StorageClaimRequest.by("gc", Given.LEASE).withLimit(n)));

        lists.forEach((name, list) -> {
            for (int bad : new int[] {0, -1, Integer.MIN_VALUE, LIMITS.maxPage() + 1, Integer.MAX_VALUE}) {
                invalid("limit", () -> list.accept(bad));
            }
            list.accept(1);
            list.accept(LIMITS.maxPage());
        });
        for (int bad : new int[] {0, -1, PurgeRequest.MAX_LIMIT + 1}) {
            invalid("limit", () -> store().runs().purge(new PurgeRequest(given().scope(), Duration.ZERO, bad)));
        }
    }

    @Test
    @Proves({Rule.G_1, Rule.E_2})
    void a_batch_has_one_event_at_least_and_a_thousand_at_most() {
        RunLease lease = given().claimed();
        NewEvent event = new NewEvent(EventType.DIFF, JsonObject.empty());
        List<NewEvent> most =
                IntStream.range(0, LIMITS.maxBatchEvents()).mapToObj(i -> event).toList();
        List<NewEvent> tooMany = IntStream.rangeClosed(0, LIMITS.maxBatchEvents())
                .mapToObj(i -> event)
                .toList();
        for (List<NewEvent> bad : List.of(List.<NewEvent>of(), tooMany)) {
            watch().run(lease.run()).unchangedBy(() -> {
                invalid("events", () -> store().events().append(lease.fence(), bad));
                invalid(
                        "events",
                        () -> store().events().appendUnfenced(lease.run().id(), bad));
                return bad;
            });
        }

        assertThat(store().events().append(lease.fence(), most)).hasSize(LIMITS.maxBatchEvents());
    }

    /** One such call made a file store useless for everybody: its journal has a greatest length of an entry. */
    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void what_is_too_large_together_is_refused_and_the_store_goes_on() {
        RunLease lease = given().claimed();
        JsonObject large = JsonObject.of("text", "x".repeat(1_000_000));
        NewEvent event = new NewEvent(EventType.DIFF, large);
        int tooMany = Limits.MAX_CALL_BYTES / large.sizeInBytes() + 1;

        watch().run(lease.run()).unchangedBy(() -> {
            invalid("events", () -> store().events().append(lease.fence(), Collections.nCopies(tooMany, event)));
            invalid(
                    "references",
                    () -> store().queue()
                            .create(given().newTask(given().name("queue"))
                                    .references(Collections.nCopies(tooMany, large))
                                    .build()));
            return tooMany;
        });

        assertThat(store().events()
                        .append(lease.fence(), new NewEvent(EventType.DIFF, JsonObject.empty()))
                        .type())
                .isEqualTo(EventType.DIFF);
    }

    /** D14: a sequence number beyond 32 bits was a raw database error. */
    @Test
    @Proves(Rule.G_1)
    void a_number_after_which_a_list_begins_may_be_far_beyond_it_and_not_below_zero() {
        Run run = given().run();
        for (long after : new long[] {Integer.MAX_VALUE, 3_000_000_000L, Long.MAX_VALUE}) {
            EventPage page = store().events().list(run.id(), after, 10);
            assertThat(page.items()).isEmpty();
            assertThat(page.ended()).isFalse();
            assertThat(store().commands().list(run.id(), after, 10).items()).isEmpty();
        }
        invalid("afterSeq", () -> store().events().list(run.id(), -1, 10));
        invalid("afterSeq", () -> store().events().await(run.id(), Long.MIN_VALUE, 10, Duration.ZERO));
        invalid("afterSeq", () -> store().commands().list(run.id(), -1, 10));
    }

    @Test
    @Proves({Rule.G_1, Rule.E_5})
    void waiting_has_bounds_too() {
        RunLease lease = given().claimed();
        String run = lease.run().id();
        for (Duration bad :
                List.of(Duration.ofMillis(-1), LIMITS.maxWait().plusMillis(1), Duration.ofSeconds(Long.MAX_VALUE))) {
            invalid("timeout", () -> store().events().await(run, 0, 10, bad));
            invalid("timeout", () -> store().commands().await(lease.fence(), 10, bad));
        }

        assertThat(store().events().await(run, 0, 10, LIMITS.maxWait()).items()).isNotEmpty();
    }

    @Test
    @Proves(Rule.G_1)
    void times_far_out_of_range_are_refused_and_the_first_and_last_are_kept() {
        for (Instant bad : List.of(
                Instant.MAX,
                Instant.MIN,
                Times.MAX.plusNanos(1_000),
                Times.MIN.minusNanos(1),
                Instant.MAX.minusSeconds(9))) {
            invalid("at", () -> Expiry.at(bad));
            invalid("expiresAt", () -> SessionRef.of("s").withExpiresAt(bad));
            invalid("notBefore", () -> given().newTask("queue").notBefore(bad).build());
        }
        for (Instant good : List.of(Times.MIN, Times.MAX, Instant.EPOCH, Instant.parse("1582-10-10T00:00:00Z"))) {
            Session session = store().sessions()
                    .upsert(given().newSession().expiry(Expiry.at(good)).build());
            Session ofRun = store().sessions()
                    .get(String.valueOf(store().runs()
                            .create(given().newRun()
                                    .session(SessionRef.of(given().name("session"))
                                            .withExpiresAt(good))
                                    .build())
                            .sessionId()));
            QueueTask task = store().queue()
                    .create(given().newTask("queue").notBefore(good).build());

            assertThat(second().sessions().get(session.id()).expiresAt()).isEqualTo(good);
            assertThat(ofRun.expiresAt()).isEqualTo(good);
            assertThat(second().queue().get(task.id()).notBefore()).isEqualTo(good);
        }
    }

    @Test
    @Proves(Rule.Q_6)
    void a_retry_delay_may_be_thirty_days() {
        RetryPolicy policy = RetryPolicy.of(100, Duration.ofDays(30));

        QueueTask task =
                store().queue().create(given().newTask("queue").retry(policy).build());

        assertThat(second().queue().get(task.id()).retry()).isEqualTo(policy);
        for (int bad : new int[] {0, -1, 101}) {
            invalid("maxAttempts", () -> RetryPolicy.of(bad, Duration.ZERO));
            invalid("maxAttempts", () -> given().newRun().maxAttempts(bad).build());
        }
        for (Duration bad : List.of(Duration.ofMillis(-1), Duration.ofDays(30).plusMillis(1))) {
            invalid("delay", () -> RetryPolicy.of(2, bad));
        }
    }

    @Test
    @Proves(Rule.R_8)
    void a_purge_refuses_an_age_below_zero_and_takes_a_very_great_one() {
        Run run = store().runs().cancel(given().run().id(), "no more");

        invalid("olderThan", () -> PurgeRequest.olderThan(Duration.ofMillis(-1)));
        invalid("olderThan", () -> PurgeRequest.olderThan(Duration.ofSeconds(Long.MAX_VALUE)));
        store().runs().purge(PurgeRequest.olderThan(Duration.ofDays(36_500)));

        assertThat(store().runs().get(run.id())).isEqualTo(run);
    }

    @Test
    @Proves({Rule.G_1, Rule.S_6})
    void numbers_below_their_least_are_refused() {
        Session session = given().ready(given().session());
        QueueTask task = given().task("queue");
        String id = session.id();

        watch().session(id).task(task.id()).unchangedBy(() -> {
            invalid("version", () -> store().sessions().markRead(id, "ann", -1));
            invalid("version", () -> store().sessions().markRead(id, "ann", 0));
            invalid("version", () -> store().queue().markRead(task.id(), "ann", 0));
            invalid("version", () -> store().queue().markRead(task.id(), "ann", -1));
            invalid("generation", () -> store().storage().beginEviction(id, 0, EvictionCause.REQUESTED));
            invalid("generation", () -> store().storage().confirmEvicted(id, 0));
            invalid("generation", () -> store().storage().markMissing(id, -1));
            invalid("generation", () -> StorageReady.of(id, 0, "uid"));
            invalid("sizeBytes", () -> StorageRefresh.builder(id).sizeBytes(-1L).build());
            invalid(
                    "filesCount",
                    () -> StorageRefresh.builder(id).filesCount(-1L).build());
            invalid("epoch", () -> store().leases().recover("run_unknown", 0));
            invalid("epoch", () -> Given.forged("run_unknown", Given.RUNNER, 0));
            invalid("attempt", () -> AttemptReport.running(task.id(), 0, "a-1"));
            return id;
        });
    }

    @Test
    @Proves(Rule.P_2)
    void names_that_no_cluster_takes_are_refused() {
        String id = given().session().id();
        for (String bad : List.of("", "Upper", "a_b", "-a", "a-", "a/b", "a..b", "x".repeat(254), "a b", "ä")) {
            invalid("pvcName", () -> new StorageIntent(id, "agents", bad));
            invalid("namespace", () -> new StorageIntent(id, bad, "claim"));
        }
        for (String bad : List.of("/abs", "a//b", "a/../b", "..", ".", "a/", "a\\b")) {
            invalid(
                    "rolloutSubdir",
                    () -> given().newSession().rolloutSubdir(bad).build());
            invalid(
                    "rolloutSubdir",
                    () -> StorageRefresh.builder(id).rolloutSubdir(bad).build());
        }
        for (String bad : List.of("", "abc", "A".repeat(64), "0".repeat(65), "g".repeat(64))) {
            invalid("sha256", () -> StorageRefresh.builder(id).sha256(bad).build());
        }
        StorageRefresh most = StorageRefresh.builder(
                        given().ready(given().session()).id())
                .sizeBytes(Long.MAX_VALUE)
                .filesCount(Long.MAX_VALUE)
                .sha256("0".repeat(64))
                .rolloutSubdir("a/b-c/.d")
                .build();

        Session session = store().storage().refresh(most);

        assertThat(session.storage().contents().sizeBytes()).isEqualTo(Long.MAX_VALUE);
        assertThat(session.storage().contents().filesCount()).isEqualTo(Long.MAX_VALUE);
        assertThat(session.storage().contents().rolloutSubdir()).isEqualTo("a/b-c/.d");
    }

    private static void invalid(String field, Runnable call) {
        Throwable thrown = catchThrowable(call::run);
        assertThat(thrown).as(field).isExactlyInstanceOf(InvalidInputException.class);
        assertThat(((InvalidInputException) thrown).field()).isEqualTo(field);
    }
}
