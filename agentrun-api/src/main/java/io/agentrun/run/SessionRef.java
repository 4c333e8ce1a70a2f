package io.agentrun.run;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import io.agentrun.json.JsonObject;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The session that a run belongs to. A session that does not exist is created with these values; one that exists keeps its
 * own, and only the id is used.
 *
 * <p>Make one with {@link #of} and the withers. Immutable.
 *
 * @param sessionId the host's own id, 1 to 200 characters
 * @param conversationId the host's conversation, or null
 * @param threadId the backend's thread, or null
 * @param metadata the host's own data; its text {@code title}, if there is one, becomes the session's title
 * @param expiresAt when the session's storage may be collected, year 1 to 9999, or null for never
 */
public record SessionRef(
        String sessionId,
        @Nullable String conversationId,
        @Nullable String threadId,
        JsonObject metadata,
        @AsText @Nullable Instant expiresAt) {

    public SessionRef {
        Texts.id("sessionId", sessionId);
        Texts.idOrNull("conversationId", conversationId);
        Texts.idOrNull("threadId", threadId);
        Require.given("metadata", metadata);
        expiresAt = Times.requireInRangeOrNull("expiresAt", expiresAt);
    }

    /** Returns the session with the given id, with nothing else for the case that it is new. */
    public static SessionRef of(String sessionId) {
        return new SessionRef(sessionId, null, null, JsonObject.empty(), null);
    }

    /** Returns the same reference with another conversation, null for none. */
    public SessionRef withConversationId(@Nullable String value) {
        return new SessionRef(sessionId, value, threadId, metadata, expiresAt);
    }

    /** Returns the same reference with another thread, null for none. */
    public SessionRef withThreadId(@Nullable String value) {
        return new SessionRef(sessionId, conversationId, value, metadata, expiresAt);
    }

    /** Returns the same reference with other metadata. */
    public SessionRef withMetadata(JsonObject value) {
        return new SessionRef(sessionId, conversationId, threadId, value, expiresAt);
    }

    /** Returns the same reference with another expiry, null for never. */
    public SessionRef withExpiresAt(@Nullable Instant value) {
        return new SessionRef(sessionId, conversationId, threadId, metadata, value);
    }

    /** Returns the reference as one JSON object, what is null left out; the content hashes are made from it. */
    public JsonObject asJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("sessionId", sessionId);
        if (conversationId != null) {
            map.put("conversationId", conversationId);
        }
        if (threadId != null) {
            map.put("threadId", threadId);
        }
        map.put("metadata", metadata.toMap());
        if (expiresAt != null) {
            map.put("expiresAt", expiresAt.toString());
        }
        return JsonObject.from(map);
    }
}
