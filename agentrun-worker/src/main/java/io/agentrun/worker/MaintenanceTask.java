package io.agentrun.worker;

import java.time.Duration;

/**
 * Work that some host must do every now and then, and that any number of hosts may do at the same time.
 *
 * <p>Thread-safe.
 */
public interface MaintenanceTask {

    /** Returns what it is called in reports. */
    String name();

    /** Returns how long it waits from one pass to the next. */
    Duration every();

    /**
     * Does one pass, of bounded size.
     *
     * @return how many records it changed
     */
    long run();
}
