package io.agentrun.engine;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.Entry;
import io.agentrun.backend.Entry.MarkKind;
import io.agentrun.backend.StoreTx;
import io.agentrun.error.NotFoundException;
import io.agentrun.model.ReadMark;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.SessionRules;
import io.agentrun.session.Session;
import java.util.Optional;

/** How far readers have read sessions and tasks (S-6). */
final class Marks {

    private Marks() {}

    /**
     * Moves the reader's mark forward, in one statement where the backend can. Versions only rise, so that one that was there
     * once may be marked without a lock on its subject.
     */
    static ReadMark move(Context context, MarkKind kind, String subjectId, String readerId, long version) {
        if (context.backend().shortcuts().markRead(kind, subjectId, readerId, version)
                instanceof Attempt.Done<ReadMark> done) {
            return done.value();
        }
        return context.backend().write(tx -> {
            long current = version(tx, kind, subjectId);
            ReadMark stored = tx.findMark(kind, subjectId, readerId).orElse(null);
            ReadMark next = SessionRules.markRead(subjectId, readerId, version, current, stored, tx.now());
            if (!next.equals(stored)) {
                tx.put(new Entry.OfMark(kind, next));
            }
            return next;
        });
    }

    private static long version(StoreTx tx, MarkKind kind, String subjectId) {
        Optional<Long> version = switch (kind) {
            case SESSION -> tx.findSession(subjectId).map(Session::version);
            case TASK -> tx.findTask(subjectId).map(QueueTask::version);
        };
        return version.orElseThrow(() -> new NotFoundException(
                switch (kind) {
                    case SESSION -> "session";
                    case TASK -> "queue task";
                },
                subjectId));
    }
}
