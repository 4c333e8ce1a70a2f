package io.agentrun.spring;

import io.agentrun.worker.stream.EventTail;

/**
 * The end of the tail of events: its subscribers are told, so that no browser's stream keeps the web server from ending.
 *
 * <p>Thread-safe.
 */
final class TailLifecycle extends Stoppable {

    private final EventTail tail;

    TailLifecycle(EventTail tail) {
        this.tail = tail;
    }

    @Override
    void begin() {
        // It is ready as soon as it is made.
    }

    @Override
    void end() {
        tail.close();
    }
}
