package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.InvalidInputException;
import io.agentrun.model.CancelMode;
import io.agentrun.queue.CancelledTasks;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskCancel;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tasks that are cancelled together, in steps.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class CancelManySuite extends ConformanceSuite {

    private static final String QUEUE = "queue";

    /** For adapters. */
    protected CancelManySuite() {}

    private TaskCancel all() {
        return TaskCancel.in(given().scope(), "no more");
    }

    private List<QueueTask> tasks(int count) {
        List<QueueTask> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tasks.add(given().task(QUEUE));
        }
        return tasks;
    }

    private QueueTask now(QueueTask task) {
        return store().queue().get(task.id());
    }

    @Test
    @Proves({Rule.Q_16, Rule.Q_8})
    void steps_cancel_what_is_open_the_pending_tasks_first() {
        List<QueueTask> tasks = tasks(5);
        Run run = given().claimed(given().dispatched(QUEUE).run()).run();
        TaskCancel two = all().withLimit(2);

        CancelledTasks first = store().queue().cancelAll(two);
        assertThat(first).isEqualTo(new CancelledTasks(2, 0, 0, first.nextCursor()));
        assertThat(now(tasks.get(1)).state()).isEqualTo(TaskState.CANCELLED);
        assertThat(now(tasks.get(2)).state()).isEqualTo(TaskState.CANCELLED);
        assertThat(now(tasks.get(3)).state()).isEqualTo(TaskState.PENDING);
        CancelledTasks second = second().queue().cancelAll(two.withCursor(first.nextCursor()));
        assertThat(second.cancelled()).isEqualTo(2);
        CancelledTasks last = store().queue().cancelAll(two.withCursor(second.nextCursor()));

        assertThat(last).isEqualTo(new CancelledTasks(0, 1, 0, null));
        assertThat(now(tasks.get(0)).cancelRequest())
                .isNotNull()
                .satisfies(request -> assertThat(request.reason()).isEqualTo("no more"));
        assertThat(store().runs().get(run.id()).cancelRequest()).isNotNull();
        assertThat(now(tasks.get(4)).outcome())
                .isNotNull()
                .satisfies(outcome -> assertThat(outcome.message()).isEqualTo("no more"));
    }

    @Test
    @Proves({Rule.Q_16, Rule.Q_8})
    void a_running_task_is_cancelled_at_once_by_force_or_if_nobody_holds_its_run() {
        List<QueueTask> tasks = tasks(2);
        Run held = given().claimed(given().dispatched(QUEUE).run()).run();
        Run unheld = given().dispatched(QUEUE).run();

        CancelledTasks graceful = store().queue().cancelAll(all().withState(TaskState.RUNNING));
        CancelledTasks forced =
                store().queue().cancelAll(all().withState(TaskState.RUNNING).withMode(CancelMode.FORCE));

        assertThat(graceful).isEqualTo(new CancelledTasks(1, 1, 0, null));
        assertThat(forced).isEqualTo(new CancelledTasks(1, 0, 0, null));
        assertThat(tasks).allSatisfy(task -> assertThat(now(task).state()).isEqualTo(TaskState.CANCELLED));
        assertThat(store().runs().get(held.id()).status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(store().runs().get(unheld.id()).status()).isEqualTo(RunStatus.CANCELLED);
    }

    @Test
    @Proves({Rule.Q_16, Rule.G_6})
    void only_what_the_filter_accepts_is_cancelled() {
        QueueTask wanted = task(QUEUE, "fast");
        QueueTask otherLane = task(QUEUE, "slow");
        QueueTask otherQueue = task("elsewhere", "fast");
        QueueTask running = task(QUEUE, "running");
        given().claimed(store().queue()
                .dispatchNext(DispatchRequest.fromQueue(QUEUE).withLane("running"))
                .orElseThrow()
                .run());
        QueueTask theirs = store().queue()
                .create(NewQueueTask.builder(given().stranger(), QUEUE, "theirs", given().spec())
                        .lane("fast")
                        .build());

        CancelledTasks done = store().queue()
                .cancelAll(all().withQueue(QUEUE).withLane("fast").withState(TaskState.PENDING));

        assertThat(done).isEqualTo(new CancelledTasks(1, 0, 0, null));
        assertThat(now(wanted).state()).isEqualTo(TaskState.CANCELLED);
        for (QueueTask left : List.of(otherLane, otherQueue, theirs)) {
            assertThat(now(left)).isEqualTo(left);
        }
        assertThat(now(running).cancelRequest()).isNull();
    }

    private QueueTask task(String queue, String lane) {
        return store().queue().create(given().newTask(queue).lane(lane).build());
    }

    @Test
    @Proves(Rule.Q_16)
    void a_second_pass_changes_nothing() {
        tasks(2);
        given().claimed(given().dispatched(QUEUE).run());
        pass(all());
        List<QueueTask> after =
                store().queue().list(QueueQuery.in(given().scope())).items();

        List<CancelledTasks> again = pass(all());

        assertThat(again).extracting(CancelledTasks::cancelled).containsOnly(0);
        assertThat(store().queue().list(QueueQuery.in(given().scope())).items()).isEqualTo(after);
    }

    private List<CancelledTasks> pass(TaskCancel request) {
        List<CancelledTasks> steps = new ArrayList<>();
        String cursor = null;
        do {
            CancelledTasks step = store().queue().cancelAll(request.withCursor(cursor));
            steps.add(step);
            cursor = step.nextCursor();
        } while (cursor != null);
        return steps;
    }

    @Test
    @Proves({Rule.Q_16, Rule.G_1, Rule.G_7})
    void a_cursor_of_another_request_and_a_limit_out_of_bounds_are_refused() {
        QueueTask task = tasks(3).get(0);
        String cursor = store().queue().cancelAll(all().withLimit(1)).nextCursor();

        refused(task, all().withQueue("elsewhere").withCursor(cursor));
        refused(task, all().withState(TaskState.PENDING).withCursor(cursor));
        refused(task, all().withLimit(100_000));
    }

    private void refused(QueueTask task, TaskCancel request) {
        watch().task(task.id())
                .refuses(InvalidInputException.class, () -> store().queue().cancelAll(request));
    }

    @Test
    @Proves({Rule.Q_16, Rule.Q_8})
    void several_callers_cancel_each_task_once() {
        List<QueueTask> tasks = tasks(12);

        List<Race.Finish<CancelledTasks>> finishes = Race.of(
                3, i -> () -> (i == 0 ? store() : second()).queue().cancelAll(all().withState(TaskState.PENDING)));

        assertThat(finishes).allMatch(Race.Finish::succeeded);
        assertThat(tasks).allSatisfy(task -> {
            QueueTask now = now(task);
            assertThat(now.state()).isEqualTo(TaskState.CANCELLED);
            assertThat(now.cancelRequest()).isNotNull();
        });
    }
}
