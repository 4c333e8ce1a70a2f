package io.agentrun.example.agent;

import io.agentrun.worker.Turn;
import java.util.Optional;

/** The agent's own ids of its conversations, which the store keeps with the sessions. */
final class Threads {
    private Threads() {}

    /** Returns the thread that the turn goes on with; empty for the first turn of a session, and without a session. */
    static Optional<String> of(Turn turn) {
        return turn.session()
                .flatMap(session -> Optional.ofNullable(session.thread().threadId()));
    }
}
