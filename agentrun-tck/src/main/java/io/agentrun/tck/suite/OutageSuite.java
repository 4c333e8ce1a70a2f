package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agentrun.AgentRunStore;
import io.agentrun.StoreHealth;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import io.agentrun.tck.StoreFixture.Reach;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * A database that cannot be reached, and is there again.
 *
 * <p>Of a store that is always there the tests ask only that it goes on. Not thread-safe: one thread at a time.
 */
public abstract class OutageSuite extends ConformanceSuite {

    private static final Duration LONG = Duration.ofMinutes(30);

    /** For adapters. */
    protected OutageSuite() {}

    private static NewEvent event(int number) {
        return new NewEvent(EventType.DIFF, JsonObject.of("number", number));
    }

    @Test
    @Proves({Rule.G_12, Rule.G_3})
    void without_its_database_every_operation_says_so_and_changes_nothing() {
        Operations.Ids ids = Operations.known(given());
        List<Operations.Operation> operations = Operations.on(ids, given());
        Watch watch = watch().run(store().runs().get(ids.run()))
                .session(ids.session())
                .task(ids.task());
        List<Object> before = watch.now();

        Reach reach = cutOff();

        if (reach == Reach.CUT_OFF) {
            for (Operations.Operation operation : operations) {
                for (AgentRunStore store : List.of(store(), second())) {
                    assertThat(catchThrowable(() -> operation.call().accept(store)))
                            .as(operation.name())
                            .isInstanceOfSatisfying(StoreUnavailableException.class, e -> {
                                assertThat(e.httpStatus()).isEqualTo(503);
                                assertThat(e.retryable()).as(operation.name()).isTrue();
                            });
                }
            }
        }
        fixture().restore();
        assertThat(watch.now()).isEqualTo(before);
    }

    @Test
    @Proves(Rule.G_12)
    void without_its_database_a_store_is_not_ready_and_with_it_again_it_is() {
        Reach reach = cutOff();
        StoreHealth away = store().health();
        fixture().restore();

        if (reach == Reach.CUT_OFF) {
            assertThat(away.ready()).isFalse();
            assertThat(away.reachable()).isFalse();
            assertThat(away.failureKind()).isNotNull();
            assertThat(away.message()).isNotBlank();
        }
        awaitReady(store());
        awaitReady(second());
    }

    /** A pool may need a moment before it tries to connect again. */
    private void awaitReady(AgentRunStore store) {
        long end = System.nanoTime() + fixture().recoversWithin().toNanos();
        StoreHealth health = store.health();
        while (!health.ready()) {
            assertThat(System.nanoTime()).as("%s", health).isLessThan(end);
            health = store.health();
        }
    }

    @Test
    @Proves({Rule.G_12, Rule.L_1, Rule.E_1})
    void after_an_outage_both_instances_go_on_where_they_were() {
        RunLease lease = given().claimed();
        given().acknowledgedTurn(lease);
        int events = events(lease.run().id()).size();

        cutOff();
        fixture().restore();

        List<RunEvent> appended = store().events().append(lease.fence(), List.of(event(1)));
        assertThat(appended).extracting(RunEvent::seq).containsExactly(events + 1L);
        assertThat(second().leases()
                        .heartbeat(lease.fence(), Given.LEASE)
                        .signal()
                        .holds())
                .isTrue();
        Run created = second().runs().create(given().newRun().build());
        assertThat(store().runs().get(created.id())).isEqualTo(created);
    }

    /** Some calls end with their database, whose outcome is unknown; those that were answered must all be there. */
    @Test
    @Proves({Rule.G_12, Rule.E_1, Rule.E_2})
    void what_was_acknowledged_before_an_outage_is_there_afterwards_and_nothing_twice() {
        RunLease lease = given().claimed();
        String runId = lease.run().id();
        ConcurrentLinkedQueue<RunEvent> acknowledged = new ConcurrentLinkedQueue<>();
        Set<Integer> answered = ConcurrentHashMap.newKeySet();
        Set<Integer> failed = ConcurrentHashMap.newKeySet();
        AtomicBoolean enough = new AtomicBoolean();
        List<Future<Race.Finish<Boolean>>> writers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            AgentRunStore mine = i % 2 == 0 ? store() : second();
            int writer = i;
            int first = i * 1_000_000;
            writers.add(Race.background(() -> {
                for (int n = first; !enough.get(); n++) {
                    try {
                        acknowledged.addAll(mine.events().append(lease.fence(), List.of(event(n))));
                        answered.add(writer);
                    } catch (StoreUnavailableException expected) {
                        failed.add(writer);
                    }
                }
                return true;
            }));
        }
        try {
            awaitSize("answers", acknowledged, 20);
            awaitSize("writers with an answer", answered, writers.size());
            if (cutOff() == Reach.CUT_OFF) {
                awaitSize("writers that were told so", failed, writers.size());
            }
            answered.clear();
            fixture().restore();
            awaitSize("writers with an answer afterwards", answered, writers.size());
        } finally {
            enough.set(true);
        }
        writers.forEach(writer -> assertThat(Race.await(writer).value()).isTrue());

        List<RunEvent> stored = events(runId);
        assertThat(stored).containsAll(acknowledged);
        assertThat(stored.stream()
                        .filter(event -> event.type() == EventType.DIFF)
                        .map(RunEvent::payload)
                        .toList())
                .doesNotHaveDuplicates();
    }

    private void awaitSize(String what, Collection<?> collected, int many) {
        long end = System.nanoTime() + fixture().recoversWithin().toNanos();
        while (collected.size() < many) {
            assertThat(System.nanoTime())
                    .as("%s within %s", what, fixture().recoversWithin())
                    .isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    @Proves({Rule.G_12, Rule.E_5})
    void a_call_that_waits_either_ends_with_its_database_or_sees_what_comes_after() {
        Run run = given().run();
        long last = lastEvent(run.id()).seq();
        Future<Race.Finish<EventPage>> waiting =
                Race.waiting(() -> second().events().await(run.id(), last, 10, LONG));

        cutOff();
        fixture().restore();
        store().events().appendUnfenced(run.id(), List.of(event(1)));

        Race.Finish<EventPage> finish = Race.await(waiting);
        if (finish.succeeded()) {
            EventPage page = Objects.requireNonNull(finish.value());
            assertThat(page.items()).extracting(RunEvent::seq).containsExactly(last + 1);
        } else {
            assertThat(finish.failure()).isInstanceOf(StoreUnavailableException.class);
        }
    }

    @Test
    @Proves({Rule.G_12, Rule.G_4})
    void a_store_can_be_closed_without_its_database() {
        Run run = given().run();

        cutOff();
        second().close();
        fixture().restore();

        assertThat(second().health().ready()).isFalse();
        assertThat(store().runs().get(run.id())).isEqualTo(run);
    }
}
