package io.agentrun.engine;

import io.agentrun.backend.LockMode;
import io.agentrun.backend.OldRecord;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.StoredRun;
import io.agentrun.check.Require;
import io.agentrun.engine.report.Failures;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.SessionRules;
import io.agentrun.rules.TaskRules;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Deletes old tasks and sessions: records are found without a lock, in portions, and locked, passing over what is held. A record that has
 * changed meanwhile stays for the next purge.
 */
final class Purges {

    /** How many records a search returns. */
    private static final int PORTION = 500;

    /** How many records a transaction deletes, so that it is short. */
    private static final int TOGETHER = 50;

    /** A session with more runs than this is left until a purge of runs has deleted those that it may. */
    private static final int MOST_RUNS = 100;

    private final Context context;

    Purges(Context context) {
        this.context = context;
    }

    PurgeResult tasks(PurgeRequest request) {
        return purge(OldRecord.Kind.TASK, request);
    }

    PurgeResult sessions(PurgeRequest request) {
        return purge(OldRecord.Kind.SESSION, request);
    }

    private PurgeResult purge(OldRecord.Kind kind, PurgeRequest request) {
        PurgeRequest given = Require.given("request", request);
        int deleted = 0;
        List<String> after = List.of();
        while (true) {
            List<String> from = after;
            Portion portion = context.backend().write(tx -> search(tx, kind, given, from));
            int most = given.limit() - deleted;
            if (portion.free().size() > most) {
                return new PurgeResult(deleted + delete(portion.free().subList(0, most), kind, given), true);
            }
            deleted += delete(portion.free(), kind, given);
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

    /** Deletes records, so many in a transaction. */
    private int delete(List<OldRecord> found, OldRecord.Kind kind, PurgeRequest request) {
        int deleted = 0;
        for (int from = 0; from < found.size(); from += TOGETHER) {
            List<OldRecord> some = found.subList(from, Math.min(from + TOGETHER, found.size()));
            deleted += context.backend().write(tx -> delete(tx, kind, some, request));
        }
        return deleted;
    }

    private static int delete(StoreTx tx, OldRecord.Kind kind, List<OldRecord> found, PurgeRequest request) {
        Set<String> together = Set.copyOf(tx.deleteUnchanged(kind, found));
        List<OldRecord> others = found.stream()
                .filter(record -> !together.contains(record.id()))
                .sorted(Comparator.comparing(OldRecord::id))
                .toList();
        return together.size()
                + switch (kind) {
                    case TASK -> deleteTasks(tx, others, request);
                    case SESSION -> deleteSessions(tx, others, request);
                };
    }

    private static int deleteTasks(StoreTx tx, List<OldRecord> found, PurgeRequest request) {
        List<QueueTask> locked = new ArrayList<>(found.size());
        for (OldRecord old : found) {
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
    }

    /** A session that is locked, with its runs, which have ended and are locked too. Immutable. */
    private record Ended(Session session, List<String> runIds) {}

    private static int deleteSessions(StoreTx tx, List<OldRecord> found, PurgeRequest request) {
        List<Ended> locked = new ArrayList<>(found.size());
        for (OldRecord old : found) {
            Ended ended = lockEnded(tx, old);
            if (ended != null) {
                locked.add(ended);
            }
        }
        int deleted = 0;
        for (Ended ended : locked) {
            if (SessionRules.purgeable(ended.session(), false, tx.now().minus(request.olderThan()))) {
                ended.runIds().forEach(tx::deleteRun);
                tx.delete(OldRecord.Kind.SESSION, ended.session().id());
                deleted++;
            }
        }
        return deleted;
    }

    /** Returns null for a session that has changed, is in use, has too many runs, or of which something is held or cannot be read. */
    private static @Nullable Ended lockEnded(StoreTx tx, OldRecord old) {
        Session session = unlessUnreadable(
                old, record -> tx.lockSession(record.id(), LockMode.SKIP).orNull());
        // Unchanged, it has got no run and no turn since it was found.
        if (session == null || session.version() != old.version()) {
            return null;
        }
        List<String> runIds =
                tx.runsOfSession(session.id(), MOST_RUNS + 1).stream().sorted().toList();
        if (runIds.size() > MOST_RUNS) {
            return null;
        }
        for (String runId : runIds) {
            StoredRun run = Leases.readable(tx, runId);
            if (run == null || !run.run().isTerminal()) {
                return null;
            }
        }
        return new Ended(session, runIds);
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
