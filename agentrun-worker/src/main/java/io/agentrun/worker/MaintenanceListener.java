package io.agentrun.worker;

/**
 * Is told of each pass of {@link Maintenance}. What it throws is logged, and changes nothing.
 *
 * <p>Thread-safe. It must not block.
 */
public interface MaintenanceListener {

    /** A listener that does nothing. */
    MaintenanceListener NONE = new MaintenanceListener() {};

    /** A pass has ended, having changed so many records. */
    default void passed(String task, long changed) {}

    /** A pass, or one record of it, has failed; the next pass comes at its time. */
    default void failed(String task, RuntimeException failure) {}
}
