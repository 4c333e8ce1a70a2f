package io.agentrun.memory;

import org.jspecify.annotations.Nullable;

/** What waiting calls wait for, by name. */
final class Signals {

    private Signals() {}

    /** Something was added to the run's stream, or the run ended. */
    static String events(String runId) {
        return "events " + runId;
    }

    /** The run, or one of its commands, has changed. */
    static String commands(String runId) {
        return "commands " + runId;
    }

    static @Nullable String of(Write write) {
        if (write instanceof Write.OfEvent event) {
            return events(event.event().runId());
        }
        if (write instanceof Write.OfCommand command) {
            return commands(command.command().runId());
        }
        if (write instanceof Write.OfRun run) {
            return commands(run.run().id());
        }
        if (write instanceof Write.Purged purged) {
            return events(purged.runId());
        }
        return null;
    }
}
