package io.agentrun.postgres.testing;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What a logger was told since this was made; it is not printed meanwhile.
 *
 * <p>Thread-safe.
 */
public final class LogCapture extends Handler implements AutoCloseable {

    private final Logger logger;
    private final ConcurrentLinkedQueue<String> records = new ConcurrentLinkedQueue<>();

    private LogCapture(Logger logger) {
        this.logger = logger;
    }

    /** Begins to capture; {@link #close} ends it. */
    public static LogCapture of(String logger) {
        LogCapture capture = new LogCapture(Logger.getLogger(logger));
        capture.logger.setUseParentHandlers(false);
        capture.logger.addHandler(capture);
        return capture;
    }

    /**
     * Returns the records, as {@code LEVEL message}, when there are so many.
     *
     * @throws AssertionError if there are fewer after a minute
     */
    public List<String> await(int count) {
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1); System.nanoTime() < end; ) {
            if (records.size() >= count) {
                return List.copyOf(records);
            }
        }
        throw new AssertionError("only " + records);
    }

    @Override
    public void publish(LogRecord record) {
        records.add(record.getLevel() + " " + record.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
    }
}
