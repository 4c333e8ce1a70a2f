package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.InvalidInputException;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The list of tasks, for people, and the feed of changed tasks, for programs.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class QueueListSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";

    /** For adapters. */
    protected QueueListSuite() {}

    @Test
    @Proves(Rule.Q_2)
    void tasks_are_listed_by_priority_then_age() {
        QueueTask low = task(-1);
        QueueTask old = task(0);
        QueueTask young = task(0);
        QueueTask urgent = task(5);

        assertThat(all(query())).containsExactly(urgent, old, young, low);
    }

    /** D4: with priorities 0, 1 and 2 mixed, following the cursor showed 10 of 30 tasks. */
    @Test
    @Proves(Rule.G_8)
    void pages_of_mixed_priorities_show_every_task_once() {
        List<QueueTask> tasks = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            tasks.add(i % 4 == 0 ? given().task(QUEUE) : task(i % 3));
        }
        for (int limit : new int[] {1, 7, 10, 30}) {
            List<QueueTask> seen = all(query().withLimit(limit));
            assertThat(seen).containsExactlyInAnyOrderElementsOf(tasks);
        }
    }

    /** D4: after the first ten tasks were updated, the next pages skipped twenty. One urgent task repeated four. */
    @Test
    @Proves(Rule.G_8)
    void tasks_that_change_or_come_between_pages_do_not_disturb_the_others() {
        List<QueueTask> tasks = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            tasks.add(task(0));
        }
        Page<QueueTask> first = store().queue().list(query().withLimit(10));
        first.items().forEach(task -> store().queue().cancel(task.id(), "no more"));
        task(9);

        List<QueueTask> seen = new ArrayList<>(first.items());
        seen.addAll(rest(query().withLimit(10), first.nextCursor()));

        assertThat(seen).isEqualTo(tasks);
    }

    @Test
    @Proves(Rule.G_8)
    void the_last_page_has_no_cursor_even_if_it_is_full() {
        task(0);
        task(0);

        assertThat(store().queue().list(query().withLimit(2)).nextCursor()).isNull();
        assertThat(store().queue().list(query().withLimit(1)).nextCursor()).isNotNull();
        assertThat(store().queue().list(QueueQuery.inQueue("empty"))).isEqualTo(new Page<>(List.of(), null));
    }

    @Test
    @Proves(Rule.G_8)
    void each_filter_shows_its_tasks() {
        QueueTask here = given().task(QUEUE);
        QueueTask lane =
                store().queue().create(given().newTask(QUEUE).lane("fast").build());
        QueueTask elsewhere = given().task("elsewhere");
        QueueTask cancelled = store().queue().cancel(task(0).id(), "no more");

        assertThat(all(QueueQuery.in(given().scope()))).containsExactlyInAnyOrder(here, lane, elsewhere, cancelled);
        assertThat(all(query())).containsExactlyInAnyOrder(here, lane, cancelled);
        assertThat(all(query().withLane("fast"))).containsExactly(lane);
        assertThat(all(query().withState(TaskState.CANCELLED))).containsExactly(cancelled);
        assertThat(all(query().withState(TaskState.PENDING))).containsExactlyInAnyOrder(here, lane);
        assertThat(all(query().withState(TaskState.FAILED))).isEmpty();
    }

    @Test
    @Proves(Rule.G_8)
    void the_filter_works_before_the_page_is_cut() {
        List<String> pending = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            QueueTask task = given().task(QUEUE);
            if (i % 3 == 2) {
                pending.add(task.id());
            } else {
                store().queue().cancel(task.id(), "no more");
            }
        }

        Page<QueueTask> page =
                store().queue().list(query().withState(TaskState.PENDING).withLimit(3));

        assertThat(page.items()).extracting(QueueTask::id).isEqualTo(pending.subList(0, 3));
        assertThat(page.nextCursor()).isNotNull();
    }

    /** Tasks of others stand before, between and behind those of the scope, in other priorities and of the same. */
    @Test
    @Proves({Rule.G_6, Rule.G_8})
    void every_page_of_a_filtered_list_keeps_to_the_scope_whatever_priorities_others_have() {
        Owner stranger = given().stranger();
        List<String> mine = new ArrayList<>();
        for (int priority : List.of(9, 7, 5, 5, 3, 1)) {
            for (int other : List.of(priority + 1, priority, priority - 1)) {
                store().queue()
                        .create(NewQueueTask.builder(stranger, QUEUE, "T", given().spec())
                                .priority(other)
                                .build());
            }
            mine.add(store().queue()
                    .create(given().newTask(QUEUE).priority(priority).build())
                    .id());
        }
        QueueQuery byScope = QueueQuery.in(given().scope()).withLimit(2);

        for (QueueQuery query : List.of(
                byScope,
                byScope.withQueue(QUEUE),
                byScope.withState(TaskState.PENDING),
                byScope.withQueue(QUEUE).withLane("default").withState(TaskState.PENDING))) {
            List<String> seen = new ArrayList<>();
            Page<QueueTask> page = store().queue().list(query);
            while (true) {
                page.items().forEach(task -> seen.add(task.id()));
                if (page.nextCursor() == null || seen.size() > mine.size()) {
                    break;
                }
                page = store().queue().list(query.withCursor(page.nextCursor()));
            }
            assertThat(seen).as("%s", query).isEqualTo(mine);
        }
    }

    /** D22: lists knew no tenant. */
    @Test
    @Proves(Rule.G_6)
    void list_and_feed_show_the_tasks_of_their_scope_alone() {
        Owner mine = given().owner();
        QueueTask own = given().task(QUEUE);
        QueueTask sibling = taskOf(new Owner(mine.tenantId(), given().name("project")));
        QueueTask stranger = taskOf(new Owner(given().name("tenant"), mine.projectId()));
        TenantScope tenant = TenantScope.tenant(mine.tenantId());
        TenantScope nobody = TenantScope.tenant(given().name("tenant"));

        assertThat(all(query())).containsExactly(own);
        assertThat(all(QueueQuery.in(tenant))).containsExactlyInAnyOrder(own, sibling);
        assertThat(all(QueueQuery.inQueue(QUEUE))).containsExactlyInAnyOrder(own, sibling, stranger);
        assertThat(all(QueueQuery.in(nobody))).isEmpty();
        assertThat(changes(given().scope(), null)).containsExactly(own);
        assertThat(changes(tenant, null)).containsExactly(own, sibling);
        assertThat(changes(TenantScope.all(), null)).containsExactly(own, sibling, stranger);
        assertThat(changes(nobody, null)).isEmpty();
    }

    @Test
    @Proves(Rule.G_7)
    void a_cursor_serves_the_very_list_that_it_came_from() {
        task(0);
        task(1);
        String cursor =
                String.valueOf(store().queue().list(query().withLimit(1)).nextCursor());
        String feed = store().queue().changes(given().scope(), null, 1).cursor();
        List<QueueQuery> foreign = List.of(
                query().withQueue(null).withCursor(cursor),
                query().withQueue("elsewhere").withCursor(cursor),
                query().withLane("default").withCursor(cursor),
                query().withState(TaskState.PENDING).withCursor(cursor),
                query().withScope(TenantScope.all()).withCursor(cursor),
                query().withCursor(feed),
                query().withCursor("42"),
                query().withCursor(cursor + "A"));
        for (QueueQuery query : foreign) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> store().queue().list(query))
                    .satisfies(e -> assertThat(e.field()).isEqualTo("cursor"));
        }
    }

    @Test
    @Proves(Rule.G_7)
    void a_cursor_of_another_feed_or_scope_is_refused_by_the_feed() {
        task(0);
        given().session();
        List<String> foreign = List.of(
                store().queue().changes(TenantScope.all(), null, 1).cursor(),
                store().sessions().changes(given().scope(), null, 1).cursor(),
                "42",
                "cursor");
        for (String cursor : foreign) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> store().queue().changes(given().scope(), cursor, 10))
                    .satisfies(e -> assertThat(e.field()).isEqualTo("cursor"));
        }
    }

    @Test
    @Proves({Rule.G_9, Rule.Q_10})
    void the_feed_shows_each_task_once_in_its_latest_state_in_the_order_of_versions() {
        QueueTask a = task(3);
        QueueTask b = task(2);
        QueueTask c = task(1);
        QueueTask changed = store().queue().cancel(a.id(), "no more");

        ChangePage<QueueTask> first = store().queue().changes(given().scope(), null, 2);
        ChangePage<QueueTask> next = second().queue().changes(given().scope(), first.cursor(), 2);
        ChangePage<QueueTask> last = store().queue().changes(given().scope(), next.cursor(), 2);

        assertThat(first.items()).containsExactly(b, c);
        assertThat(first.more()).isTrue();
        assertThat(next.items()).containsExactly(changed);
        assertThat(next.more()).isFalse();
        assertThat(last.items()).isEmpty();
    }

    @Test
    @Proves({Rule.G_9, Rule.Q_5})
    void a_dispatch_and_the_end_of_its_run_are_changes() {
        QueueTask task = given().task(QUEUE);
        String cursor = store().queue().changes(given().scope(), null, 10).cursor();

        QueueTask running = given().dispatched(QUEUE).task();
        ChangePage<QueueTask> page = store().queue().changes(given().scope(), cursor, 10);
        store().queue().cancel(task.id(), "no more");
        ChangePage<QueueTask> next = store().queue().changes(given().scope(), page.cursor(), 10);

        assertThat(page.items()).containsExactly(running);
        assertThat(next.items()).containsExactly(store().queue().get(task.id()));
    }

    /** D6: 384 of 2,400 tasks were never delivered to a reader that followed the versions. */
    @Test
    @Proves(Rule.G_9)
    void a_reader_that_follows_the_feed_while_others_create_tasks_misses_none() {
        int writers = 6;
        int each = 25;
        TenantScope scope = given().scope();
        NewQueueTask input = given().newTask(QUEUE).build();
        AtomicInteger writing = new AtomicInteger(writers);
        Map<String, QueueTask> delivered = new HashMap<>();

        List<Race.Finish<List<String>>> finishes = Race.of(writers + 1, i -> () -> {
            List<String> made = new ArrayList<>();
            if (i == writers) {
                follow(scope, writing, delivered);
                return made;
            }
            try {
                for (int n = 0; n < each; n++) {
                    made.add((i % 2 == 0 ? store() : second())
                            .queue()
                            .create(input)
                            .id());
                }
            } finally {
                writing.decrementAndGet();
            }
            return made;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        Set<String> made = new HashSet<>();
        Race.values(finishes).forEach(made::addAll);
        assertThat(made).hasSize(writers * each);
        assertThat(delivered.keySet()).isEqualTo(made);
    }

    /** Reads the feed until the writers have stopped and it has come to an end after that. */
    private void follow(TenantScope scope, AtomicInteger writing, Map<String, QueueTask> delivered) {
        String cursor = null;
        while (true) {
            boolean stopped = writing.get() == 0;
            ChangePage<QueueTask> page = second().queue().changes(scope, cursor, 50);
            page.items().forEach(task -> delivered.put(task.id(), task));
            cursor = page.cursor();
            if (stopped && page.items().isEmpty() && !page.more()) {
                return;
            }
        }
    }

    private QueueTask task(int priority) {
        QueueTask task =
                store().queue().create(given().newTask(QUEUE).priority(priority).build());
        advance(Duration.ofSeconds(1));
        return task;
    }

    private QueueTask taskOf(Owner owner) {
        return store().queue()
                .create(NewQueueTask.builder(owner, QUEUE, "T", given().spec()).build());
    }

    private QueueQuery query() {
        return QueueQuery.in(given().scope()).withQueue(QUEUE);
    }

    private List<QueueTask> changes(TenantScope scope, @Nullable String cursor) {
        return store().queue().changes(scope, cursor, 100).items();
    }

    private List<QueueTask> all(QueueQuery query) {
        return rest(query, null);
    }

    private List<QueueTask> rest(QueueQuery query, @Nullable String from) {
        List<QueueTask> items = new ArrayList<>();
        String cursor = from;
        do {
            Page<QueueTask> page = store().queue().list(query.withCursor(cursor));
            items.addAll(page.items());
            cursor = page.nextCursor();
        } while (cursor != null);
        return items;
    }

    @Test
    @Proves({Rule.G_9, Rule.Q_10, Rule.Q_11})
    void tasks_that_are_taken_together_are_changes() {
        List<QueueTask> before = List.of(given().task(QUEUE), given().task(QUEUE), given().task(QUEUE));
        String cursor = store().queue().changes(given().scope(), null, 10).cursor();
        Duration later = Duration.ofSeconds(7);
        advance(later);

        List<Taken> taken = second().queue()
                .take(TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue(QUEUE))
                        .withN(3));

        List<QueueTask> now =
                before.stream().map(task -> store().queue().get(task.id())).toList();
        assertThat(taken).extracting(Taken::task).isEqualTo(now);
        for (int i = 0; i < 3; i++) {
            assertThat(now.get(i).version()).isGreaterThan(before.get(2).version());
            assertThat(now.get(i).updatedAt())
                    .isEqualTo(before.get(i).updatedAt().plus(later));
        }
        assertThat(store().queue().changes(given().scope(), cursor, 10).items())
                .containsExactlyInAnyOrderElementsOf(now);
    }
}
