package io.agentrun.session;

import org.jspecify.annotations.Nullable;

/**
 * Which conversation of the agent a session goes on with.
 *
 * <p>Immutable.
 *
 * @param conversationId the host's id of the conversation
 * @param threadId the agent's id of the thread, which the next turn resumes
 */
public record SessionThread(
        @Nullable String conversationId, @Nullable String threadId) {

    /** Returns the thread of a session that has not begun. */
    public static SessionThread none() {
        return new SessionThread(null, null);
    }

    /** Returns a copy with another {@code conversationId}: the host's id of the conversation. */
    public SessionThread withConversationId(@Nullable String conversationId) {
        return new SessionThread(conversationId, threadId);
    }

    /** Returns a copy with another {@code threadId}: the agent's id of the thread, which the next turn resumes. */
    public SessionThread withThreadId(@Nullable String threadId) {
        return new SessionThread(conversationId, threadId);
    }
}
