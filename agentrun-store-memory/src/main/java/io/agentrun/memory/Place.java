package io.agentrun.memory;

import io.agentrun.queue.QueueTask;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.Comparator;

/** Where a record stands in an index: its rank, a time and its id; text is ordered by code point, as in every store. */
record Place(int rank, Instant at, String id) {

    /** By code point: differs from {@link String#compareTo} beyond the basic plane. */
    static final Comparator<String> BY_CODE_POINT = Place::compareCodePoints;

    static final Comparator<Place> OLDEST_FIRST = Place::compareAge;

    static final Comparator<Place> NEWEST_FIRST = (a, b) -> compareAge(b, a);

    /** The latest first; at one time, by id. */
    static final Comparator<Place> ACTIVE_FIRST = (a, b) -> {
        int later = b.at.compareTo(a.at);
        return later != 0 ? later : compareCodePoints(a.id, b.id);
    };

    /** The highest rank first; within it the oldest. */
    static final Comparator<Place> RANK_FIRST = (a, b) -> {
        int higher = Integer.compare(b.rank, a.rank);
        return higher != 0 ? higher : compareAge(a, b);
    };

    private static int compareAge(Place a, Place b) {
        int earlier = a.at.compareTo(b.at);
        return earlier != 0 ? earlier : compareCodePoints(a.id, b.id);
    }

    static Place created(Run run) {
        return new Place(0, run.createdAt(), run.id());
    }

    static Place expiring(Run run, Lease lease) {
        return new Place(0, lease.expiresAt(), run.id());
    }

    static Place ended(Run run) {
        return new Place(0, run.updatedAt(), run.id());
    }

    static Place updated(Session session) {
        return new Place(0, session.updatedAt(), session.id());
    }

    static Place queued(QueueTask task) {
        return new Place(task.place().priority(), task.createdAt(), task.id());
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
