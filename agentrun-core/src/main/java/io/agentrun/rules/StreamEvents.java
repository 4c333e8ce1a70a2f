package io.agentrun.rules;

import io.agentrun.command.Command;
import io.agentrun.event.EventType;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.question.Question;
import io.agentrun.run.Run;
import io.agentrun.run.RunAttempts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes down what a transition did, in the words of the run's event stream. */
final class StreamEvents {

    /** The key of a {@code backend_status} under which it says what happened. */
    static final String PHASE = "phase";

    private static final String RUN_CREATED = "run-created";
    private static final String RUN_CLAIMED = "run-claimed";
    private static final String RUN_RELEASED = "run-released";
    private static final String RUN_RECOVERED = "run-recovered";
    private static final String RUN_PARKED = "run-parked";
    private static final String RUN_RESUMED = "run-resumed";
    private static final String CANCEL_REQUESTED = "cancel-requested";
    private static final String COMMAND_CREATED = "command-created";
    private static final String COMMAND_TERMINAL = "command-terminal";
    private static final String SESSION_UPDATED = "session-updated";

    /** All phases that the store writes, and nobody else. */
    static final Set<String> PHASES = Set.of(
            RUN_CREATED,
            RUN_CLAIMED,
            RUN_RELEASED,
            RUN_RECOVERED,
            RUN_PARKED,
            RUN_RESUMED,
            CANCEL_REQUESTED,
            COMMAND_CREATED,
            COMMAND_TERMINAL,
            SESSION_UPDATED);

    private StreamEvents() {}

    static Emission runCreated(Run run) {
        Map<String, Object> payload = phase(RUN_CREATED);
        payload.put("backendProfile", run.spec().backendProfile().wire());
        payload.put("sessionId", run.sessionId());
        payload.put("resourceBundle", run.spec().resourceBundleRef() != null);
        return status(run.id(), payload);
    }

    static Emission runClaimed(RunHead run, String runnerId, long epoch) {
        Map<String, Object> payload = phase(RUN_CLAIMED);
        payload.put("runnerId", runnerId);
        payload.put("epoch", epoch);
        return status(run.id(), payload);
    }

    static Emission runReleased(RunHead run, String runnerId) {
        Map<String, Object> payload = phase(RUN_RELEASED);
        payload.put("runnerId", runnerId);
        return status(run.id(), payload);
    }

    static Emission runRecovered(RunHead run, String runnerId, RunAttempts attempts) {
        Map<String, Object> payload = phase(RUN_RECOVERED);
        payload.put("runnerId", runnerId);
        payload.put("attempt", attempts.current());
        payload.put("starts", attempts.starts());
        return status(run.id(), payload);
    }

    static Emission runParked(RunHead run, String runnerId, List<String> questionIds) {
        Map<String, Object> payload = phase(RUN_PARKED);
        payload.put("runnerId", runnerId);
        payload.put("questionIds", questionIds);
        return status(run.id(), payload);
    }

    static Emission runResumed(RunHead run) {
        return status(run.id(), phase(RUN_RESUMED));
    }

    static Emission cancelRequested(String runId, String reason) {
        Map<String, Object> payload = phase(CANCEL_REQUESTED);
        payload.put("reason", reason);
        return status(runId, payload);
    }

    static Emission commandCreated(Command command) {
        Map<String, Object> payload = phase(COMMAND_CREATED);
        payload.put("commandId", command.id());
        payload.put("commandType", command.type().wire());
        payload.put("deliverable", command.order().deliverable());
        return status(command.runId(), payload);
    }

    static Emission commandTerminal(CommandHead ended, TurnResult result) {
        Outcome outcome = result.outcome();
        Map<String, Object> payload = phase(COMMAND_TERMINAL);
        payload.put("commandId", ended.id());
        payload.put("state", ended.state().wire());
        payload.put("terminalStatus", outcome.status().wire());
        payload.put("failureKind", kind(outcome));
        payload.put("message", outcome.message());
        payload.put("threadId", result.threadId());
        payload.put("turnId", result.turnId());
        return status(ended.runId(), payload);
    }

    static Emission sessionUpdated(String runId, String sessionId, TurnResult result) {
        Map<String, Object> payload = phase(SESSION_UPDATED);
        payload.put("sessionId", sessionId);
        payload.put("threadId", result.threadId());
        payload.put("turnId", result.turnId());
        return status(runId, payload);
    }

    static Emission terminalStatus(String runId, Outcome outcome) {
        Map<String, Object> payload = new LinkedHashMap<>(4);
        payload.put("terminalStatus", outcome.status().wire());
        payload.put("failureKind", kind(outcome));
        payload.put("message", outcome.message());
        return new Emission(runId, EventType.TERMINAL_STATUS, JsonObject.from(payload));
    }

    static Emission questionAsked(Question question) {
        Map<String, Object> payload = new LinkedHashMap<>(8);
        payload.put("questionId", question.id());
        payload.put("turnId", question.turnId());
        payload.put("text", question.content().text());
        payload.put("expiresAt", question.expiresAt().toString());
        return new Emission(question.runId(), EventType.QUESTION_ASKED, JsonObject.from(payload));
    }

    /** Writes down the end of a question; the answer is for the runner, and what the page shows it reads from the question. */
    static Emission questionAnswered(Question question) {
        Map<String, Object> payload = new LinkedHashMap<>(4);
        payload.put("questionId", question.id());
        payload.put("state", question.state().wire());
        payload.put("answeredBy", question.end() == null ? null : question.end().answeredBy());
        return new Emission(question.runId(), EventType.QUESTION_ANSWERED, JsonObject.from(payload));
    }

    private static Map<String, Object> phase(String phase) {
        Map<String, Object> payload = new LinkedHashMap<>(8);
        payload.put(PHASE, phase);
        return payload;
    }

    private static Emission status(String runId, Map<String, Object> payload) {
        return new Emission(runId, EventType.BACKEND_STATUS, JsonObject.from(payload));
    }

    private static @org.jspecify.annotations.Nullable String kind(Outcome outcome) {
        return outcome.failureKind() == null ? null : outcome.failureKind().wire();
    }
}
