package io.agentrun.worker.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.OutdatedBatchException;
import io.agentrun.error.StateConflictException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.worker.testing.Background;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventWriterTest extends EventWriterScenario {

    @Test
    void the_first_line_after_a_pause_is_written_after_50_milliseconds_with_what_has_come_meanwhile() throws Exception {
        EventWriter writer = writer().build();

        writer.line("one");
        pass(49);
        writer.line("two");
        assertThat(run.texts()).isEmpty();
        pass(1);

        assertThat(run.texts()).containsExactly("one", "two");
        assertThat(events.batches()).containsExactly(2);
    }

    @Test
    void while_output_flows_a_batch_goes_every_250_milliseconds() throws Exception {
        EventWriter writer = writer().build();

        for (int i = 0; i < 100; i++) {
            writer.line("line " + i);
            pass(10);
        }

        // At 50, 300, 550 and 800 milliseconds.
        assertThat(events.batches()).containsExactly(5, 25, 25, 25);
    }

    @Test
    void after_a_pause_the_next_line_is_soon_there_again() throws Exception {
        EventWriter writer = writer().build();
        writer.line("one");
        pass(2_000);

        writer.line("two");
        pass(50);

        assertThat(run.texts()).containsExactly("one", "two");
    }

    @Test
    void a_full_batch_goes_at_once_by_number_and_by_bytes() throws Exception {
        EventWriter writer = writer().batch(10, 10_000).build();

        for (int i = 0; i < 10; i++) {
            writer.line("line " + i);
        }
        time.run();
        assertThat(events.batches()).containsExactly(10);
        for (int i = 0; i < 3; i++) {
            writer.line("x".repeat(4_000));
        }
        time.run();

        assertThat(events.batches()).containsExactly(10, 3);
    }

    @Test
    void flush_returns_when_everything_before_it_is_in_the_store() throws Exception {
        EventWriter writer = writer().build();
        writer.line("one");
        writer.write(new NewEvent(EventType.TOOL_CALL, JsonObject.of("text", "two")));

        Background<Boolean> flush = Background.run(writer::flush);
        flush.awaitBlocked();
        assertThat(run.texts()).isEmpty();
        time.run();

        flush.get();
        assertThat(run.texts()).containsExactly("one", "two");
        assertThat(run.output())
                .extracting(RunEvent::type)
                .containsExactly(EventType.COMMAND_OUTPUT, EventType.TOOL_CALL);
    }

    @Test
    void a_flush_that_takes_too_long_says_so() throws Exception {
        EventWriter writer = writer().build();
        writer.line("one");

        assertThat(writer.flush(Duration.ofMillis(1))).isFalse();
    }

    @Test
    void an_outage_is_waited_out_and_everything_comes_in_order_and_once() throws Exception {
        EventWriter writer = writer().build();
        writer.line("line 0");
        pass(50);
        events.failNext(8);

        for (int i = 1; i < 300; i++) {
            writer.line("line " + i);
            pass(100);
        }
        pass(10_000);

        assertThat(run.texts())
                .containsExactlyElementsOf(
                        IntStream.range(0, 300).mapToObj(i -> "line " + i).toList());
        assertThat(events.calls()).isEqualTo(events.batches().size() + 8);
    }

    @Test
    void repetitions_come_more_and_more_seldom_up_to_every_5_seconds() throws Exception {
        EventWriter writer = writer().build();
        events.failNext(1_000);
        writer.line("one");

        pass(50 + 100 + 200 + 400 + 800 + 1_600 + 3_200);
        assertThat(events.calls()).isEqualTo(7);
        pass(100_000);

        assertThat(events.calls()).isEqualTo(7 + 20);
    }

    @Test
    void a_writing_thread_waits_while_the_buffer_is_full() throws Exception {
        EventWriter writer = writer().buffer(10_000).build();
        events.failNext(3);

        Background<Boolean> flood = Background.run(() -> {
            for (int i = 0; i < 1_000; i++) {
                writer.line("line " + i);
            }
        });
        flood.awaitBlocked();
        assertThat(flood.isDone()).isFalse();
        Background.until(() -> {
            pass(100);
            return flood.isDone();
        });
        pass(300);

        assertThat(run.texts())
                .containsExactlyElementsOf(
                        IntStream.range(0, 1_000).mapToObj(i -> "line " + i).toList());
    }

    @Test
    void a_writer_that_waits_for_buffer_space_can_be_interrupted() throws Exception {
        EventWriter writer = writer().buffer(1_000).build();
        Background<Boolean> flood = Background.run(() -> {
            for (int i = 0; i < 1_000; i++) {
                writer.line("line " + i);
            }
        });
        flood.awaitBlocked();

        flood.interrupt();

        assertThatThrownBy(flood::get).isInstanceOf(InterruptedException.class);
    }

    @Test
    void after_a_lost_lease_nothing_is_written_and_every_call_says_why() throws Exception {
        EventWriter writer = writer().build();
        writer.line("ours");
        pass(50);
        run.lose();
        writer.line("too late");
        pass(1_000);

        assertThatThrownBy(() -> writer.line("later still")).isInstanceOf(LeaseConflictException.class);
        assertThatThrownBy(writer::flush).isInstanceOf(LeaseConflictException.class);
        assertThat(writer.ended()).containsInstanceOf(LeaseConflictException.class);
        int calls = events.calls();
        writer.close();
        pass(60_000);
        assertThat(events.calls()).isEqualTo(calls);
        assertThat(run.texts()).containsExactly("ours");
    }

    @Test
    void a_thread_that_waits_is_told_of_the_lost_lease_too() throws Exception {
        EventWriter writer = writer().buffer(1_000).build();
        Background<Boolean> flood = Background.run(() -> {
            for (int i = 0; i < 1_000; i++) {
                writer.line("line " + i);
            }
        });
        flood.awaitBlocked();
        Background<Boolean> flush = Background.run(writer::flush);
        flush.awaitBlocked();

        writer.stop(LeaseConflictException.lost(run.runId(), 1));
        pass(10_000);

        assertThatThrownBy(flood::get).isInstanceOf(LeaseConflictException.class);
        assertThatThrownBy(flush::get).isInstanceOf(LeaseConflictException.class);
        assertThat(run.texts()).isEmpty();
        assertThat(events.calls()).isZero();
    }

    @Test
    void the_end_of_the_run_and_of_the_store_end_the_writer() throws Exception {
        EventWriter writer = writer().build();
        EventWriter other = writer().build();
        run.finish();
        writer.line("too late");
        pass(1_000);
        store.close();
        other.line("too late");
        pass(1_000);

        assertThat(writer.ended()).containsInstanceOf(AlreadyTerminalException.class);
        assertThat(other.ended()).containsInstanceOf(StoreClosedException.class);
    }

    @Test
    void a_batch_whose_answer_is_lost_stands_in_the_run_once() throws Exception {
        EventWriter writer = writer().build();
        events.loseAnswers(2);
        writer.line("one");
        pass(1_000);
        writer.line("two");
        pass(1_000);

        assertThat(events.calls()).isEqualTo(4);
        assertThat(run.texts()).containsExactly("one", "two");
    }

    @Test
    void writers_of_one_fence_take_turns_and_equal_output_of_both_is_kept() throws Exception {
        EventWriter first = writer().build();
        EventWriter second = writer().build();
        for (int i = 0; i < 3; i++) {
            first.line("same");
            pass(1_000);
            second.line("same");
            pass(1_000);
        }

        assertThat(run.texts()).hasSize(6).containsOnly("same");
        assertThat(first.ended()).isEmpty();
        assertThat(second.ended()).isEmpty();
    }

    @Test
    void a_lost_answer_that_nobody_can_give_any_more_ends_the_writer() throws Exception {
        EventWriter first = writer().build();
        EventWriter second = writer().build();
        events.loseAnswers(1);
        first.line("unknown");
        pass(50);
        second.line("later");
        pass(60);

        pass(10_000);

        assertThat(first.ended()).containsInstanceOf(OutdatedBatchException.class);
        assertThat(run.texts()).containsExactly("unknown", "later");
    }

    @Test
    void trouble_that_does_not_pass_ends_the_writer() throws Exception {
        EventWriter writer = writer().build();
        events.failNext(() -> new StoreUnavailableException(Reason.SCHEMA, "too old", null));
        writer.line("one");
        pass(50);

        assertThatThrownBy(() -> writer.line("two")).isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void a_payload_function_that_throws_ends_the_writer_and_hangs_nobody() throws Exception {
        EventWriter writer = writer().build();
        TextStream odd = writer.lines(EventType.DIFF, text -> {
            throw new IllegalArgumentException("odd");
        });
        odd.line("one");
        Background<Boolean> flush = Background.run(writer::flush);
        flush.awaitBlocked();
        time.run();

        assertThatThrownBy(flush::get)
                .isInstanceOf(StoreUnavailableException.class)
                .hasRootCauseMessage("odd");
    }

    @Test
    void close_sends_what_is_there_and_takes_nothing_more() throws Exception {
        EventWriter writer = writer().build();
        writer.line("one");

        Background<Boolean> close = Background.run(writer::close);
        close.awaitBlocked();
        assertThatThrownBy(() -> writer.line("two")).isInstanceOf(StateConflictException.class);
        time.run();

        close.get();
        writer.close();
        assertThat(run.texts()).containsExactly("one");
        assertThat(time.waiting()).isZero();
    }

    @Test
    void close_waits_for_a_store_that_is_away_no_longer_than_it_may() throws Exception {
        EventWriter writer = writer().closeTimeout(Duration.ZERO).build();
        writer.line("one");
        events.failNext(1);
        pass(50);

        assertThatThrownBy(writer::close).isInstanceOf(StoreUnavailableException.class);
        pass(60_000);

        assertThat(run.texts()).isEmpty();
        assertThat(events.calls()).isEqualTo(1);
    }

    @Test
    void close_wakes_threads_that_wait_for_buffer_space() throws Exception {
        EventWriter writer = writer().buffer(1_000).closeTimeout(Duration.ZERO).build();
        Background<Boolean> flood = Background.run(() -> {
            for (int i = 0; i < 1_000; i++) {
                writer.line("line " + i);
            }
        });
        flood.awaitBlocked();

        assertThatThrownBy(writer::close).isInstanceOf(StoreUnavailableException.class);

        assertThatThrownBy(flood::get).isInstanceOf(StateConflictException.class);
    }

    @Test
    void a_writer_without_a_given_scheduler_works_on_a_thread_of_its_own() throws Exception {
        try (EventWriter writer = EventWriter.builder(events, run.fence()).build()) {
            for (int i = 0; i < 5_000; i++) {
                writer.line("line " + i);
            }
            writer.flush();
            assertThat(run.texts()).hasSize(5_000);
        }
        assertThat(writerThreads()).isZero();
    }

    private static long writerThreads() {
        Background.until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("agentrun-stream")));
        return 0;
    }
}
