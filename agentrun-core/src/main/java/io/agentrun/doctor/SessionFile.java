package io.agentrun.doctor;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandType;
import io.agentrun.error.NotFoundException;
import io.agentrun.inspect.Bounds;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.rules.CommandHead;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A session with its runs and the turns of those that are open, read one after the other. Immutable.
 *
 * @param runs its runs, the latest first
 * @param turns the turns of its open runs
 * @param lastRun the run that it names as its last, null without one or if it is gone
 * @param lastCommand the command that it names as its last, null without one or if it is gone
 * @param whole whether all its runs and turns were read
 */
record SessionFile(
        Session session,
        List<Run> runs,
        List<CommandHead> turns,
        @Nullable Run lastRun,
        @Nullable CommandHead lastCommand,
        boolean whole) {

    /** Reads the session; empty if there is none (any more). */
    static Optional<SessionFile> read(AgentRunStore store, String sessionId, Bounds bounds) {
        Session session = store.sessions().find(sessionId).orElse(null);
        if (session == null) {
            return Optional.empty();
        }
        List<Run> runs = new ArrayList<>();
        RunQuery query = RunQuery.in(TenantScope.all()).withSessionId(sessionId).withLimit(bounds.page());
        boolean whole = true;
        String cursor = null;
        do {
            Page<Run> page = store.runs().list(query.withCursor(cursor));
            runs.addAll(page.items());
            cursor = page.nextCursor();
            if (cursor != null && runs.size() >= bounds.records()) {
                whole = false;
                cursor = null;
            }
        } while (cursor != null);
        List<CommandHead> turns = new ArrayList<>();
        for (Run run : runs) {
            if (!run.isTerminal()) {
                whole &= turns(store, run.id(), bounds, turns);
            }
        }
        return Optional.of(new SessionFile(
                session,
                List.copyOf(runs),
                List.copyOf(turns),
                run(store, session.activity().lastRunId()),
                command(store, session.activity().lastCommandId()),
                whole));
    }

    private static boolean turns(AgentRunStore store, String runId, Bounds bounds, List<CommandHead> into) {
        List<CommandHead> commands = new ArrayList<>();
        try {
            boolean all = RunFile.commands(store, runId, bounds, commands, new ArrayList<>());
            commands.stream()
                    .filter(command -> command.type() == CommandType.TURN)
                    .forEach(into::add);
            return all;
        } catch (NotFoundException purged) {
            return true;
        }
    }

    private static @Nullable Run run(AgentRunStore store, @Nullable String runId) {
        if (runId == null) {
            return null;
        }
        try {
            return store.runs().get(runId);
        } catch (NotFoundException purged) {
            return null;
        }
    }

    private static @Nullable CommandHead command(AgentRunStore store, @Nullable String commandId) {
        if (commandId == null) {
            return null;
        }
        try {
            Command command = store.commands().get(commandId);
            return CommandHead.of(command);
        } catch (NotFoundException purged) {
            return null;
        }
    }
}
