package io.agentrun.samples;

import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandTimes;
import io.agentrun.command.CommandType;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.rules.CommandHead;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Session;
import io.agentrun.session.SessionActivity;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.StorageContents;
import io.agentrun.storage.StorageState;
import org.jspecify.annotations.Nullable;

/** Commands and sessions for the tests of rules. */
public final class Turns {

    public static final String SESSION = "ses_1";
    public static final JsonObject PAYLOAD = JsonObject.of("prompt", "fix the build");

    private Turns() {}

    /** A turn that is delivered: the active one. */
    public static CommandHead active(String id, String runId, CommandState state) {
        return command(id, runId, 1, CommandType.TURN, state, new CommandOrder(1, true, null));
    }

    /** A turn that waits behind another. */
    public static CommandHead waiting(String id, String runId, long seq, long ordinal) {
        return command(id, runId, seq, CommandType.TURN, CommandState.PENDING, new CommandOrder(ordinal, false, null));
    }

    public static CommandHead steer(String id, long seq, CommandState state, String turnId) {
        return command(id, Runs.RUN, seq, CommandType.STEER, state, new CommandOrder(0, true, turnId));
    }

    public static CommandHead interrupt(String id, long seq, CommandState state, String turnId) {
        return command(id, Runs.RUN, seq, CommandType.INTERRUPT, state, new CommandOrder(0, true, turnId));
    }

    private static CommandHead command(
            String id, String runId, long seq, CommandType type, CommandState state, CommandOrder order) {
        boolean seen = state != CommandState.PENDING;
        Outcome outcome = switch (state) {
            case PENDING, ACKNOWLEDGED -> null;
            case COMPLETED -> Outcome.completed();
            case FAILED -> Runs.FAILED;
            case CANCELLED -> Runs.CANCELLED;
        };
        return new CommandHead(
                id,
                runId,
                seq,
                type,
                state,
                outcome,
                order,
                new CommandTimes(Runs.EARLIER, Runs.EARLIER, seen ? Runs.EARLIER : null),
                null);
    }

    /** The whole command of a head, with {@link #PAYLOAD}. */
    public static Command whole(CommandHead head) {
        return new Command(
                head.id(),
                head.runId(),
                head.seq(),
                head.type(),
                PAYLOAD,
                head.state(),
                head.outcome(),
                head.order(),
                null,
                head.times());
    }

    /** A session that nothing has happened in. */
    public static Session idle() {
        return session(SessionActivity.idle());
    }

    /** A session whose active turn is the given one. */
    public static Session running(String runId, String commandId) {
        return session(
                new SessionActivity(ExecutionState.RUNNING, runId, commandId, runId, commandId, null, Runs.EARLIER, 1));
    }

    /** A session whose last turn has ended. */
    public static Session ended() {
        return session(new SessionActivity(
                ExecutionState.TERMINAL, Runs.RUN, "cmd_0", null, null, Runs.FAILED, Runs.EARLIER, 1));
    }

    public static Session session(SessionActivity activity) {
        return Session.builder(SESSION, Runs.OWNER, BackendProfile.CODEX)
                .title("a title")
                .activity(activity)
                .version(7)
                .createdAt(Runs.EARLIER)
                .updatedAt(Runs.EARLIER)
                .build();
    }

    /** The session with storage in the given state, of generation 2 (0 for none), with its claim known where it can be. */
    public static Session stored(Session session, StorageState state) {
        if (state == StorageState.NONE) {
            return session;
        }
        PvcRef pvc = new PvcRef("agents", "ns-1", "claim-a", uid(state), null);
        StorageContents contents = StorageContents.unknown().withSizeBytes(10L).withRolloutSubdir("logs");
        return session.toBuilder()
                .storage(new SessionStorage(
                        state, 2, pvc, contents, Runs.EARLIER, state == StorageState.EVICTED ? Runs.EARLIER : null))
                .build();
    }

    private static @Nullable String uid(StorageState state) {
        return state == StorageState.PROVISIONING ? null : "uid-1";
    }
}
