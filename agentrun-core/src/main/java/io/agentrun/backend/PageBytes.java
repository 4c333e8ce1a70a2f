package io.agentrun.backend;

import io.agentrun.command.Command;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.limit.Limit;
import io.agentrun.model.RunSpec;
import io.agentrun.question.Question;
import io.agentrun.question.Reply;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskContent;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.schedule.Schedule;
import io.agentrun.session.Session;
import io.agentrun.session.SessionSummary;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * How large a page may become: the JSON objects of its records have at most {@link #MOST} bytes together, or it has one record.
 * Where a page ends is decided once, above the backends; only a feed, whose position is its backend's, ends where its backend
 * says. A backend that does not read further than it has to may stop behind the first record with which the page is too large.
 *
 * <p>Immutable.
 *
 * @param <T> the records
 */
public final class PageBytes<T> {

    /** The most bytes of a page: 8 MiB of canonical JSON in UTF-8. */
    public static final int MOST = 8 << 20;

    /** Pages of runs. */
    public static final PageBytes<Run> RUNS = new PageBytes<>((run, each) -> spec(run.spec(), each));

    /** Runs that are to be created. */
    public static final PageBytes<NewRun> NEW_RUNS = new PageBytes<>(PageBytes::newRun);

    /** Pages of commands. */
    public static final PageBytes<Command> COMMANDS =
            new PageBytes<>((command, each) -> each.accept(command.payload()));

    /** Pages of events. */
    public static final PageBytes<RunEvent> EVENTS = new PageBytes<>((event, each) -> each.accept(event.payload()));

    /** Pages of sessions. */
    public static final PageBytes<Session> SESSIONS =
            new PageBytes<>((session, each) -> each.accept(session.metadata()));

    /** Pages of sessions with what a reader has read. */
    public static final PageBytes<SessionSummary> SUMMARIES =
            new PageBytes<>((summary, each) -> each.accept(summary.session().metadata()));

    /** Pages of tasks. */
    public static final PageBytes<QueueTask> TASKS = new PageBytes<>(PageBytes::task);

    /** Pages of questions. */
    public static final PageBytes<Question> QUESTIONS = new PageBytes<>(PageBytes::question);

    /** Pages of schedules, with the tasks that they create. */
    public static final PageBytes<Schedule> SCHEDULES =
            new PageBytes<>((schedule, each) -> template(schedule.given().task(), each));

    /** What one take gives: each task with its run, which has the same specification, and its turns. */
    public static final PageBytes<TakeSets.Candidate> TAKES = new PageBytes<>(PageBytes::candidate);

    /** Pages of limits, which have no JSON objects. */
    public static final PageBytes<Limit> LIMITS = new PageBytes<>((limit, each) -> {});

    private final BiConsumer<T, Consumer<JsonObject>> objects;

    private PageBytes(BiConsumer<T, Consumer<JsonObject>> objects) {
        this.objects = objects;
    }

    private static void spec(RunSpec spec, Consumer<JsonObject> each) {
        each.accept(spec.workspaceRef());
        each.accept(spec.executionPolicy());
        JsonObject resources = spec.resourceBundleRef();
        JsonObject sink = spec.traceSink();
        if (resources != null) {
            each.accept(resources);
        }
        if (sink != null) {
            each.accept(sink);
        }
    }

    private static void newRun(NewRun run, Consumer<JsonObject> each) {
        spec(run.spec(), each);
        SessionRef session = run.session();
        if (session != null) {
            each.accept(session.metadata());
        }
    }

    private static void task(QueueTask task, Consumer<JsonObject> each) {
        spec(task.spec(), each);
        content(task.content(), each);
        TaskAttempt attempt = task.latestAttempt();
        if (attempt != null) {
            each.accept(attempt.details());
        }
    }

    private static void template(NewQueueTask task, Consumer<JsonObject> each) {
        spec(task.spec(), each);
        content(task.content(), each);
    }

    private static void content(TaskContent content, Consumer<JsonObject> each) {
        each.accept(content.payload());
        each.accept(content.metadata());
        content.references().forEach(each);
        SessionRef session = content.session();
        if (session != null) {
            each.accept(session.metadata());
        }
    }

    private static void question(Question question, Consumer<JsonObject> each) {
        JsonObject schema = question.content().schema();
        Reply fallback = question.content().fallback();
        Reply reply = question.end() == null ? null : question.end().reply();
        each.accept(question.content().metadata());
        Stream.of(fallback, reply)
                .map(given -> given == null ? null : given.content())
                .filter(Objects::nonNull)
                .forEach(each);
        if (schema != null) {
            each.accept(schema);
        }
    }

    private static void candidate(TakeSets.Candidate candidate, Consumer<JsonObject> each) {
        task(candidate.task(), each);
        spec(candidate.task().spec(), each);
        candidate.prompts().forEach(each);
    }

    /** Returns how many bytes the objects of the record have at most; nothing that the store has kept as a text is read for it. */
    public long atMost(T item) {
        long[] bytes = {0};
        objects.accept(item, object -> bytes[0] += object.sizeAtMost());
        return bytes[0];
    }

    /** Returns how many of the records, the first at least, a page of this store has. */
    public int fitting(List<T> items) {
        return fitting(items, MOST);
    }

    /**
     * Returns how many of the records, the first at least, have no more bytes together. What the store has kept as a text is
     * read for it only where it may be too much.
     */
    public int fitting(List<T> items, long most) {
        if (items.stream().mapToLong(this::atMost).sum() <= most) {
            return items.size();
        }
        long[] bytes = {0};
        for (int i = 0; i < items.size(); i++) {
            objects.accept(items.get(i), object -> bytes[0] += size(object));
            if (bytes[0] > most && i > 0) {
                return i;
            }
        }
        return items.size();
    }

    /** Returns whether a page ends within the records because it would have more bytes with all of them. */
    public boolean tooMany(List<T> items) {
        return fitting(items) < items.size();
    }

    /**
     * Returns whether there is nothing behind the records that a backend has returned when it was asked for so many: there are fewer, and it
     * did not stop because the page was too large.
     */
    public boolean areLast(List<T> items, int limit) {
        return items.size() < limit && !tooMany(items);
    }

    /** An object that cannot be read counts as it stands there: it fails where somebody looks into it. */
    private static int size(JsonObject object) {
        try {
            return object.sizeInBytes();
        } catch (StoreUnavailableException e) {
            return object.sizeAtMost();
        }
    }
}
