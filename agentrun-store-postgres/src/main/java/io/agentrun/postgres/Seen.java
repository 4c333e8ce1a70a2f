package io.agentrun.postgres;

import io.agentrun.command.Command;
import io.agentrun.postgres.internal.table.RunRow;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a step has read under its locks: which runs and commands exist, from which numbers they go on, and the time.
 * Sessions and tasks need no place here: a new one has no version yet.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Seen {

    private final Map<String, RunRow> runs = new HashMap<>(2);
    private final Set<String> commands = new HashSet<>();
    private final Instant now;

    private Seen(Instant now) {
        this.now = now;
    }

    /** Nothing but the time. */
    static Seen at(Instant now) {
        return new Seen(now);
    }

    Seen with(@Nullable RunRow run) {
        if (run != null) {
            runs.put(run.run().id(), run);
        }
        return this;
    }

    Seen with(@Nullable Command command) {
        if (command != null) {
            commands.add(command.id());
        }
        return this;
    }

    Seen with(List<Command> more) {
        more.forEach(this::with);
        return this;
    }

    Instant now() {
        return now;
    }

    @Nullable
    RunRow run(String runId) {
        return runs.get(runId);
    }

    boolean hasCommand(String commandId) {
        return commands.contains(commandId);
    }
}
