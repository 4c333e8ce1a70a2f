package io.agentrun.micrometer;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounds the values of a tag whose set is open: the first ones are shown as they are, later ones as {@code other}.
 *
 * <p>Thread-safe.
 */
final class Tags {

    /** The value where there is nothing to say. */
    static final String NOTHING = "none";

    /** The value of all that came too late. */
    static final String OTHER = "other";

    /** Enough for every backend and failure kind of a host; a registry keeps a meter for each for ever. */
    static final int MOST = 50;

    private final Set<String> shown = ConcurrentHashMap.newKeySet();

    /** Returns the value, or {@link #OTHER} for a new one after {@link #MOST} others. */
    String bounded(String value) {
        if (shown.contains(value)) {
            return value;
        }
        synchronized (shown) {
            if (shown.size() < MOST) {
                shown.add(value);
            }
            return shown.contains(value) ? value : OTHER;
        }
    }
}
