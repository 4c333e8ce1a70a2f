package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.Command;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Outcome;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.TaskPlace;
import io.agentrun.queue.TaskRetry;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.SessionRef;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tasks that replace one that waits under the same key.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class ReplaceSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";

    /** For adapters. */
    protected ReplaceSuite() {}

    private NewQueueTask.Builder keyed(String prompt) {
        return given().newTask(QUEUE).payload(JsonObject.of("prompt", prompt)).replaceKey("build");
    }

    private List<String> listed() {
        return store().queue().list(QueueQuery.in(given().scope())).items().stream()
                .map(QueueTask::id)
                .toList();
    }

    @Test
    @Proves({Rule.Q_18, Rule.Q_2})
    void a_replacement_waits_for_the_session_that_it_names_and_for_no_other() {
        String busy = given().name("session");
        given().turn(given().runIn(busy));
        store().queue().create(keyed("one").build());
        store().queue().create(keyed("two").session(SessionRef.of(busy)).build());

        assertThat(store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                .isEmpty();

        QueueTask free = store().queue().create(keyed("three").build());
        assertThat(given().dispatched(QUEUE).task().id()).isEqualTo(free.id());
    }

    @Test
    @Proves({Rule.Q_18, Rule.Q_11})
    void tasks_that_begin_together_are_replaced_no_longer() {
        QueueTask one = store().queue().create(keyed("one").build());
        QueueTask other =
                store().queue().create(keyed("two").replaceKey("another").build());

        assertThat(store().queue()
                        .take(TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue(QUEUE))
                                .withN(2)))
                .hasSize(2);

        QueueTask next = store().queue().create(keyed("three").build());
        QueueTask nextOther =
                store().queue().create(keyed("four").replaceKey("another").build());
        assertThat(List.of(one.id(), other.id(), next.id(), nextOther.id())).doesNotHaveDuplicates();
        assertThat(store().queue().get(one.id()).content().payload()).isEqualTo(JsonObject.of("prompt", "one"));
        assertThat(second().queue().get(other.id()).content().payload()).isEqualTo(JsonObject.of("prompt", "two"));
    }

    @Test
    @Proves({Rule.Q_18, Rule.Q_10, Rule.Q_1})
    void a_waiting_task_is_replaced_in_place() {
        QueueTask first = store().queue().create(keyed("one").build());
        advance(Duration.ofMinutes(1));
        Instant later = first.createdAt().plus(Duration.ofHours(1));
        RunSpec spec = given().fullSpec(BackendProfile.DEEPSEEK);
        NewQueueTask other = NewQueueTask.builder(given().owner(), "elsewhere", "another title", spec)
                .lane("fast")
                .priority(3)
                .payload(JsonObject.of("prompt", "two"))
                .references(List.of(JsonObject.of("url", "https://example.org")))
                .metadata(JsonObject.of("who", "ann"))
                .session(SessionRef.of(given().name("session")))
                .retry(RetryPolicy.of(3, Duration.ofMinutes(1)))
                .notBefore(later)
                .deadlines(Deadlines.endBy(later.plusSeconds(60)))
                .replaceKey("build")
                .build();

        QueueTask second = second().queue().create(other);

        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.version()).isGreaterThan(first.version());
        assertThat(second.createdAt()).isEqualTo(first.createdAt());
        assertThat(second.updatedAt()).isEqualTo(first.updatedAt().plus(Duration.ofMinutes(1)));
        assertThat(second.place()).isEqualTo(new TaskPlace("elsewhere", "fast", 3));
        assertThat(second.title()).isEqualTo("another title");
        assertThat(second.spec()).isEqualTo(spec);
        assertThat(second.content()).isEqualTo(other.content());
        assertThat(second.retry()).isEqualTo(other.retry());
        assertThat(second.notBefore()).isEqualTo(later);
        assertThat(second.deadlines()).isEqualTo(other.deadlines());
        assertThat(second.replaceKey()).isEqualTo("build");
        assertThat(store().queue().get(first.id())).isEqualTo(second);
        assertThat(listed()).containsExactly(first.id());
        assertThat(store().queue()
                        .list(QueueQuery.in(given().scope()).withQueue(QUEUE))
                        .items())
                .isEmpty();
        assertThat(store().queue()
                        .list(QueueQuery.in(given().scope())
                                .withQueue("elsewhere")
                                .withLane("fast"))
                        .items())
                .containsExactly(second);
        assertThat(store().queue().changes(given().scope(), null, 10).items()).containsExactly(second);
    }

    @Test
    @Proves(Rule.Q_18)
    void a_replaced_delay_counts_from_the_last_one() {
        Instant start = given().session().createdAt();
        store().queue().create(keyed("one").notBefore(start.plusSeconds(10)).build());
        advance(Duration.ofSeconds(8));
        store().queue().create(keyed("two").notBefore(start.plusSeconds(18)).build());

        advance(Duration.ofSeconds(4));
        assertThat(store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                .isEmpty();
        advance(Duration.ofSeconds(8));
        Dispatch dispatch = given().dispatched(QUEUE);

        assertThat(dispatch.turn().payload()).isEqualTo(JsonObject.of("prompt", "two"));
        assertThat(store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                .isEmpty();
    }

    @Test
    @Proves(Rule.Q_18)
    void the_same_again_changes_nothing() {
        QueueTask first = store().queue().create(keyed("one").build());
        advance(Duration.ofMinutes(1));

        assertThat(watch().task(first.id())
                        .unchangedBy(() -> store().queue().create(keyed("one").build())))
                .isEqualTo(first);
    }

    @Test
    @Proves({Rule.Q_18, Rule.Q_6})
    void a_task_that_has_begun_or_ended_gives_its_key_up() {
        QueueTask running = store().queue()
                .create(keyed("one").retry(RetryPolicy.of(2, Duration.ZERO)).build());
        Dispatch dispatch = given().dispatched(QUEUE);
        assertThat(dispatch.task().replaceKey()).isNull();
        QueueTask reported = store().queue().create(keyed("two").build());
        store().queue().updateAttempt(AttemptReport.running(reported.id(), 1, "host"));
        QueueTask cancelled = store().queue().create(keyed("three").build());
        store().queue().cancel(cancelled.id(), "no more", CancelMode.FORCE);
        QueueTask waiting = store().queue().create(keyed("four").build());

        assertThat(listed()).containsExactly(running.id(), reported.id(), cancelled.id(), waiting.id());
        store().runs()
                .finish(
                        given().claimed(dispatch.run()).fence(),
                        TurnResult.of(Outcome.failed(FailureKind.BACKEND_FAILED, "it broke")));
        QueueTask again = store().queue().get(running.id());
        assertThat(again.state()).isEqualTo(TaskState.PENDING);
        assertThat(again.replaceKey()).isNull();
        QueueTask retried = store().queue().retry(TaskRetry.of(cancelled.id()));
        assertThat(retried.replaceKey()).as("a retry does not give it back").isNull();
        assertThat(store().queue().create(keyed("five").build()).id()).isEqualTo(waiting.id());
    }

    @Test
    @Proves({Rule.Q_18, Rule.I_3})
    void a_key_is_of_one_tenant_and_project() {
        NewQueueTask of = NewQueueTask.builder(given().stranger(), QUEUE, "theirs", given().spec())
                .replaceKey("build")
                .build();
        QueueTask before = store().queue().create(of);

        QueueTask mine = store().queue().create(keyed("one").build());
        QueueTask theirs = store().queue().create(of);
        QueueTask next = store().queue().create(keyed("two").build());

        assertThat(mine.id()).isNotEqualTo(before.id());
        assertThat(theirs).isEqualTo(before);
        assertThat(next.id()).isEqualTo(mine.id());
        assertThat(store().queue().get(before.id())).isEqualTo(before);
    }

    @Test
    @Proves({Rule.Q_18, Rule.G_1})
    void it_excludes_an_idempotency_key_and_tasks_that_are_created_together() {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> keyed("one").idempotencyKey("key").build())
                .satisfies(refusal -> assertThat(refusal.field()).isEqualTo("replaceKey"));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> store().queue()
                        .createAll(List.of(
                                given().newTask(QUEUE).build(), keyed("one").build())))
                .satisfies(refusal -> assertThat(refusal.field()).isEqualTo("tasks[1].replaceKey"));
        assertThat(listed()).isEmpty();
    }

    @Test
    @Proves({Rule.Q_18, Rule.I_2})
    void callers_with_one_key_leave_one_task() {
        List<Race.Finish<QueueTask>> finishes = Race.of(
                6,
                i -> () -> (i % 2 == 0 ? store() : second())
                        .queue()
                        .create(keyed("prompt " + i).build()));

        assertThat(finishes).allMatch(Race.Finish::succeeded);
        assertThat(listed()).hasSize(1);
    }

    @Test
    @Proves({Rule.Q_18, Rule.Q_3})
    void a_replacement_and_a_dispatch_at_one_moment_lose_nothing() {
        for (int round = 0; round < 5; round++) {
            QueueTask first = store().queue().create(keyed("old").build());
            List<Race.Finish<Object>> finishes = Race.of(
                    2,
                    i -> () -> i == 0
                            ? store().queue().create(keyed("new").build())
                            : second().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)));

            assertThat(finishes).allMatch(Race.Finish::succeeded);
            QueueTask created = (QueueTask) finishes.get(0).value();
            boolean replaced = created != null && created.id().equals(first.id());
            QueueTask task = store().queue().get(first.id());
            // A dispatch passes over what a replacement has locked.
            Dispatch late = task.state() == TaskState.PENDING ? given().dispatched(QUEUE) : null;
            List<Command> turns = store().commands()
                    .list(
                            store().runs()
                                    .listByTask(first.id(), null, 10)
                                    .items()
                                    .get(0)
                                    .id(),
                            0,
                            10)
                    .items();
            assertThat(turns)
                    .extracting(Command::payload)
                    .containsExactly(JsonObject.of("prompt", replaced ? "new" : "old"));
            assertThat(late == null || replaced).isTrue();
            if (!replaced && created != null) {
                store().queue().cancel(created.id(), "no more");
            }
        }
    }

    @Test
    @Proves({Rule.Q_18, Rule.Q_19})
    void the_deadline_of_a_replacement_counts_and_the_one_before_it_does_not() {
        Instant start = given().session().createdAt();
        Deadlines soon = Deadlines.beginBy(start.plusSeconds(10));
        QueueTask hurried = store().queue().create(keyed("one").build());
        QueueTask relieved = store().queue()
                .create(keyed("two").replaceKey("another").deadlines(soon).build());
        store().queue().create(keyed("three").deadlines(soon).build());
        store().queue().create(keyed("four").replaceKey("another").build());
        advance(Duration.ofSeconds(15));

        store().upkeep();

        assertThat(store().queue().get(hurried.id()).state()).isEqualTo(TaskState.CANCELLED);
        assertThat(second().queue().get(relieved.id()).state()).isEqualTo(TaskState.PENDING);
        assertThat(given().dispatched(QUEUE).task().id()).isEqualTo(relieved.id());
    }

    @Test
    @Proves({Rule.Q_18, Rule.G_9})
    void who_follows_the_feed_sees_a_replacement() {
        store().queue().create(keyed("one").build());
        given().task(QUEUE);
        ChangePage<QueueTask> seen = store().queue().changes(given().scope(), null, 10);

        QueueTask replaced = second().queue().create(keyed("two").build());

        assertThat(store().queue().changes(given().scope(), seen.cursor(), 10).items())
                .containsExactly(replaced);
    }

    @Test
    @Proves({Rule.Q_18, Rule.Q_9})
    void a_replacement_that_is_told_to_wait_is_not_due() {
        QueueTask first = store().queue().create(keyed("one").build());

        store().queue()
                .create(keyed("two")
                        .notBefore(first.createdAt().plusSeconds(60))
                        .build());

        assertThat(second().queue().stats(QueueScope.inQueue(QUEUE)).due()).isZero();
        advance(Duration.ofSeconds(60));
        assertThat(second().queue().stats(QueueScope.inQueue(QUEUE)).due()).isEqualTo(1);
    }
}
