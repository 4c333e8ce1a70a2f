package io.agentrun.postgres.internal.db;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * One step on one connection: a single statement of its own, or a transaction.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Tx {

    private final Handle handle;
    private final LockOrder locks = new LockOrder();
    private final Set<String> signals = new LinkedHashSet<>(2);
    private @Nullable String preamble;

    Tx(Handle handle, @Nullable String preamble) {
        this.handle = handle;
        this.preamble = preamble;
    }

    /** Sends the script, in one round trip. */
    public void execute(Script script) {
        String first = preamble;
        preamble = null;
        if (first != null) {
            script.prepend(first);
        }
        script.execute(handle);
    }

    /** The row locks that this step holds. */
    public LockOrder locks() {
        return locks;
    }

    /** Wakes who waits for this signal, once the step is committed. */
    public void signal(String signal) {
        signals.add(signal);
    }

    Set<String> signals() {
        return signals;
    }
}
