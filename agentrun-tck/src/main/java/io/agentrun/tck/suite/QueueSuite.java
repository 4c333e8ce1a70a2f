package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.ReadMark;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TraceContext;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskContent;
import io.agentrun.queue.TaskPlace;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Tasks as they enter the queue: what is kept of them, their keys, versions and read marks.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class QueueSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";

    /** For adapters. */
    protected QueueSuite() {}

    @Test
    @Proves(Rule.Q_1)
    void a_new_task_is_pending_with_what_it_was_given() {
        Instant later = given().session().createdAt().plus(Duration.ofDays(1));
        SessionRef session = SessionRef.of(given().name("session")).withThreadId("thread-1");
        NewQueueTask input = full(session, later).build();

        QueueTask task = store().queue().create(input);

        assertThat(task.id()).startsWith("qt_");
        assertThat(task.owner()).isEqualTo(given().owner());
        assertThat(task.place()).isEqualTo(new TaskPlace(QUEUE, "fast", 7));
        assertThat(task.title()).isEqualTo("Title");
        assertThat(task.spec()).isEqualTo(input.spec());
        assertThat(task.content())
                .isEqualTo(new TaskContent(
                        JsonObject.of("prompt", "do it"),
                        List.of(JsonObject.of("n", 1), JsonObject.of("n", 2)),
                        JsonObject.of("color", "blue"),
                        session,
                        null));
        assertThat(task.retry()).isEqualTo(RetryPolicy.of(3, Duration.ofMinutes(5)));
        assertThat(task.notBefore()).isEqualTo(later);
        assertThat(task.state()).isEqualTo(TaskState.PENDING);
        assertThat(task.latestAttempt()).isNull();
        assertThat(task.outcome()).isNull();
        assertThat(task.cancelRequest()).isNull();
        assertThat(task.attempts()).isZero();
        assertThat(task.version()).isPositive();
        assertThat(task.updatedAt()).isEqualTo(task.createdAt());
        assertThat(second().queue().get(task.id())).isEqualTo(task);
        assertThat(store().sessions().find(session.sessionId())).isEmpty();
    }

    @Test
    @Proves(Rule.Q_1)
    void a_task_without_further_wishes_has_the_defaults() {
        QueueTask task = store().queue()
                .create(NewQueueTask.builder(given().owner(), QUEUE, "T", given().spec())
                        .build());

        assertThat(task.place()).isEqualTo(new TaskPlace(QUEUE, "default", 0));
        assertThat(task.content()).isEqualTo(TaskContent.of(JsonObject.empty()));
        assertThat(task.retry()).isEqualTo(RetryPolicy.none());
        assertThat(task.notBefore()).isNull();
        assertThat(task.idempotency()).isNull();
    }

    @Test
    @Proves(Rule.I_1)
    void the_same_key_with_equal_content_returns_the_first_task_in_its_present_state() {
        NewQueueTask input = full(SessionRef.of(given().name("session")), null)
                .idempotencyKey("key-1")
                .build();
        QueueTask first = store().queue().create(input);
        QueueTask ended = store().queue().cancel(first.id(), "no more");

        QueueTask again = second().queue().create(input);

        assertThat(again).isEqualTo(ended);
        assertThat(again.id()).isEqualTo(first.id());
    }

    @Test
    @Proves(Rule.I_1)
    void the_same_key_in_another_trace_returns_the_first_record_in_its_own() {
        TraceContext trace = new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1");
        TraceContext other = new TraceContext("00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01", null);
        NewQueueTask task = NewQueueTask.builder(given().owner(), QUEUE, "T", given().spec())
                .idempotencyKey("key-1")
                .build();
        NewRun run = NewRun.builder(given().owner(), given().spec())
                .idempotencyKey("key-1")
                .build();
        QueueTask firstTask =
                store().queue().create(task.withSpec(given().spec().withTraceContext(trace)));
        Run firstRun = store().runs().create(run.withSpec(given().spec().withTraceContext(trace)));

        assertThat(second().queue().create(task.withSpec(given().spec().withTraceContext(other))))
                .isEqualTo(firstTask);
        assertThat(second().queue().createAll(List.of(task))).containsExactly(firstTask);
        assertThat(second().runs().create(run)).isEqualTo(firstRun);
        assertThat(second().queue().get(firstTask.id()).spec().traceContext()).contains(trace);
        assertThat(second().runs().get(firstRun.id()).spec().traceContext()).contains(trace);
    }

    @Test
    @Proves({Rule.I_1, Rule.G_3})
    void the_same_key_with_any_other_content_is_a_conflict() {
        String session = given().name("session");
        QueueTask first = store().queue()
                .create(full(SessionRef.of(session), null)
                        .idempotencyKey("key-1")
                        .build());
        List<NewQueueTask.Builder> others = List.of(
                full(SessionRef.of(session), null).lane("slow"),
                full(SessionRef.of(session), null).priority(8),
                full(SessionRef.of(session), null).payload(JsonObject.of("prompt", "do that")),
                full(SessionRef.of(session), null).references(List.of(JsonObject.of("n", 1))),
                full(SessionRef.of(session), null).metadata(JsonObject.empty()),
                full(SessionRef.of(given().name("session")), null),
                full(SessionRef.of(session), null).session(null),
                full(SessionRef.of(session), null).retry(RetryPolicy.none()),
                full(SessionRef.of(session), first.createdAt()),
                NewQueueTask.builder(given().owner(), QUEUE, "Title", RunSpec.of(Given.PROFILE)));
        for (NewQueueTask.Builder other : others) {
            NewQueueTask input = other.idempotencyKey("key-1").build();

            IdempotencyConflictException refusal = watch().task(first.id())
                    .refuses(
                            IdempotencyConflictException.class,
                            () -> store().queue().create(input));

            assertThat(refusal.key()).isEqualTo("key-1");
        }
    }

    @Test
    @Proves(Rule.I_1)
    void a_key_is_its_project_s_own_and_tasks_without_one_are_never_the_same() {
        NewQueueTask mine = given().newTask(QUEUE).idempotencyKey("key-1").build();
        NewQueueTask theirs = NewQueueTask.builder(given().stranger(), QUEUE, "another", given().spec())
                .idempotencyKey("key-1")
                .build();
        Owner sibling = new Owner(given().owner().tenantId(), given().name("project"));
        NewQueueTask siblings = NewQueueTask.builder(sibling, QUEUE, "another", given().spec())
                .idempotencyKey("key-1")
                .build();

        Set<String> ids = Set.of(
                store().queue().create(mine).id(),
                store().queue().create(theirs).id(),
                store().queue().create(siblings).id(),
                given().task(QUEUE).id(),
                given().task(QUEUE).id());

        assertThat(ids).hasSize(5);
    }

    /** D1: of two callers with one new key, one got a raw unique violation. */
    @Test
    @Proves(Rule.I_2)
    void callers_with_one_new_key_at_the_same_moment_get_one_task() {
        for (int round = 0; round < 10; round++) {
            NewQueueTask input =
                    given().newTask(QUEUE).idempotencyKey("key-" + round).build();

            List<Race.Finish<QueueTask>> finishes = Race.of(
                    6, i -> () -> (i % 2 == 0 ? store() : second()).queue().create(input));

            assertThat(Race.failures(finishes)).isEmpty();
            assertThat(Set.copyOf(Race.values(finishes))).hasSize(1);
        }
    }

    @Test
    @Proves({Rule.Q_10, Rule.Q_5})
    void every_change_of_any_task_takes_a_version_that_is_higher_than_all_before() {
        List<Long> versions = new ArrayList<>();
        QueueTask first = given().task(QUEUE);
        versions.add(first.version());
        versions.add(given().task("other").version());
        Dispatch dispatch = given().dispatched(QUEUE);
        versions.add(dispatch.task().version());
        store().runs().finish(given().claimed(dispatch.run()).fence(), TurnResult.of(Outcome.completed()));
        versions.add(store().queue().get(first.id()).version());
        QueueTask other = given().task("other");
        versions.add(other.version());
        versions.add(store().queue()
                .updateAttempt(AttemptReport.running(other.id(), 1, "attempt-1"))
                .version());
        versions.add(store().queue().cancel(other.id(), "no more").version());

        assertThat(versions).isSorted().doesNotHaveDuplicates();
    }

    @Test
    @Proves({Rule.Q_10, Rule.G_3})
    void what_changes_nothing_takes_no_version() {
        QueueTask task = given().task(QUEUE);
        QueueTask cancelled = store().queue().cancel(task.id(), "no more");

        watch().task(task.id()).unchangedBy(() -> store().queue().cancel(task.id(), "again"));
        watch().task(task.id()).unchangedBy(() -> store().queue().markRead(task.id(), "ann", cancelled.version()));
    }

    @Test
    @Proves(Rule.S_6)
    void a_task_s_read_mark_moves_forward_only() {
        QueueTask old = given().task(QUEUE);
        QueueTask newer = store().queue().cancel(old.id(), "no more");

        ReadMark first = store().queue().markRead(old.id(), "ann", old.version());
        advance(Duration.ofMinutes(1));
        assertThat(store().queue().markRead(old.id(), "ann", old.version())).isEqualTo(first);
        ReadMark forward = store().queue().markRead(old.id(), "ann", newer.version());
        ReadMark back = second().queue().markRead(old.id(), "ann", old.version());
        ReadMark other = store().queue().markRead(old.id(), "bob", old.version());

        assertThat(first.version()).isEqualTo(old.version());
        assertThat(forward.subjectId()).isEqualTo(old.id());
        assertThat(forward.readerId()).isEqualTo("ann");
        assertThat(forward.version()).isEqualTo(newer.version());
        assertThat(forward.readAt()).isAfter(first.readAt());
        assertThat(back).isEqualTo(forward);
        assertThat(other.version()).isEqualTo(old.version());
        assertThat(store().queue().get(old.id())).isEqualTo(newer);
    }

    @Test
    @Proves({Rule.S_6, Rule.G_3})
    void a_mark_beyond_the_task_s_version_is_refused() {
        QueueTask task = given().task(QUEUE);

        InvalidInputException refusal = watch().task(task.id())
                .refuses(
                        InvalidInputException.class,
                        () -> store().queue().markRead(task.id(), "ann", task.version() + 1));

        assertThat(refusal.field()).isEqualTo("version");
    }

    @Test
    @Proves(Rule.Q_1)
    void an_unknown_task_is_not_found() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> store().queue().get("qt_unknown"))
                .satisfies(e -> assertThat(e.id()).isEqualTo("qt_unknown"));
    }

    @Test
    @Proves(Rule.I_3)
    void a_task_is_found_by_its_owners_key_and_by_nobody_elses() {
        String key = given().name("key");
        Owner stranger = given().stranger();
        QueueTask task = store().queue()
                .create(given().newTask(QUEUE).idempotencyKey(key).build());
        QueueTask theirs = store().queue()
                .create(NewQueueTask.builder(stranger, QUEUE, "theirs", given().spec())
                        .idempotencyKey(key)
                        .build());
        store().runs().create(given().newRun().idempotencyKey("of-a-run").build());

        QueueTask ended = store().queue().cancel(task.id(), "no more");

        assertThat(store().queue().getByKey(given().owner(), key)).isEqualTo(ended);
        assertThat(second().queue().getByKey(stranger, key)).isEqualTo(theirs);
        Owner sibling = new Owner(given().owner().tenantId(), given().name("project"));
        Owner namesake = new Owner(given().name("tenant"), given().owner().projectId());
        for (Owner other : List.of(sibling, namesake, given().stranger())) {
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> store().queue().getByKey(other, key))
                    .returns("queue task", NotFoundException::what)
                    .returns(key, NotFoundException::id);
        }
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> store().queue().getByKey(given().owner(), "of-a-run"));
    }

    private NewQueueTask.Builder full(SessionRef session, @Nullable Instant notBefore) {
        RunSpec spec = given().fullSpec(Given.PROFILE);
        return NewQueueTask.builder(given().owner(), QUEUE, "Title", spec)
                .lane("fast")
                .priority(7)
                .payload(JsonObject.of("prompt", "do it"))
                .references(List.of(JsonObject.of("n", 1), JsonObject.of("n", 2)))
                .metadata(JsonObject.of("color", "blue"))
                .session(session)
                .retry(RetryPolicy.of(3, Duration.ofMinutes(5)))
                .notBefore(notBefore);
    }
}
