package io.agentrun.engine;

import io.agentrun.backend.LockMode;
import io.agentrun.backend.OldRecord;
import io.agentrun.backend.StoreTx;
import io.agentrun.check.Require;
import io.agentrun.engine.report.Failures;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.SessionRules;
import io.agentrun.rules.TaskRules;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Deletes old tasks and sessions: records are found without a lock, in portions, and locked one by one, passing over what is held. A
 * record that has changed meanwhile stays for the next purge.
 */
final class Purges {

    /** How many records a search returns. */
    private static final int PORTION = 500;

    /** A session with more runs than this is left until a purge of runs has deleted those that it may. */
    private static final int MOST_RUNS = 100;

    private final Context context;

    Purges(Context context) {
        this.context = context;
    }

    PurgeResult tasks(PurgeRequest request) {
        return purge(OldRecord.Kind.TASK, request, this::deleteTasks);
    }

    PurgeResult sessions(PurgeRequest request) {
        return purge(OldRecord.Kind.SESSION, request, this::deleteSessions);
    }

    /** Deletes records, and returns how many. */
    private interface Deletion {
        int of(List<OldRecord> found, PurgeRequest request);
    }

    private PurgeResult purge(OldRecord.Kind kind, PurgeRequest request, Deletion deletion) {
        PurgeRequest given = Require.given("request", request);
        int deleted = 0;
        List<String> after = List.of();
        while (true) {
            List<String> from = after;
            Portion portion = context.backend().write(tx -> search(tx, kind, given, from));
            int most = given.limit() - deleted;
            if (portion.free().size() > most) {
                return new PurgeResult(deleted + deletion.of(portion.free().subList(0, most), given), true);
            }
            deleted += deletion.of(portion.free(), given);
            if (portion.next().isEmpty()) {
                return new PurgeResult(deleted, false);
            }
            after = portion.next();
        }
    }

    /**
     * What one search has found.
     *
     * @param free the records that may be deleted
     * @param next the keys of the last record; empty if those behind it are too young, or there are none
     */
    private record Portion(List<OldRecord> free, List<String> next) {}

    /** Searches up to the first record that is too young: they come in the order of their last change. */
    private static Portion search(StoreTx tx, OldRecord.Kind kind, PurgeRequest request, List<String> after) {
        List<OldRecord> found = tx.oldRecords(kind, request.scope(), after, PORTION);
        Instant until = tx.now().minus(request.olderThan());
        List<OldRecord> old = found.stream()
                .takeWhile(record -> !record.changedAt().isAfter(until))
                .toList();
        List<OldRecord> free = old.stream().filter(record -> !record.kept()).toList();
        return new Portion(
                free, old.size() < PORTION ? List.of() : old.get(PORTION - 1).keys());
    }

    /** Deletes tasks in one transaction. */
    private int deleteTasks(List<OldRecord> found, PurgeRequest request) {
        if (found.isEmpty()) {
            return 0;
        }
        List<OldRecord> byId =
                found.stream().sorted(Comparator.comparing(OldRecord::id)).toList();
        return context.backend().write(tx -> {
            List<QueueTask> locked = new ArrayList<>(byId.size());
            for (OldRecord old : byId) {
                QueueTask task = unlessUnreadable(
                        old, record -> tx.lockTask(record.id(), LockMode.SKIP).orNull());
                // Unchanged, it has got no run since it was found without one.
                if (task != null && task.version() == old.version()) {
                    locked.add(task);
                }
            }
            int deleted = 0;
            for (QueueTask task : locked) {
                if (TaskRules.purgeable(task, false, tx.now().minus(request.olderThan()))) {
                    tx.delete(OldRecord.Kind.TASK, task.id());
                    deleted++;
                }
            }
            return deleted;
        });
    }

    /** Deletes sessions, each in a transaction of its own. */
    private int deleteSessions(List<OldRecord> found, PurgeRequest request) {
        int deleted = 0;
        for (OldRecord old : found) {
            if (context.backend().write(tx -> deleteSession(tx, old, request))) {
                deleted++;
            }
        }
        return deleted;
    }

    private static boolean deleteSession(StoreTx tx, OldRecord old, PurgeRequest request) {
        Session session = unlessUnreadable(
                old, record -> tx.lockSession(record.id(), LockMode.SKIP).orNull());
        // Unchanged, it has got no run and no turn since it was found.
        if (session == null || session.version() != old.version()) {
            return false;
        }
        List<Run> runs = unlessUnreadable(old, record -> runs(tx, record.id()));
        if (runs == null || runs.size() > MOST_RUNS) {
            return false;
        }
        for (Run run : runs) {
            if (!run.isTerminal() || Leases.readable(tx, run.id()) == null) {
                return false;
            }
        }
        if (!SessionRules.purgeable(session, false, tx.now().minus(request.olderThan()))) {
            return false;
        }
        runs.forEach(run -> tx.deleteRun(run.id()));
        tx.delete(OldRecord.Kind.SESSION, session.id());
        return true;
    }

    private static List<Run> runs(StoreTx tx, String sessionId) {
        RunQuery ofSession = RunQuery.in(TenantScope.all()).withSessionId(sessionId);
        return tx.runs(ofSession, List.of(), MOST_RUNS + 1).stream()
                .sorted(Comparator.comparing(Run::id))
                .toList();
    }

    /** Returns null for what cannot be read: it stays. */
    private static <T> @Nullable T unlessUnreadable(OldRecord record, Function<OldRecord, @Nullable T> read) {
        try {
            return read.apply(record);
        } catch (StoreUnavailableException e) {
            if (Failures.isUnreadable(e)) {
                return null;
            }
            throw e;
        }
    }
}
