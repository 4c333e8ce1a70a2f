package io.agentrun.backend;

import io.agentrun.backend.ReadSets.RunEnd;
import io.agentrun.backend.ReadSets.TurnEnd;
import io.agentrun.backend.StoreReads.Deliverable;
import io.agentrun.backend.StoreReads.TakeCandidates;
import io.agentrun.backend.StoreTx.DueTask;
import io.agentrun.backend.StoreTx.StoredRun;
import io.agentrun.command.Command;
import io.agentrun.command.CommandType;
import io.agentrun.json.JsonObject;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.RunHead;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The read sets of a worker, out of single locks and reads: what it takes, and the turn that it ends.
 *
 * <p>Thread-safe.
 */
public final class TakeSets {

    private TakeSets() {}

    /**
     * What could be locked of the candidates of a take. Immutable.
     *
     * @param busy whether a task was passed over because somebody works on its session just now
     */
    public record TakeSet(List<WaitingRun> runs, List<FreeTask> tasks, boolean busy) {

        /** Returns the set without what would give a take more bytes; the first one stays in any case. */
        public TakeSet within(long most) {
            List<Candidate> all = new ArrayList<>(runs);
            all.addAll(tasks);
            int fitting = PageBytes.TAKES.fitting(all, most);
            int ofRuns = Math.min(fitting, runs.size());
            return fitting == all.size()
                    ? this
                    : new TakeSet(runs.subList(0, ofRuns), tasks.subList(0, fitting - ofRuns), busy);
        }
    }

    /** What a take may give, for its size. */
    public sealed interface Candidate {

        /** Returns the task. */
        QueueTask task();

        /** Returns what the turns say that the take gives with it. */
        List<JsonObject> prompts();
    }

    /**
     * A pending run of a task, locked. Immutable.
     *
     * @param turns its pending turns that may be delivered
     */
    public record WaitingRun(Run run, List<CommandHead> open, List<Command> turns, QueueTask task)
            implements Candidate {

        @Override
        public List<JsonObject> prompts() {
            return turns.stream().map(Command::payload).toList();
        }
    }

    /**
     * A due task, locked, with the session that it names. Immutable.
     *
     * @param session as stored; null where the task names none, or there is none yet
     */
    public record FreeTask(QueueTask task, @Nullable Session session) implements Candidate {

        @Override
        public List<JsonObject> prompts() {
            return List.of(task.content().payload());
        }
    }

    static Locked<TurnEnd> turnEnd(StoreTx tx, String runId, String commandId) {
        RunEnd seen = tx.lockRunEnd(runId).orNull();
        if (seen == null) {
            return new Locked.Missing<>();
        }
        Command turn = tx.findCommand(commandId).orElse(null);
        CommandHead next =
                turn == null ? null : CommandRules.otherTurn(seen.view().openCommands(), CommandHead.of(turn));
        Command nextTurn = next == null ? null : tx.findCommand(next.id()).orElse(null);
        return new Locked.Found<>(new TurnEnd(seen.run(), seen.view(), turn, nextTurn));
    }

    static TakeSet take(StoreTx tx, TakeCandidates candidates, int most) {
        Map<String, Locked<Session>> sessions = new HashMap<>();
        candidates.tasks().stream()
                .map(DueTask::sessionId)
                .filter(id -> id != null)
                .sorted()
                .forEach(id -> sessions.put(id, tx.lockSession(id, LockMode.SKIP)));
        List<WaitingRun> runs = new ArrayList<>();
        for (String runId : candidates.runIds()) {
            if (runs.size() < most && tx.lockRun(runId, LockMode.SKIP) instanceof Locked.Found<StoredRun> found) {
                WaitingRun waiting = waiting(tx, found.value().run());
                if (waiting != null) {
                    runs.add(waiting);
                }
            }
        }
        return tasks(tx, candidates.tasks(), most - runs.size(), sessions, runs);
    }

    private static @Nullable WaitingRun waiting(StoreTx tx, Run run) {
        List<CommandHead> open = tx.openCommands(run.id());
        String taskId = run.taskId();
        QueueTask task = taskId == null ? null : tx.findTask(taskId).orElse(null);
        if (task == null || !LeaseRules.claimable(RunHead.of(run), open)) {
            return null;
        }
        List<Command> turns = tx.deliverable(run.id(), Integer.MAX_VALUE)
                .map(Deliverable::commands)
                .orElse(List.of());
        return new WaitingRun(run, open, turns(turns), task);
    }

    /** Returns the turns among commands that may be delivered. */
    public static List<Command> turns(List<Command> deliverable) {
        return deliverable.stream()
                .filter(command -> command.type() == CommandType.TURN)
                .toList();
    }

    private static TakeSet tasks(
            StoreTx tx,
            List<DueTask> candidates,
            int most,
            Map<String, Locked<Session>> sessions,
            List<WaitingRun> runs) {
        boolean busy = false;
        List<QueueTask> locked = new ArrayList<>();
        for (DueTask candidate : candidates) {
            String sessionId = candidate.sessionId();
            boolean held = sessionId != null && sessions.get(sessionId) instanceof Locked.Held;
            busy |= held;
            if (held || locked.size() == most) {
                continue;
            }
            if (sessionId == null || tx.nextTurn(sessionId, null, null).isEmpty()) {
                QueueTask task = tx.lockTask(candidate.taskId(), LockMode.SKIP).orNull();
                if (task != null) {
                    locked.add(task);
                }
            }
        }
        List<FreeTask> free = new ArrayList<>(locked.size());
        for (QueueTask task : locked) {
            if (QueueRules.dispatchable(task, tx.now())) {
                Locked<Session> session = task.content().session() == null
                        ? null
                        : sessions.get(task.content().session().sessionId());
                free.add(new FreeTask(task, session == null ? null : session.orNull()));
            }
        }
        return new TakeSet(runs, free, busy);
    }
}
