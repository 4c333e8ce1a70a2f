package io.agentrun.worker.stream;

import io.agentrun.event.RunEvent;
import java.util.List;

/** What a subscriber does next. Immutable. */
sealed interface TailStep {

    /** Takes these events. */
    record Take(List<RunEvent> events) implements TailStep {}

    /** Reads a page of its own: it is behind what readers share. */
    record Read() implements TailStep {}

    /** Waits to be signalled. */
    record Wait() implements TailStep {}

    /** Is done: the run has ended. */
    record Done() implements TailStep {}
}
