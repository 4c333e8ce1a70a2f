package io.agentrun.engine;

import io.agentrun.QuestionStore;
import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.command.NewCommand;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.json.Redactor;
import io.agentrun.model.Limits;
import io.agentrun.model.Outcome;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.QuestionContent;
import io.agentrun.question.Reply;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.TaskContent;
import io.agentrun.rules.EventRules;
import io.agentrun.run.NewRun;
import io.agentrun.run.SessionRef;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.session.SessionText;
import io.agentrun.session.SessionUpsert;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks what comes into a store against the store's limits, and redacts what will be kept (G-1, E-4).
 *
 * <p>Redacted are, in texts and in JSON with its keys: the payloads of events; messages of outcomes and reasons of
 * cancellations; thread and turn ids; titles of sessions and tasks; the metadata of sessions, also of a session that a run
 * or task names; the details of attempts; the metadata and the placement text of runners; the result and the manager URL
 * of runner jobs; what is said of a backend's capabilities, capacity and health; texts and metadata of questions.
 *
 * <p>Kept word for word are: the payloads of commands; the payload, references and metadata of tasks; the parts of a spec; the schema of a question, and its answers.
 * They are what an agent works with, and a changed prompt is another prompt; so the title that a session takes from its
 * first prompt has what the prompt has. Ids and keys are kept too, because records are found by them: a host puts no secret
 * into one.
 *
 * <p>Every method returns what to go on with, or throws {@link io.agentrun.error.InvalidInputException} naming the field.
 * Content is hashed after redaction, so that no hash of a secret is stored. Thread-safe if the redactor is.
 */
public final class Intake {

    private final Limits limits;
    private final Redactor redactor;

    /** Makes the checks of a store with these limits and this redactor. */
    public Intake(Limits limits, Redactor redactor) {
        this.limits = Require.given("limits", limits);
        this.redactor = Require.given("redactor", redactor);
    }

    /** Returns an id that stands alone as a parameter. */
    public String id(String field, @Nullable String id) {
        return Texts.id(field, id);
    }

    /** Returns an idempotency key that stands alone as a parameter. */
    public String key(String field, @Nullable String key) {
        return Texts.key(field, key);
    }

    /** Returns a number after which a list begins: 0 or more. */
    public long afterSeq(long afterSeq) {
        return Require.between("afterSeq", afterSeq, 0, Long.MAX_VALUE);
    }

    /** Returns how many items a page may have: 1 to the store's limit. */
    public int page(int limit) {
        return limits.page("limit", limit);
    }

    /** Returns the most records in a page. */
    public int maxPage() {
        return limits.maxPage();
    }

    /** Returns the items of a call for many: none to {@link Limits#MAX_CALL_ITEMS}. */
    public <T> List<T> many(String field, @Nullable List<T> items) {
        List<T> given = Require.items(field, items);
        if (given.size() > Limits.MAX_CALL_ITEMS) {
            throw new InvalidInputException(field, "must not be more than " + Limits.MAX_CALL_ITEMS);
        }
        return given;
    }

    /** Returns the questions that a run is to wait for: one to as many as a run may have open, each once. */
    List<String> questionIds(@Nullable List<String> questionIds) {
        List<String> given = Require.items("questionIds", questionIds);
        Require.between("questionIds", given.size(), 1, QuestionStore.MAX_OPEN);
        given.forEach(id -> Texts.id("questionIds", id));
        if (Set.copyOf(given).size() < given.size()) {
            throw new InvalidInputException("questionIds", "must not name a question twice");
        }
        return given;
    }

    /** Returns how long a lease lasts. */
    public Duration lease(@Nullable Duration lease) {
        return limits.lease("lease", lease);
    }

    /** Returns how many starts of a run may come to nothing in a row. */
    int maxStarts() {
        return limits.maxStarts();
    }

    /** Returns how long a call waits; zero looks once. */
    public Duration timeout(@Nullable Duration timeout) {
        return limits.wait("timeout", timeout);
    }

    /** Returns a run to create. */
    public NewRun run(@Nullable NewRun input) {
        NewRun run = Require.given("input", input);
        limits.spec(run.spec());
        NewRun kept = run.withSession(ref(run.session()));
        return kept.equals(run) ? run : kept;
    }

    /** Returns a command to create. */
    public NewCommand command(@Nullable NewCommand input) {
        NewCommand command = Require.given("input", input);
        limits.payload("payload", command.payload());
        return command;
    }

    /** Events to append: one to the store's limit, none with a phase of the store's own, redacted. */
    public List<NewEvent> events(@Nullable List<NewEvent> events) {
        List<NewEvent> given = Require.items("events", events);
        limits.batch("events", given.size());
        long bytes = 0;
        for (NewEvent event : given) {
            EventRules.requireForeign(event);
            bytes += limits.payload("payload", event.payload()).sizeInBytes();
        }
        limits.together("events", bytes);
        List<NewEvent> redacted = new ArrayList<>(given.size());
        for (NewEvent event : given) {
            JsonObject payload = event.payload();
            JsonObject kept = redactor.redact(payload);
            redacted.add(kept.equals(payload) ? event : new NewEvent(event.type(), kept));
        }
        return redacted;
    }

    /** Returns what a runner reports, with its message redacted. */
    public TurnResult result(@Nullable TurnResult result) {
        TurnResult given = Require.given("result", result);
        TurnResult kept =
                new TurnResult(outcome(given.outcome()), textOrNull(given.threadId()), textOrNull(given.turnId()));
        return kept.equals(given) ? given : kept;
    }

    /** Returns how something ended, with its message redacted. */
    public Outcome outcome(@Nullable Outcome outcome) {
        Outcome given = Require.given("outcome", outcome);
        String message = given.message();
        if (message == null) {
            return given;
        }
        String kept = redactor.redact(message);
        return kept.equals(message) ? given : given.withMessage(kept);
    }

    /** Returns why something is cancelled, redacted. */
    public String reason(@Nullable String reason) {
        return redactor.redact(Texts.message("reason", reason));
    }

    /** Returns a runner to register, with its metadata redacted. */
    public NewRunner runner(@Nullable NewRunner input) {
        NewRunner runner = Require.given("runner", input);
        JsonObject metadata = limits.payload("metadata", runner.info().metadata());
        RunnerInfo kept = runner.info().toBuilder()
                .metadata(redactor.redact(metadata))
                .placement(textOrNull(runner.info().placement()))
                .build();
        return kept.equals(runner.info()) ? runner : new NewRunner(runner.id(), kept);
    }

    /** Returns a runner job to save, with its result and the manager's URL redacted. */
    public NewRunnerJob job(@Nullable NewRunnerJob input) {
        NewRunnerJob job = Require.given("job", input);
        JsonObject result = limits.payload("result", job.result());
        JobPlacement at = job.placement();
        NewRunnerJob kept = job.toBuilder()
                .result(redactor.redact(result))
                .placement(new JobPlacement(
                        at.namespace(),
                        at.jobName(),
                        redactor.redact(at.managerUrl()),
                        at.image(),
                        at.sourceCommit(),
                        at.serviceAccountName()))
                .build();
        return kept.equals(job) ? job : kept;
    }

    /** Returns a backend to save, with what is said of it redacted. */
    public NewBackend backend(@Nullable NewBackend input) {
        NewBackend backend = Require.given("backend", input);
        NewBackend kept = backend.withCapabilities(
                        redactor.redact(limits.payload("capabilities", backend.capabilities())))
                .withCapacity(redactor.redact(limits.payload("capacity", backend.capacity())))
                .withHealth(redactor.redact(limits.payload("health", backend.health())));
        return kept.equals(backend) ? backend : kept;
    }

    /** Returns a question to ask, with its text, the texts of its options and its metadata redacted. */
    public NewQuestion question(@Nullable NewQuestion input) {
        NewQuestion question = Require.given("question", input);
        QuestionContent content = question.content();
        limits.payload("content", JsonObject.fromBean(content));
        QuestionContent kept = new QuestionContent(
                redactor.redact(content.text()),
                content.options().stream()
                        .map(option ->
                                option.withTexts(redactor.redact(option.title()), textOrNull(option.description())))
                        .toList(),
                content.schema(),
                content.audience(),
                content.fallback(),
                redactor.redact(content.metadata()));
        return kept.equals(content) ? question : question.with(kept);
    }

    /** Returns an answer to a question, which is kept word for word. */
    public Reply reply(@Nullable Reply input) {
        Reply reply = Require.given("reply", input);
        limits.payloadOrNull("reply", reply.content());
        return reply;
    }

    /** Returns a session to create or change, with its title, thread and metadata redacted. */
    public SessionUpsert session(@Nullable SessionUpsert input) {
        SessionUpsert session = Require.given("session", input);
        JsonObject metadata = limits.payloadOrNull("metadata", session.metadata());
        SessionUpsert kept = session.toBuilder()
                .title(textOrNull(session.title()))
                .threadId(textOrNull(session.threadId()))
                .metadata(metadata == null ? null : redactor.redact(metadata))
                .build();
        return kept.equals(session) ? session : kept;
    }

    /** Returns what a session is taken to remember, as it would have been stored: threads and titles are redacted. */
    public String expected(SessionText text, @Nullable String expected) {
        return switch (text) {
            case THREAD -> redactor.redact(Texts.id("expected", expected));
            case CONVERSATION -> Texts.id("expected", expected);
            case TITLE -> redactor.redact(Texts.title("expected", expected));
        };
    }

    /** Returns a task to create, with its title and the session that it names redacted. */
    public NewQueueTask task(@Nullable NewQueueTask input) {
        NewQueueTask task = Require.given("task", input);
        limits.spec(task.spec());
        TaskContent content = task.content();
        limits.payload("payload", content.payload());
        limits.payload("metadata", content.metadata());
        long bytes = 0;
        for (JsonObject reference : content.references()) {
            bytes += limits.payload("references", reference).sizeInBytes();
        }
        limits.together("references", bytes);
        NewQueueTask kept = new NewQueueTask(
                task.owner(),
                task.place(),
                redactor.redact(task.title()),
                task.spec(),
                content.withSession(ref(content.session())),
                task.retry(),
                task.notBefore(),
                task.idempotencyKey(),
                task.replaceKey(),
                task.deadlines(),
                task.limitLabels());
        return kept.equals(task) ? task : kept;
    }

    /** Returns tasks to create together: none to {@link Limits#MAX_CALL_TASKS}. What is wrong with one names its place. */
    public List<NewQueueTask> tasks(@Nullable List<NewQueueTask> input) {
        List<NewQueueTask> given = Require.items("tasks", input);
        if (given.size() > Limits.MAX_CALL_TASKS) {
            throw new InvalidInputException("tasks", "must not be more than " + Limits.MAX_CALL_TASKS);
        }
        List<NewQueueTask> kept = new ArrayList<>(given.size());
        long bytes = 0;
        for (NewQueueTask task : given) {
            try {
                kept.add(task(task));
            } catch (InvalidInputException e) {
                throw e.in("tasks[" + kept.size() + "]");
            }
            bytes += sizeInBytes(task);
            limits.together("tasks", bytes);
        }
        return kept;
    }

    private static long sizeInBytes(NewQueueTask task) {
        TaskContent content = task.content();
        RunSpec spec = task.spec();
        SessionRef session = content.session();
        Stream<@Nullable JsonObject> objects = Stream.of(
                content.payload(),
                content.metadata(),
                spec.workspaceRef(),
                spec.executionPolicy(),
                spec.resourceBundleRef(),
                spec.traceSink(),
                session == null ? null : session.metadata());
        return Stream.concat(objects, content.references().stream())
                .filter(Objects::nonNull)
                .mapToLong(JsonObject::sizeInBytes)
                .sum();
    }

    /** Returns what a host reports of an attempt, with its details and the message of its outcome redacted. */
    public AttemptReport report(@Nullable AttemptReport input) {
        AttemptReport report = Require.given("report", input);
        JsonObject details = redactor.redact(limits.payload("details", report.details()));
        Outcome stated = report.outcome();
        AttemptReport kept = new AttemptReport(
                report.taskId(),
                report.attempt(),
                report.attemptId(),
                report.state(),
                stated == null ? null : outcome(stated),
                details,
                report.sessionPath());
        return kept.equals(report) ? report : kept;
    }

    private @Nullable SessionRef ref(@Nullable SessionRef session) {
        if (session == null) {
            return null;
        }
        JsonObject metadata = limits.payload("metadata", session.metadata());
        SessionRef kept = session.withMetadata(redactor.redact(metadata)).withThreadId(textOrNull(session.threadId()));
        return kept.equals(session) ? session : kept;
    }

    private @Nullable String textOrNull(@Nullable String text) {
        return text == null ? null : redactor.redact(text);
    }
}
