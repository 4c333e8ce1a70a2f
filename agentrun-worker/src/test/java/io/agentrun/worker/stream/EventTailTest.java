package io.agentrun.worker.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.AgentRunStore;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.run.PurgeRequest;
import io.agentrun.worker.testing.Background;
import io.agentrun.worker.testing.Collector;
import io.agentrun.worker.testing.EventStoreProxy;
import io.agentrun.worker.testing.Leased;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventTailTest {

    private final AgentRunStore store = InMemoryAgentRunStore.create();
    private final Leased run = new Leased(store);
    private final EventTail tail = EventTail.of(store.events());

    @AfterEach
    void close() {
        tail.close();
        store.close();
    }

    private void append(int count) {
        for (int i = 0; i < count; i++) {
            store.events().append(run.fence(), event("line " + i));
        }
    }

    private static NewEvent event(String text) {
        return new NewEvent(EventType.COMMAND_OUTPUT, JsonObject.of("text", text));
    }

    private List<Long> from(long first) {
        long last = store.events().list(run.runId(), 0, 500).items().size();
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    @Test
    void a_subscriber_gets_every_event_from_its_number_on_and_the_end() {
        append(5);
        Collector all = Collector.ofAll();
        Collector some = Collector.ofAll();

        tail.from(run.runId(), 0).subscribe(all);
        tail.from(run.runId(), 3).subscribe(some);
        all.awaitEvents(5);
        append(20);
        run.finish();
        all.awaitEnd();
        some.awaitEnd();

        assertThat(all.numbers()).isEqualTo(from(1));
        assertThat(some.numbers()).isEqualTo(from(4));
        assertThat(all.error()).isNull();
        assertThat(tail.watchedRuns()).isZero();
    }

    @Test
    void many_subscribers_of_a_run_all_get_everything_in_order_and_one_after_the_other() {
        List<Collector> subscribers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Collector subscriber = new Collector(Long.MAX_VALUE);
            subscribers.add(subscriber);
            tail.from(run.runId(), 0).subscribe(subscriber);
            append(3);
        }
        run.finish();

        List<Long> expected = from(1);
        assertThat(subscribers).allSatisfy(subscriber -> {
            subscriber.awaitEnd();
            assertThat(subscriber.numbers()).isEqualTo(expected);
            assertThat(subscriber.isProper()).isTrue();
        });
    }

    @Test
    void a_subscriber_gets_no_more_than_it_asked_for() {
        append(10);
        Collector subscriber = new Collector(0);
        tail.from(run.runId(), 0).subscribe(subscriber);

        subscriber.subscription().request(3);
        subscriber.awaitEvents(3);
        Collector other = Collector.ofAll();
        tail.from(run.runId(), 0).subscribe(other);
        other.awaitEvents(10);
        assertThat(subscriber.numbers()).containsExactly(1L, 2L, 3L);
        subscriber.subscription().request(2);
        subscriber.awaitEvents(5);

        assertThat(subscriber.numbers()).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void a_subscriber_that_falls_behind_reads_pages_of_its_own_and_catches_up() {
        AtomicInteger reads = new AtomicInteger();
        EventTail small = EventTail.builder(new EventStoreProxy(store.events()) {
                    @Override
                    public EventPage list(String runId, long afterSeq, int limit) {
                        reads.incrementAndGet();
                        return super.list(runId, afterSeq, limit);
                    }
                })
                .ringBytes(2_000)
                .build();
        try (small) {
            Collector slow = new Collector(1);
            Collector fast = Collector.ofAll();
            small.from(run.runId(), 0).subscribe(slow);
            small.from(run.runId(), 0).subscribe(fast);
            slow.awaitEvents(1);
            append(300);
            run.finish();
            fast.awaitEnd();
            assertThat(slow.numbers()).hasSize(1);

            slow.subscription().request(Long.MAX_VALUE);
            slow.awaitEnd();

            assertThat(slow.numbers()).isEqualTo(from(1)).isEqualTo(fast.numbers());
            assertThat(reads.get()).isPositive();
        }
    }

    @Test
    void a_number_that_the_run_has_not_reached_holds_nobody_else_up() {
        Collector ahead = Collector.ofAll();
        tail.from(run.runId(), 1_000).subscribe(ahead);
        Collector behind = Collector.ofAll();
        tail.from(run.runId(), 0).subscribe(behind);
        append(3);
        behind.awaitEvents(3);
        run.finish();
        behind.awaitEnd();
        ahead.awaitEnd();

        assertThat(behind.numbers()).isEqualTo(from(1));
        assertThat(ahead.numbers()).isEmpty();
        assertThat(ahead.error()).isNull();
    }

    @Test
    void a_request_for_nothing_is_an_error_by_the_rules() {
        for (long n : List.of(0L, -1L, Long.MIN_VALUE)) {
            Collector subscriber = new Collector(0);
            tail.from(run.runId(), 0).subscribe(subscriber);

            subscriber.subscription().request(n);
            subscriber.awaitEnd();

            assertThat(subscriber.error())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("3.9");
        }
        assertThat(tail.watchedRuns()).isZero();
    }

    @Test
    void cancelling_inside_on_next_ends_it_there() {
        append(10);
        Collector subscriber = new Collector(Long.MAX_VALUE) {
            @Override
            protected void taken(RunEvent event) {
                if (event.seq() == 4) {
                    subscription().cancel();
                    subscription().request(5);
                }
            }
        };
        Collector other = Collector.ofAll();
        tail.from(run.runId(), 0).subscribe(subscriber);
        tail.from(run.runId(), 0).subscribe(other);
        run.finish();
        other.awaitEnd();

        Background.until(() -> tail.watchedRuns() == 0);
        assertThat(subscriber.numbers()).containsExactly(1L, 2L, 3L, 4L);
        assertThat(subscriber.isOver()).isFalse();
    }

    @Test
    void a_subscriber_that_blocks_delays_no_other_subscriber() {
        CountDownLatch release = new CountDownLatch(1);
        Collector blocked = new Collector(Long.MAX_VALUE) {
            @Override
            protected void taken(RunEvent event) {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        Collector other = Collector.ofAll();
        tail.from(run.runId(), 0).subscribe(blocked);
        blocked.awaitEvents(1);
        tail.from(run.runId(), 0).subscribe(other);
        append(50);
        run.finish();
        other.awaitEnd();
        assertThat(blocked.numbers()).hasSize(1);

        release.countDown();
        blocked.awaitEnd();

        assertThat(blocked.numbers()).isEqualTo(from(1));
    }

    @Test
    void a_run_that_is_unknown_or_purged_is_an_error() {
        Collector unknown = Collector.ofAll();
        tail.from("run_unknown", 0).subscribe(unknown);
        unknown.awaitEnd();
        assertThat(unknown.error()).isInstanceOf(NotFoundException.class);

        append(600);
        Collector slow = new Collector(1);
        tail.from(run.runId(), 0).subscribe(slow);
        slow.awaitEvents(1);
        run.finish();
        purge();
        slow.subscription().request(Long.MAX_VALUE);
        slow.awaitEnd();

        assertThat(slow.error()).isInstanceOf(NotFoundException.class);
    }

    private void purge() {
        assertThat(store.runs().purge(PurgeRequest.olderThan(Duration.ZERO)).purged())
                .isEqualTo(1);
    }

    @Test
    void closing_the_store_or_the_tail_ends_all_subscriptions_with_an_error() {
        Collector one = Collector.ofAll();
        Collector idle = new Collector(0);
        tail.from(run.runId(), 0).subscribe(one);
        tail.from(run.runId(), 0).subscribe(idle);
        one.awaitEvents(1);
        EventTail second = EventTail.of(store.events());
        Collector other = Collector.ofAll();
        second.from(run.runId(), 0).subscribe(other);
        other.awaitEvents(1);

        second.close();
        second.close();
        other.awaitEnd();
        store.close();
        one.awaitEnd();
        idle.awaitEnd();

        assertThat(other.error()).isInstanceOf(StateConflictException.class);
        assertThat(one.error()).isInstanceOf(StoreClosedException.class);
        assertThat(idle.error()).isInstanceOf(StoreClosedException.class);
        Collector late = Collector.ofAll();
        second.from(run.runId(), 0).subscribe(late);
        late.awaitEnd();
        assertThat(late.error()).isInstanceOf(StateConflictException.class);
    }

    @Test
    void outages_are_waited_out() {
        AtomicInteger failures = new AtomicInteger(3);
        EventStoreProxy flaky = new EventStoreProxy(store.events()) {
            @Override
            public EventPage await(String runId, long afterSeq, int limit, Duration timeout) {
                if (failures.getAndDecrement() > 0) {
                    throw new StoreUnavailableException(Reason.UNREACHABLE, "down", null);
                }
                return super.await(runId, afterSeq, limit, timeout);
            }
        };
        try (EventTail second = EventTail.of(flaky)) {
            Collector subscriber = Collector.ofAll();
            second.from(run.runId(), 0).subscribe(subscriber);
            append(5);
            run.finish();
            subscriber.awaitEnd();

            assertThat(subscriber.numbers()).isEqualTo(from(1));
            assertThat(failures.get()).isNegative();
        }
    }

    @Test
    void more_runs_than_waiting_threads_take_turns() {
        try (EventTail narrow =
                EventTail.builder(store.events()).waitingThreads(2).build()) {
            List<Leased> runs = new ArrayList<>();
            List<Collector> subscribers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Leased one = new Leased(store);
                runs.add(one);
                Collector subscriber = Collector.ofAll();
                subscribers.add(subscriber);
                narrow.from(one.runId(), 0).subscribe(subscriber);
            }
            for (Leased one : runs) {
                store.events().append(one.fence(), event("line"));
                one.finish();
            }

            assertThat(subscribers).allSatisfy(subscriber -> {
                subscriber.awaitEnd();
                assertThat(subscriber.error()).isNull();
                assertThat(subscriber.numbers()).contains(2L);
            });
        }
    }

    @Test
    void readers_of_one_run_share_the_waiting_call() {
        AtomicInteger waits = new AtomicInteger();
        EventStoreProxy counting = new EventStoreProxy(store.events()) {
            @Override
            public EventPage await(String runId, long afterSeq, int limit, Duration timeout) {
                waits.incrementAndGet();
                return super.await(runId, afterSeq, limit, timeout);
            }

            @Override
            public EventPage list(String runId, long afterSeq, int limit) {
                throw new AssertionError("everything is shared");
            }
        };
        try (EventTail shared = EventTail.of(counting)) {
            List<Collector> subscribers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Collector subscriber = Collector.ofAll();
                subscribers.add(subscriber);
                shared.from(run.runId(), 0).subscribe(subscriber);
            }
            subscribers.forEach(subscriber -> subscriber.awaitEvents(1));
            run.finish();
            subscribers.forEach(Collector::awaitEnd);

            assertThat(waits.get()).isLessThan(20);
        }
    }

    @Test
    void bad_input_is_refused_at_once() {
        assertThatThrownBy(() -> tail.from(" ", 0)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> tail.from(run.runId(), -1)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> tail.from(run.runId(), 0).subscribe(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> EventTail.builder(store.events()).page(0)).isInstanceOf(InvalidInputException.class);
    }
}
