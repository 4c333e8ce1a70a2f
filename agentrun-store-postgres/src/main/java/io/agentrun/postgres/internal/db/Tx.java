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
    private final boolean ownsCommit;
    private @Nullable String preamble;

    private Tx(Handle handle, boolean ownsCommit, @Nullable String preamble) {
        this.handle = handle;
        this.ownsCommit = ownsCommit;
        this.preamble = preamble;
    }

    /** A step that somebody else ends: by itself, if it is one statement, or with the host's transaction. */
    static Tx step(Handle handle) {
        return new Tx(handle, false, null);
    }

    /** A transaction of our own; the preamble goes before its first statement. */
    static Tx transaction(Handle handle, String preamble) {
        return new Tx(handle, true, preamble);
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

    /** Sends the last script of the step, and the commit of a transaction of our own with it. */
    public void executeLast(Script script) {
        execute(ownsCommit ? script.run("COMMIT") : script);
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
