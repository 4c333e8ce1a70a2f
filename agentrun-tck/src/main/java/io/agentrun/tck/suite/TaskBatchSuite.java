package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.AgentRunStore;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Limits;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.SessionRef;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Tasks that are created together: all of them or none, in their order.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class TaskBatchSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";

    /** For adapters. */
    protected TaskBatchSuite() {}

    private NewQueueTask task(String prompt) {
        return given().newTask(QUEUE).payload(JsonObject.of("prompt", prompt)).build();
    }

    private NewQueueTask keyed(String key, String prompt) {
        return given().newTask(QUEUE)
                .payload(JsonObject.of("prompt", prompt))
                .idempotencyKey(key)
                .build();
    }

    private static List<String> ids(List<QueueTask> tasks) {
        return tasks.stream().map(QueueTask::id).toList();
    }

    private List<String> listed() {
        return ids(store().queue().list(QueueQuery.inQueue(QUEUE)).items());
    }

    @Test
    @Proves({Rule.Q_13, Rule.Q_1, Rule.Q_10, Rule.G_5})
    void tasks_are_created_together_in_their_order_and_at_one_moment() {
        List<NewQueueTask> input =
                IntStream.range(0, 40).mapToObj(i -> task("task " + i)).toList();

        List<QueueTask> created = store().queue().createAll(input);

        assertThat(created)
                .extracting(task -> task.content().payload())
                .containsExactlyElementsOf(
                        input.stream().map(task -> task.content().payload()).toList());
        assertThat(created).extracting(QueueTask::state).containsOnly(TaskState.PENDING);
        assertThat(created)
                .extracting(QueueTask::createdAt)
                .containsOnly(created.get(0).createdAt());
        assertThat(created)
                .extracting(QueueTask::updatedAt)
                .containsOnly(created.get(0).createdAt());
        assertThat(created.stream().map(QueueTask::version).toList()).doesNotHaveDuplicates();
        assertThat(listed()).isEqualTo(ids(created));
        for (QueueTask task : created) {
            assertThat(second().queue().get(task.id())).isEqualTo(task);
        }
        assertThat(given().dispatched(QUEUE).task().id())
                .isEqualTo(created.get(0).id());
        assertThat(given().dispatched(QUEUE).task().id())
                .isEqualTo(created.get(1).id());
    }

    @Test
    @Proves({Rule.Q_13, Rule.Q_1})
    void each_keeps_what_it_was_given() {
        Instant later = given().session().createdAt().plusSeconds(3_600);
        RunSpec spec = given().fullSpec(Given.PROFILE);
        NewQueueTask rich = NewQueueTask.builder(given().owner(), QUEUE, "a title of its own", spec)
                .retry(RetryPolicy.of(3, Duration.ofMinutes(5)))
                .lane("fast")
                .priority(7)
                .references(List.of(JsonObject.of("url", "https://example.org")))
                .metadata(JsonObject.of("who", "ann"))
                .session(SessionRef.of(given().name("session")))
                .notBefore(later)
                .idempotencyKey(given().name("key"))
                .build();

        List<QueueTask> created = store().queue().createAll(List.of(task("plain"), rich));
        QueueTask alone = store().queue().create(task("plain"));

        QueueTask kept = second().queue().get(created.get(1).id());
        assertThat(kept).isEqualTo(created.get(1));
        assertThat(kept.content()).isEqualTo(rich.content());
        assertThat(kept.place()).isEqualTo(rich.place());
        assertThat(kept.spec()).isEqualTo(spec);
        assertThat(kept.title()).isEqualTo(rich.title());
        assertThat(kept.retry()).isEqualTo(rich.retry());
        assertThat(kept.notBefore()).isEqualTo(later);
        assertThat(created.get(0).content()).isEqualTo(alone.content());
        assertThat(created.get(0).idempotency()).isNull();
        assertThat(created.get(0).retry()).isEqualTo(alone.retry());
    }

    @Test
    @Proves({Rule.Q_13, Rule.I_1})
    void a_repeated_call_returns_the_first_records_as_they_are_now_and_adds_only_what_is_new() {
        String key = given().name("key");
        List<QueueTask> first = store().queue().createAll(List.of(keyed(key + "a", "a"), keyed(key + "b", "b")));
        Dispatch dispatch = given().dispatched(QUEUE);

        List<QueueTask> again = second().queue()
                .createAll(List.of(keyed(key + "b", "b"), keyed(key + "c", "c"), keyed(key + "a", "a")));

        assertThat(again.get(0)).isEqualTo(first.get(1));
        assertThat(again.get(2)).isEqualTo(dispatch.task());
        assertThat(again.get(1).id()).isNotIn(ids(first));
        assertThat(listed())
                .containsExactlyInAnyOrder(
                        first.get(0).id(), first.get(1).id(), again.get(1).id());
        assertThat(store().queue().create(keyed(key + "c", "c"))).isEqualTo(again.get(1));
    }

    @Test
    @Proves({Rule.Q_13, Rule.I_1})
    void one_key_that_was_used_for_something_else_refuses_all_and_is_named() {
        String key = given().name("key");
        QueueTask known = store().queue().create(keyed(key, "first"));
        List<NewQueueTask> input = List.of(task("new"), keyed(key + "-new", "new"), keyed(key, "second"), task("more"));

        assertThatExceptionOfType(IdempotencyConflictException.class)
                .isThrownBy(() -> store().queue().createAll(input))
                .satisfies(e -> assertThat(e.key()).isEqualTo(key))
                .satisfies(e -> assertThat(e.details()).containsEntry("index", 2))
                .withMessageContaining("item 2");

        assertThat(listed()).containsExactly(known.id());
        assertThat(second().queue().get(known.id())).isEqualTo(known);
    }

    @Test
    @Proves({Rule.Q_13, Rule.I_1})
    void a_key_twice_in_a_call_is_one_task_or_a_conflict() {
        String key = given().name("key");

        List<QueueTask> created =
                store().queue().createAll(List.of(keyed(key, "same"), task("other"), keyed(key, "same")));

        assertThat(created.get(0)).isEqualTo(created.get(2));
        assertThat(listed())
                .containsExactlyInAnyOrder(created.get(0).id(), created.get(1).id());
        String next = given().name("key");
        assertThatExceptionOfType(IdempotencyConflictException.class)
                .isThrownBy(() -> store().queue().createAll(List.of(keyed(next, "one"), keyed(next, "two"))))
                .satisfies(e -> assertThat(e.details()).containsEntry("index", 1));
        assertThat(listed()).hasSize(2);
    }

    @Test
    @Proves({Rule.Q_13, Rule.I_1})
    void a_key_is_that_of_its_project() {
        String key = given().name("key");
        Owner sibling = new Owner(given().owner().tenantId(), given().name("project"));
        NewQueueTask mine = keyed(key, "mine");
        NewQueueTask theirs = NewQueueTask.builder(sibling, QUEUE, "title", given().spec())
                .idempotencyKey(key)
                .build();

        List<QueueTask> created = store().queue().createAll(List.of(mine, theirs));
        List<QueueTask> again = second().queue().createAll(List.of(theirs, mine));

        assertThat(created).extracting(QueueTask::owner).containsExactly(given().owner(), sibling);
        assertThat(again).containsExactly(created.get(1), created.get(0));
    }

    @Test
    @Proves({Rule.Q_13, Rule.G_2})
    void what_is_wrong_with_one_refuses_all_and_names_its_place() {
        JsonObject large = JsonObject.of("text", "x".repeat(Limits.DEFAULTS.maxPayloadBytes()));
        NewQueueTask tooLarge = given().newTask(QUEUE).payload(large).build();

        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> store().queue().createAll(List.of(task("a"), task("b"), tooLarge)))
                .satisfies(e -> assertThat(e.field()).isEqualTo("tasks[2].payload"))
                .withMessageStartingWith("tasks[2].payload must");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> store().queue().createAll(Collections.singletonList(null)))
                .satisfies(e -> assertThat(e.field()).startsWith("tasks"));

        assertThat(listed()).isEmpty();
        assertThat(store().queue().createAll(List.of())).isEmpty();
    }

    @Test
    @Proves({Rule.Q_13, Rule.G_2})
    void more_tasks_or_bytes_than_a_call_may_have_are_refused() {
        NewQueueTask small = task("small");
        JsonObject megabyte = JsonObject.of("text", "x".repeat(Limits.DEFAULTS.maxPayloadBytes() - 100));
        NewQueueTask big = given().newTask(QUEUE).payload(megabyte).build();
        int tooMuch = Limits.MAX_CALL_BYTES / Limits.DEFAULTS.maxPayloadBytes() + 1;

        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> store().queue().createAll(Collections.nCopies(Limits.MAX_CALL_TASKS + 1, small)))
                .satisfies(e -> assertThat(e.field()).isEqualTo("tasks"));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> store().queue().createAll(Collections.nCopies(tooMuch, big)))
                .satisfies(e -> assertThat(e.field()).isEqualTo("tasks"));

        assertThat(listed()).isEmpty();
    }

    @Test
    @Proves({Rule.Q_13, Rule.Q_2})
    void a_task_with_a_delay_waits_for_it() {
        Instant later = given().session().createdAt().plusSeconds(3_600);
        NewQueueTask delayed =
                given().newTask(QUEUE).priority(9).notBefore(later).build();

        List<QueueTask> created = store().queue().createAll(List.of(delayed, task("at once")));

        assertThat(second().queue().stats(QueueScope.inQueue(QUEUE)).due()).isEqualTo(1);
        assertThat(given().dispatched(QUEUE).task().id())
                .isEqualTo(created.get(1).id());
        assertThat(second().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                .isEmpty();
        advance(Duration.ofSeconds(3_601));
        assertThat(given().dispatched(QUEUE).task().id())
                .isEqualTo(created.get(0).id());
    }

    /**
     * Their keys are the same, in another order: each is created once, and neither caller waits for the other for ever. What has no
     * key is created once for each caller, however often a step is tried again.
     */
    @Test
    @Proves({Rule.Q_13, Rule.I_1})
    void callers_with_the_same_keys_in_another_order_create_each_task_once() {
        for (int round = 0; round < 5; round++) {
            List<List<NewQueueTask>> inputs = overlapping(given().name("key"));
            List<Callable<List<QueueTask>>> callers = new ArrayList<>();
            for (int i = 0; i < inputs.size(); i++) {
                AgentRunStore store = i % 2 == 0 ? store() : second();
                List<NewQueueTask> input = inputs.get(i);
                callers.add(() -> store.queue().createAll(input));
            }

            List<Race.Finish<List<QueueTask>>> finishes = Race.of(callers.size(), callers::get);

            assertThat(Race.failures(finishes)).isEmpty();
            Map<String, String> idsByKey = new HashMap<>();
            for (List<QueueTask> answer : Race.values(finishes)) {
                assertThat(answer).hasSize(31);
                for (QueueTask task : answer) {
                    Idempotency key = task.idempotency();
                    if (key != null) {
                        assertThat(idsByKey.computeIfAbsent(key.key(), first -> task.id()))
                                .isEqualTo(task.id());
                    }
                }
            }
            assertThat(idsByKey).hasSize(45);
        }
        assertThat(store().queue().stats(QueueScope.inQueue(QUEUE)).byState())
                .containsEntry(TaskState.PENDING, 5L * (45 + 4));
    }

    /** Four lists of thirty tasks with keys, of which fifteen are in all of them, and one without. */
    private List<List<NewQueueTask>> overlapping(String key) {
        List<List<NewQueueTask>> lists = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int from = i < 2 ? 0 : 15;
            List<NewQueueTask> list = IntStream.range(from, from + 30)
                    .mapToObj(n -> keyed(key + "-" + n, "task " + n))
                    .collect(Collectors.toCollection(ArrayList::new));
            list.add(15, task("without a key"));
            if (i % 2 == 1) {
                Collections.reverse(list);
            }
            lists.add(list);
        }
        return lists;
    }
}
