package io.agentrun.engine.report;

import io.agentrun.check.Require;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The log of what an operator must know, by {@link System.Logger}: each text at most once a minute, with how often it was left out,
 * so that a fault that repeats itself does not fill a disk. Texts are constant and hold no values; each instance counts for itself.
 * Audience: store authors.
 *
 * <p>Thread-safe.
 */
public final class OperatorLog {

    private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

    private final System.Logger logger;
    private final LongSupplier nanoTime;
    private final Map<String, Said> said = new HashMap<>();

    private record Said(long at, long leftOut) {}

    OperatorLog(System.Logger logger, LongSupplier nanoTime) {
        this.logger = logger;
        this.nanoTime = nanoTime;
    }

    /**
     * Returns the log of a logger, with the name that a host finds in its configuration.
     *
     * @throws io.agentrun.error.InvalidInputException if no name is given
     */
    public static OperatorLog named(String logger) {
        return new OperatorLog(System.getLogger(Require.given("logger", logger)), System::nanoTime);
    }

    /** Logs a fault that somebody should look at, without its cause. */
    public void warn(String text) {
        log(System.Logger.Level.WARNING, text, null);
    }

    /** Logs a fault that somebody should look at. */
    public void warn(String text, Throwable cause) {
        log(System.Logger.Level.WARNING, text, cause);
    }

    /** Logs that something has changed, as it should. */
    public void info(String text) {
        log(System.Logger.Level.INFO, text, null);
    }

    private void log(System.Logger.Level level, String text, @Nullable Throwable cause) {
        long leftOut = leftOut(text);
        if (leftOut < 0) {
            return;
        }
        String whole = leftOut == 0 ? text : text + " (and " + leftOut + " times since it was last logged)";
        logger.log(level, whole, cause);
    }

    /** How often the text was left out since it was last logged; -1 if it is to be left out now. */
    private synchronized long leftOut(String text) {
        long now = nanoTime.getAsLong();
        Said last = said.get(text);
        if (last != null && now - last.at() < QUIET_NANOS) {
            said.put(text, new Said(last.at(), last.leftOut() + 1));
            return -1;
        }
        said.put(text, new Said(now, 0));
        return last == null ? 0 : last.leftOut();
    }
}
