package io.agentrun.memory;

import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.Comparator;

/** The key of a record in an index: its rank, a time and its id; text is ordered by code point, as in every store. */
record IndexKey(int rank, Instant at, String id) {

    /** Greater than every id of one time: ids begin with a letter or less. */
    static final String LAST_ID = Character.toString(Character.MAX_CODE_POINT);

    /** By code point: differs from {@link String#compareTo} beyond the basic plane. */
    static final Comparator<String> BY_CODE_POINT = IndexKey::compareCodePoints;

    static final Comparator<IndexKey> OLDEST_FIRST = IndexKey::compareAge;

    static final Comparator<IndexKey> NEWEST_FIRST = (a, b) -> compareAge(b, a);

    /** The latest first; at one time, by id. */
    static final Comparator<IndexKey> ACTIVE_FIRST = (a, b) -> {
        int later = b.at.compareTo(a.at);
        return later != 0 ? later : compareCodePoints(a.id, b.id);
    };

    /** The highest rank first; within it the oldest. */
    static final Comparator<IndexKey> RANK_FIRST = (a, b) -> {
        int higher = Integer.compare(b.rank, a.rank);
        return higher != 0 ? higher : compareAge(a, b);
    };

    private static int compareAge(IndexKey a, IndexKey b) {
        int earlier = a.at.compareTo(b.at);
        return earlier != 0 ? earlier : compareCodePoints(a.id, b.id);
    }

    static IndexKey created(Run run) {
        return new IndexKey(0, run.createdAt(), run.id());
    }

    static IndexKey expiring(Run run, Lease lease) {
        return new IndexKey(0, lease.expiresAt(), run.id());
    }

    static IndexKey claimable(Run run, Instant until) {
        return new IndexKey(0, until, run.id());
    }

    static IndexKey ended(Run run) {
        return new IndexKey(0, run.updatedAt(), run.id());
    }

    static IndexKey updated(Session session) {
        return new IndexKey(0, session.updatedAt(), session.id());
    }

    static IndexKey asked(Question question) {
        return new IndexKey(0, question.createdAt(), question.id());
    }

    static IndexKey due(Question question) {
        return new IndexKey(0, question.expiresAt(), question.id());
    }

    static IndexKey queued(QueueTask task) {
        return new IndexKey(task.place().priority(), task.createdAt(), task.id());
    }

    /** Of a pending run, by the rank of its task. */
    static IndexKey waiting(Run run, QueueTask task) {
        return new IndexKey(task.place().priority(), run.createdAt(), run.id());
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
