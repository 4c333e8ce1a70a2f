package io.agentrun.rules;

import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OWNER;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.model.Deadlines;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Run;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Tasks;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Deadlines: which of several counts, and what an outcome says of it. */
class DeadlineRulesTest {

    private static final Duration GRACE = Duration.ofMinutes(2);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Instant SOON = NOW.plusSeconds(60);
    private static final Instant LATE = NOW.plus(HOUR).plusSeconds(60);

    private static Deadlines of(@Nullable Instant beginBy, @Nullable Instant endBy, @Nullable Duration within) {
        return new Deadlines(beginBy, endBy, within, GRACE);
    }

    private static RunHead pending(Deadlines deadlines) {
        return RunHead.of(Run.builder(RUN, OWNER, SPEC)
                .createdAt(NOW)
                .deadlines(deadlines)
                .build());
    }

    private static @Nullable String message(Deadlines deadlines, Instant now) {
        return DeadlineRules.run(Runs.alone(pending(deadlines)), now)
                .run(RUN)
                .orElseThrow()
                .outcome()
                .message();
    }

    @Test
    void the_time_that_a_run_may_take_ends_it_unless_its_end_is_earlier() {
        assertThat(DeadlineRules.ofRun(null, NOW)).isNull();
        assertThat(DeadlineRules.ofRun(of(SOON, LATE, null), NOW)).isEqualTo(of(SOON, LATE, null));
        assertThat(DeadlineRules.ofRun(of(null, null, HOUR), NOW)).isEqualTo(of(null, NOW.plus(HOUR), null));
        assertThat(DeadlineRules.ofRun(of(null, LATE, HOUR), NOW)).isEqualTo(of(null, NOW.plus(HOUR), null));
        assertThat(DeadlineRules.ofRun(of(null, SOON, HOUR), NOW)).isEqualTo(of(null, SOON, null));
    }

    @Test
    void no_run_must_have_begun_later_than_it_must_have_ended() {
        assertThat(DeadlineRules.ofRun(of(SOON, null, HOUR), NOW)).isEqualTo(of(SOON, NOW.plus(HOUR), null));
        assertThat(DeadlineRules.ofRun(of(LATE, null, HOUR), NOW)).isEqualTo(of(NOW.plus(HOUR), NOW.plus(HOUR), null));
    }

    @Test
    void what_is_pending_is_judged_at_the_earlier_of_its_deadlines() {
        assertThat(DeadlineRules.nextAt(pending(of(SOON, LATE, null)))).isEqualTo(SOON);
        assertThat(DeadlineRules.nextAt(pending(of(SOON, null, null)))).isEqualTo(SOON);
        assertThat(DeadlineRules.nextAt(pending(of(null, LATE, null)))).isEqualTo(LATE);
        assertThat(DeadlineRules.nextAt(pending(of(SOON, SOON, null)))).isEqualTo(SOON);
    }

    @Test
    void a_run_says_whether_it_had_not_begun_or_not_ended_in_time() {
        assertThat(message(of(SOON, LATE, null), SOON)).contains("had not begun");
        assertThat(message(of(SOON, null, null), SOON)).contains("had not begun");
        assertThat(message(of(null, LATE, null), LATE)).contains("had not ended");
        assertThat(message(of(SOON, LATE, null), LATE)).contains("had not ended");
    }

    @Test
    void so_does_a_task() {
        assertThat(message(task(of(SOON, LATE, null)), SOON)).contains("had not begun");
        assertThat(message(task(of(SOON, null, null)), SOON)).contains("had not begun");
        assertThat(message(task(of(null, LATE, null)), LATE)).contains("had not ended");
    }

    private static QueueTask task(Deadlines deadlines) {
        return Tasks.task(Tasks.At.PENDING).toBuilder().deadlines(deadlines).build();
    }

    private static @Nullable String message(QueueTask task, Instant now) {
        return DeadlineRules.task(task, null, now)
                .task(task.id())
                .orElseThrow()
                .outcome()
                .message();
    }
}
