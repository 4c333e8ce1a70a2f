package io.agentrun.example.agent;

import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Outcome;
import io.agentrun.model.TerminalStatus;
import io.agentrun.model.TurnResult;
import io.agentrun.worker.AgentProtocol;
import io.agentrun.worker.Turn;
import io.agentrun.worker.stream.EventWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an agent tells of a turn in lines of JSON: each becomes events of ours, and a line that is not understood is stored as it is.
 * The agent must say how the turn ended: without that, an exit code of 0 is a failure too.
 *
 * <p>Not thread-safe: one thread at a time.
 */
abstract class Transcript implements AgentProtocol {
    private final EventWriter events;
    private @Nullable String threadId;
    private @Nullable Outcome told;

    Transcript(Turn turn) {
        this.events = turn.events();
    }

    /**
     * Makes events of a line.
     *
     * @param type the text {@code type} of the line
     * @return false if it is not understood; nothing was written then
     */
    abstract boolean take(String type, JsonObject line) throws InterruptedException;

    @Override
    public final void line(String line) throws InterruptedException {
        if (line.isBlank()) {
            return;
        }
        try {
            JsonObject json = JsonObject.parse(line);
            if (take(json.string("type").orElse(""), json)) {
                return;
            }
        } catch (InvalidInputException e) {
            // No JSON, or none that a store can hold.
        }
        events.line(line);
    }

    /** The turn's end is what the agent said, unless its process failed after it said that all was well. */
    @Override
    public final TurnResult result(TurnResult exit) {
        return new TurnResult(outcome(exit.outcome()), threadId, null);
    }

    private Outcome outcome(Outcome exit) {
        Outcome said = told;
        if (exit.status() == TerminalStatus.COMPLETED) {
            return said == null ? failed("it ended without saying how") : said;
        }
        boolean cancelled = exit.status() == TerminalStatus.CANCELLED;
        return cancelled || said == null || said.status() == TerminalStatus.COMPLETED ? exit : said;
    }

    final void thread(@Nullable String id) {
        threadId = id == null ? threadId : id;
    }

    final void completed() {
        told = Outcome.completed();
    }

    final void failed(@Nullable String message, String otherwise) throws InterruptedException {
        String why = message == null || message.isBlank() ? otherwise : message;
        told = failed(why);
        write(EventType.ERROR, JsonObject.of("text", why));
    }

    private static Outcome failed(String message) {
        return Outcome.failed(
                FailureKind.BACKEND_FAILED, message.length() > 4_000 ? message.substring(0, 4_000) : message);
    }

    final void write(EventType type, JsonObject payload) throws InterruptedException {
        events.write(new NewEvent(type, payload));
    }

    final void say(String text) throws InterruptedException {
        write(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", text));
    }

    final void status(String phase, JsonObject facts) throws InterruptedException {
        write(EventType.BACKEND_STATUS, facts.with("phase", phase));
    }

    /** Stores what a command has written, a line at a time. */
    final void output(String text) throws InterruptedException {
        if (!text.isEmpty()) {
            events.output().write(text.endsWith("\n") ? text : text + "\n");
        }
    }

    /** The objects of a list; what is no object is left out. */
    static List<JsonObject> objects(JsonObject json, String key) {
        List<JsonObject> objects = new ArrayList<>();
        for (Object item : json.list(key).orElse(List.of())) {
            if (item instanceof Map<?, ?>) {
                objects.add(JsonObject.fromBean(item));
            }
        }
        return objects;
    }
}
