package io.agentrun.memory;

import io.agentrun.queue.QueueTask;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.Comparator;

/** The orders in which records are kept and shown; text is ordered by code point, as every store does. */
final class Orders {

    /** By code point: differs from {@link String#compareTo} beyond the basic plane. */
    static final Comparator<String> BY_CODE_POINT = Orders::compareCodePoints;

    static final Comparator<Run> RUNS_OLDEST_FIRST =
            Comparator.comparing(Run::createdAt).thenComparing(Run::id, BY_CODE_POINT);

    static final Comparator<Run> RUNS_NEWEST_FIRST = RUNS_OLDEST_FIRST.reversed();

    static final Comparator<Run> RUNS_BY_EXPIRY =
            Comparator.comparing(Orders::expiry).thenComparing(Run::id, BY_CODE_POINT);

    static final Comparator<Run> RUNS_BY_END =
            Comparator.comparing(Run::updatedAt).thenComparing(Run::id, BY_CODE_POINT);

    static final Comparator<Session> SESSIONS_BY_ACTIVITY = Comparator.comparing(Session::updatedAt)
            .reversed()
            .thenComparing(Session::id, BY_CODE_POINT);

    static final Comparator<Session> SESSIONS_OLDEST_FIRST =
            Comparator.comparing(Session::updatedAt).thenComparing(Session::id, BY_CODE_POINT);

    static final Comparator<QueueTask> TASKS = Comparator.comparing(
                    (QueueTask task) -> task.place().priority(), Comparator.reverseOrder())
            .thenComparing(QueueTask::createdAt)
            .thenComparing(QueueTask::id, BY_CODE_POINT);

    private Orders() {}

    private static Instant expiry(Run run) {
        Lease lease = run.claim().lease();
        return lease == null ? Instant.MAX : lease.expiresAt();
    }

    private static int compareCodePoints(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean xPair = Character.isSurrogate(x);
                boolean yPair = Character.isSurrogate(y);
                return xPair == yPair ? Character.compare(x, y) : Boolean.compare(xPair, yPair);
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
