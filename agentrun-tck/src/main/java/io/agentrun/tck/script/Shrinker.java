package io.agentrun.tck.script;

import java.time.Duration;
import java.util.function.Predicate;

/**
 * Makes a failing script shorter: first its shortest failing prefix, then that without the steps that it does not need.
 *
 * <p>It gives up after a while with the shortest that it has found. Not thread-safe: one thread at a time.
 */
final class Shrinker {

    private static final int[] CHUNKS = {32, 8, 2, 1};

    private final Predicate<Script> fails;
    private final long deadline;

    Shrinker(Predicate<Script> fails, Duration patience) {
        this.fails = fails;
        this.deadline = System.nanoTime() + patience.toNanos();
    }

    /**
     * A script that fails and is as short as could be found.
     *
     * @param failing fails
     * @param taken how many of its steps had been taken when it failed
     */
    Script shrink(Script failing, int taken) {
        Script shortest = shortestPrefix(failing, Math.min(taken, failing.length()));
        for (int chunk : CHUNKS) {
            shortest = dropEach(shortest, chunk);
        }
        return shortest;
    }

    private Script shortestPrefix(Script failing, int failsAt) {
        int passesAt = -1;
        int low = failsAt;
        while (low - passesAt > 1 && !late()) {
            int middle = (low + passesAt) >>> 1;
            if (fails.test(failing.prefix(middle))) {
                low = middle;
            } else {
                passesAt = middle;
            }
        }
        return failing.prefix(low);
    }

    private Script dropEach(Script failing, int chunk) {
        Script shortest = failing;
        for (int from = shortest.length() - chunk; from >= 0 && !late(); from -= chunk) {
            Script shorter = shortest.without(from, chunk);
            if (fails.test(shorter)) {
                shortest = shorter;
            }
        }
        return shortest;
    }

    private boolean late() {
        return System.nanoTime() - deadline > 0;
    }
}
