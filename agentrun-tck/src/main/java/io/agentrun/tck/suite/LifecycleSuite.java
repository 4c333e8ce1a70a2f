package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.StoreHealth;
import io.agentrun.command.CommandDelivery;
import io.agentrun.error.StoreClosedException;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Opening, closing, and what becomes of calls that wait.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class LifecycleSuite extends ConformanceSuite {

    private static final Duration LONG = Duration.ofMinutes(30);
    private static final NewEvent EVENT = new NewEvent(EventType.DIFF, JsonObject.empty());

    /** For adapters. */
    protected LifecycleSuite() {}

    @Test
    @Proves(Rule.G_4)
    void an_open_store_is_healthy() {
        for (StoreHealth health : List.of(store().health(), second().health())) {
            assertThat(health.ready()).isTrue();
            assertThat(health.reachable()).isTrue();
            assertThat(health.migrationReady()).isTrue();
            assertThat(health.adapter()).isNotBlank();
            assertThat(health.failureKind()).isNull();
        }
    }

    @Test
    @Proves({Rule.G_4, Rule.G_3})
    void after_close_every_operation_says_so_and_changes_nothing() {
        Operations.Ids ids = Operations.known(given());
        List<Operations.Operation> known = Operations.on(ids, given());
        List<Operations.Operation> unknown = Operations.on(Operations.unknown(), given());
        Watch watch = watch().run(store().runs().get(ids.run()))
                .session(ids.session())
                .task(ids.task());

        second().close();

        for (List<Operations.Operation> operations : List.of(known, unknown)) {
            for (Operations.Operation operation : operations) {
                StoreClosedException refusal = watch.refuses(StoreClosedException.class, () -> {
                    operation.call().accept(second());
                    return operation.name();
                });
                assertThat(refusal.retryable()).isFalse();
                assertThat(refusal.httpStatus()).isEqualTo(503);
            }
        }
    }

    @Test
    @Proves(Rule.G_4)
    void the_health_of_a_closed_store_is_an_answer() {
        store().close();

        StoreHealth health = store().health();

        assertThat(health.ready()).isFalse();
        assertThat(health.adapter()).isNotBlank();
        assertThat(health.message()).isNotBlank();
        assertThat(health.failureKind()).isNotNull();
        assertThat(second().health().ready()).isTrue();
    }

    @Test
    @Proves(Rule.G_4)
    void closing_again_does_nothing() {
        store().close();
        store().close();

        assertThat(store().health().ready()).isFalse();
        assertThat(second().runners().backends()).isNotEmpty();
    }

    @Test
    @Proves(Rule.G_4)
    void the_other_instance_goes_on_with_the_same_data() {
        RunLease lease = given().claimed();
        store().close();

        Run run = second().runs().get(lease.run().id());
        second().leases().heartbeat(lease.fence(), Given.LEASE);
        Run created = second().runs().create(given().newRun().build());

        assertThat(run).isEqualTo(lease.run());
        assertThat(second().runs().get(created.id())).isEqualTo(created);
    }

    @Test
    @Proves(Rule.G_4)
    void closing_ends_the_calls_that_wait() {
        fixture().stopPolling();
        RunLease lease = given().claimed();
        long last = lastEvent(lease.run().id()).seq();
        Future<Race.Finish<EventPage>> events =
                Race.waiting(() -> store().events().await(lease.run().id(), last, 10, LONG));
        Future<Race.Finish<CommandDelivery>> commands =
                Race.waiting(() -> store().commands().await(lease.fence(), 10, LONG));

        store().close();

        assertThat(Race.await(events).failure()).isExactlyInstanceOf(StoreClosedException.class);
        assertThat(Race.await(commands).failure()).isExactlyInstanceOf(StoreClosedException.class);
    }

    @Test
    @Proves({Rule.G_4, Rule.E_5, Rule.C_5})
    void closing_one_instance_leaves_those_alone_that_wait_on_another() {
        RunLease lease = given().claimed();
        long last = lastEvent(lease.run().id()).seq();
        Future<Race.Finish<EventPage>> events =
                Race.waiting(() -> second().events().await(lease.run().id(), last, 10, LONG));
        Future<Race.Finish<CommandDelivery>> commands =
                Race.waiting(() -> second().commands().await(lease.fence(), 10, LONG));

        store().close();
        second().commands().create(lease.run().id(), given().newTurn("go on"));

        EventPage page = Objects.requireNonNull(Race.await(events).value());
        CommandDelivery delivery = Objects.requireNonNull(Race.await(commands).value());
        assertThat(page.items()).hasSize(1);
        assertThat(delivery.commands()).hasSize(1);
        assertThat(delivery.signal()).isEqualTo(LeaseSignal.CONTINUE);
    }

    @Test
    @Proves(Rule.E_5)
    void an_interrupted_wait_for_events_returns_what_there_is_and_keeps_the_flag() {
        Run run = given().run();
        long last = lastEvent(run.id()).seq();

        EventPage page = interrupted(() -> store().events().await(run.id(), last, 10, LONG));

        assertThat(page.items()).isEmpty();
        assertThat(page.nextAfterSeq()).isEqualTo(last);
        assertThat(page.ended()).isFalse();
    }

    @Test
    @Proves(Rule.C_5)
    void an_interrupted_wait_for_commands_returns_what_there_is_and_keeps_the_flag() {
        RunLease lease = given().claimed();

        CommandDelivery delivery = interrupted(() -> store().commands().await(lease.fence(), 10, LONG));

        assertThat(delivery.commands()).isEmpty();
        assertThat(delivery.signal()).isEqualTo(LeaseSignal.CONTINUE);
    }

    /** What has not ended when {@code close} returns would be seen by the other instance afterwards. */
    @Test
    @Proves({Rule.G_4, Rule.E_1})
    void closing_waits_for_the_calls_at_work() {
        for (int round = 0; round < 5; round++) {
            AgentRunStore closing = second();
            String run = given().run().id();
            List<Future<Race.Finish<Integer>>> callers = new ArrayList<>();
            AtomicInteger stored = new AtomicInteger();
            for (int i = 0; i < 6; i++) {
                callers.add(Race.background(() -> {
                    while (true) {
                        closing.events().appendUnfenced(run, EVENT);
                        stored.incrementAndGet();
                    }
                }));
            }
            while (lastEvent(run).seq() < 30) {
                Thread.onSpinWait();
            }

            closing.close();
            List<RunEvent> atClose = events(run);

            for (Future<Race.Finish<Integer>> caller : callers) {
                assertThat(Race.await(caller).failure()).isExactlyInstanceOf(StoreClosedException.class);
            }
            assertThat(events(run)).as("events after close has returned").isEqualTo(atClose);
            assertThat(atClose).as("each answered append, and run-created").hasSize(stored.get() + 1);
            reopen();
        }
    }

    @Test
    @Proves(Rule.G_4)
    void each_accessor_of_a_store_returns_the_same_object_every_time() {
        assertThat(store().runs()).isSameAs(store().runs());
        assertThat(store().leases()).isSameAs(store().leases());
        assertThat(store().commands()).isSameAs(store().commands());
        assertThat(store().events()).isSameAs(store().events());
        assertThat(store().runners()).isSameAs(store().runners());
        assertThat(store().sessions()).isSameAs(store().sessions());
        assertThat(store().storage()).isSameAs(store().storage());
        assertThat(store().queue()).isSameAs(store().queue());
    }

    /** What the call returns on a thread that is interrupted while it waits, or shortly before. */
    private static <T> T interrupted(Callable<T> call) {
        AtomicReference<T> result = new AtomicReference<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        CountDownLatch running = new CountDownLatch(1);
        Thread thread = new Thread(
                () -> {
                    running.countDown();
                    try {
                        result.set(call.call());
                    } catch (Throwable thrown) {
                        failure.set(thrown);
                    }
                    flag.set(Thread.currentThread().isInterrupted());
                },
                "kit-interrupted");
        thread.setDaemon(true);
        thread.start();
        try {
            running.await();
            thread.interrupt();
            thread.join(Duration.ofMinutes(2).toMillis());
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while a call was watched", e);
        }
        assertThat(thread.isAlive()).as("still waiting").isFalse();
        assertThat(failure.get()).isNull();
        assertThat(flag.get()).as("the interrupt flag").isTrue();
        return Objects.requireNonNull(result.get());
    }
}
