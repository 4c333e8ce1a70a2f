package io.agentrun.k8s.storage;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sweeps again and again, in one daemon thread: an interval after the last sweep has ended, the next one begins. Nothing
 * that goes wrong ends the loop, or the host.
 *
 * <p>Thread-safe.
 */
public final class StorageGcLoop implements AutoCloseable {

    /** The environment variable that sets the interval in milliseconds, the original manager's. */
    public static final String INTERVAL_VARIABLE = "AGENTRUN_SESSION_GC_INTERVAL_MS";
    /** The interval unless another is given: 5 minutes. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofMinutes(5);

    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofDays(7);
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final ScheduledExecutorService thread;
    private final ScheduledFuture<?> turns;

    private StorageGcLoop(ScheduledExecutorService thread, ScheduledFuture<?> turns) {
        this.thread = thread;
        this.turns = turns;
    }

    /**
     * Starts the loop; its first sweep begins after one interval.
     *
     * @param interval 10 ms to 7 days
     * @param listener gets every report, in the loop's thread; what it throws is ignored
     * @throws InvalidInputException when an argument is missing, or the interval out of its bounds
     */
    public static StorageGcLoop start(StorageGc gc, Duration interval, Consumer<SweepReport> listener) {
        Require.given("gc", gc);
        Require.given("listener", listener);
        Duration pause = checked(Require.given("interval", interval), "interval");
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread daemon = new Thread(work, "agentrun-storage-gc-loop");
            daemon.setDaemon(true);
            return daemon;
        });
        ScheduledFuture<?> turns = thread.scheduleWithFixedDelay(
                () -> turn(gc, listener), pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
        return new StorageGcLoop(thread, turns);
    }

    /**
     * Returns the interval that the environment sets by {@value #INTERVAL_VARIABLE}, else 5 minutes.
     *
     * @throws InvalidInputException naming the variable when it is neither empty nor a number of milliseconds from 10 to 7
     *     days
     */
    public static Duration intervalFrom(Map<String, String> environment) {
        String text = Require.given("environment", environment).get(INTERVAL_VARIABLE);
        if (text == null || text.isBlank()) {
            return DEFAULT_INTERVAL;
        }
        try {
            return checked(Duration.ofMillis(Long.parseLong(text.strip())), INTERVAL_VARIABLE);
        } catch (NumberFormatException e) {
            throw new InvalidInputException(INTERVAL_VARIABLE, "must be a number of milliseconds");
        }
    }

    private static Duration checked(Duration interval, String field) {
        if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
            throw new InvalidInputException(field, "must be between 10 ms and 7 days");
        }
        return interval;
    }

    // A loop that outlives whatever a sweep or a listener does: an exception would silently end the schedule.
    @SuppressWarnings("CatchingUnchecked")
    private static void turn(StorageGc gc, Consumer<SweepReport> listener) {
        SweepReport report;
        try {
            report = gc.sweep();
        } catch (RuntimeException e) {
            report = new SweepReport(
                    List.of(), List.of("the sweep failed: " + e.getClass().getSimpleName()), true, Duration.ZERO);
        }
        try {
            listener.accept(report);
        } catch (RuntimeException e) {
            // The listener's own affair.
            return;
        }
    }

    /** Ends the loop; a sweep that was under way is waited for, 10 seconds at most. A second call does nothing. */
    @Override
    public void close() {
        turns.cancel(false);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
