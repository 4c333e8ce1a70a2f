package io.agentrun.engine;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.command.NewCommand;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.json.Redactor;
import io.agentrun.model.Limits;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.TaskContent;
import io.agentrun.run.NewRun;
import io.agentrun.run.SessionRef;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.session.SessionUpsert;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The door of a store: what comes in is checked against the store's limits, and redacted where it will be kept (G-1, E-4).
 *
 * <p>Every method returns what to go on with, or throws {@link io.agentrun.error.InvalidInputException} naming the field.
 * Thread-safe if the redactor is.
 */
public final class Intake {

    private final Limits limits;
    private final Redactor redactor;

    /** A door with these limits and this redactor. */
    public Intake(Limits limits, Redactor redactor) {
        this.limits = Require.given("limits", limits);
        this.redactor = Require.given("redactor", redactor);
    }

    /** An id that stands alone as a parameter. */
    public String id(String field, @Nullable String id) {
        return Texts.id(field, id);
    }

    /** An idempotency key that stands alone as a parameter. */
    public String key(String field, @Nullable String key) {
        return Texts.key(field, key);
    }

    /** A number after which a list begins: 0 or more. */
    public long afterSeq(long afterSeq) {
        return Require.between("afterSeq", afterSeq, 0, Long.MAX_VALUE);
    }

    /** How many items a page may have: 1 to the store's limit. */
    public int page(int limit) {
        return limits.page("limit", limit);
    }

    /** How long a lease lasts. */
    public Duration lease(@Nullable Duration lease) {
        return limits.lease("lease", lease);
    }

    /** How long a call waits; zero looks once. */
    public Duration timeout(@Nullable Duration timeout) {
        return limits.wait("timeout", timeout);
    }

    /** A run to create. */
    public NewRun run(@Nullable NewRun input) {
        NewRun run = Require.given("input", input);
        limits.spec(run.spec());
        checkRef(run.session());
        return run;
    }

    /** A command to create. */
    public NewCommand command(@Nullable NewCommand input) {
        NewCommand command = Require.given("input", input);
        limits.payload("payload", command.payload());
        return command;
    }

    /** Events to append: one to the store's limit, redacted. */
    public List<NewEvent> events(@Nullable List<NewEvent> events) {
        List<NewEvent> given = Require.items("events", events);
        limits.batch("events", given.size());
        List<NewEvent> redacted = new ArrayList<>(given.size());
        for (NewEvent event : given) {
            JsonObject payload = limits.payload("payload", event.payload());
            JsonObject kept = redactor.redact(payload);
            redacted.add(kept.equals(payload) ? event : new NewEvent(event.type(), kept));
        }
        return redacted;
    }

    /** What a runner reports, with its message redacted. */
    public TurnResult result(@Nullable TurnResult result) {
        TurnResult given = Require.given("result", result);
        Outcome kept = outcome(given.outcome());
        return kept.equals(given.outcome()) ? given : new TurnResult(kept, given.threadId(), given.turnId());
    }

    /** How something ended, with its message redacted. */
    public Outcome outcome(@Nullable Outcome outcome) {
        Outcome given = Require.given("outcome", outcome);
        String message = given.message();
        if (message == null) {
            return given;
        }
        String kept = redactor.redact(message);
        return kept.equals(message) ? given : given.withMessage(kept);
    }

    /** Why something is cancelled, redacted. */
    public String reason(@Nullable String reason) {
        return redactor.redact(Texts.message("reason", reason));
    }

    /** A runner to register, with its metadata redacted. */
    public NewRunner runner(@Nullable NewRunner input) {
        NewRunner runner = Require.given("runner", input);
        JsonObject metadata = limits.payload("metadata", runner.info().metadata());
        JsonObject kept = redactor.redact(metadata);
        return kept.equals(metadata)
                ? runner
                : new NewRunner(
                        runner.id(), runner.info().toBuilder().metadata(kept).build());
    }

    /** A runner job to save. */
    public NewRunnerJob job(@Nullable NewRunnerJob input) {
        NewRunnerJob job = Require.given("job", input);
        limits.payload("result", job.result());
        return job;
    }

    /** A backend to save. */
    public NewBackend backend(@Nullable NewBackend input) {
        NewBackend backend = Require.given("backend", input);
        limits.payload("capabilities", backend.capabilities());
        limits.payload("capacity", backend.capacity());
        limits.payload("health", backend.health());
        return backend;
    }

    /** A session to create or change. */
    public SessionUpsert session(@Nullable SessionUpsert input) {
        SessionUpsert session = Require.given("session", input);
        limits.payloadOrNull("metadata", session.metadata());
        return session;
    }

    /** A task to create. */
    public NewQueueTask task(@Nullable NewQueueTask input) {
        NewQueueTask task = Require.given("task", input);
        limits.spec(task.spec());
        TaskContent content = task.content();
        limits.payload("payload", content.payload());
        limits.payload("metadata", content.metadata());
        for (JsonObject reference : content.references()) {
            limits.payload("references", reference);
        }
        checkRef(content.session());
        return task;
    }

    /** What a host reports of an attempt, with the message of its outcome redacted. */
    public AttemptReport report(@Nullable AttemptReport input) {
        AttemptReport report = Require.given("report", input);
        limits.payload("details", report.details());
        Outcome stated = report.outcome();
        if (stated == null) {
            return report;
        }
        Outcome kept = outcome(stated);
        return kept.equals(stated)
                ? report
                : new AttemptReport(
                        report.taskId(),
                        report.attempt(),
                        report.attemptId(),
                        report.state(),
                        kept,
                        report.details(),
                        report.sessionPath());
    }

    private void checkRef(@Nullable SessionRef session) {
        if (session != null) {
            limits.payload("metadata", session.metadata());
        }
    }
}
