package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.run.SessionRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a task is about.
 *
 * <p>Immutable.
 *
 * @param payload what the task's turn is given
 * @param references what it refers to (issues, commits and the like): at most 1,000
 * @param metadata the host's own data
 * @param session the session that its runs belong to, null for none
 * @param sessionPath where the host has the session of the last attempt, null until reported
 */
public record TaskContent(
        JsonObject payload,
        List<JsonObject> references,
        JsonObject metadata,
        @Nullable SessionRef session,
        @Nullable String sessionPath) {

    private static final int MAX_REFERENCES = 1_000;

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public TaskContent {
        payload = Require.given("payload", payload);
        references = Require.items("references", references);
        metadata = Require.given("metadata", metadata);
        Require.between("references", references.size(), 0, MAX_REFERENCES);
    }

    /**
     * Returns content with a payload and nothing else.
     *
     * @throws InvalidInputException when the payload is missing
     */
    public static TaskContent of(JsonObject payload) {
        return new TaskContent(payload, List.of(), JsonObject.empty(), null, null);
    }

    /**
     * Returns a copy with another {@code payload}: what the task's turn is given.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public TaskContent withPayload(JsonObject payload) {
        return new TaskContent(payload, references, metadata, session, sessionPath);
    }

    /**
     * Returns a copy with another {@code references}: what it refers to (issues, commits and the like): at most 1,000.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public TaskContent withReferences(List<JsonObject> references) {
        return new TaskContent(payload, references, metadata, session, sessionPath);
    }

    /**
     * Returns a copy with another {@code metadata}: the host's own data.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public TaskContent withMetadata(JsonObject metadata) {
        return new TaskContent(payload, references, metadata, session, sessionPath);
    }

    /** Returns a copy with another {@code session}: the session that its runs belong to, null for none. */
    public TaskContent withSession(@Nullable SessionRef session) {
        return new TaskContent(payload, references, metadata, session, sessionPath);
    }

    /**
     * Returns a copy with another {@code sessionPath}: where the host has the session of the last attempt, null until
     * reported.
     */
    public TaskContent withSessionPath(@Nullable String sessionPath) {
        return new TaskContent(payload, references, metadata, session, sessionPath);
    }
}
