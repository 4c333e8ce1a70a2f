package io.agentrun.postgres.internal.db;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * One step on one connection: a single statement of its own, or a transaction. A transaction of our own begins with the first
 * script that locks or writes: what is only read before that runs in autocommit mode, so that a step that wrote nothing needs
 * no COMMIT. At level READ COMMITTED that is no difference, because each statement has a snapshot of its own.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Tx {

    /** How long a lock that is to be had soon is waited for, in milliseconds; in a transaction of the host as long as it says. */
    public static final String BRIEFLY = "SELECT pg_catalog.set_config('lock_timeout', '250', true)";

    private final Handle handle;
    private final LockOrder locks = new LockOrder();
    private final Set<String> signals = new LinkedHashSet<>(2);
    private final List<String> skipped = new ArrayList<>(0);
    private final boolean ownsCommit;
    private @Nullable String preamble;
    private boolean begun;
    private boolean committed;

    private Tx(Handle handle, boolean ownsCommit, @Nullable String preamble) {
        this.handle = handle;
        this.ownsCommit = ownsCommit;
        this.preamble = preamble;
    }

    /** Returns a step that is ended elsewhere: by itself, if it is one statement, or with the host's transaction. */
    static Tx step(Handle handle) {
        return new Tx(handle, false, null);
    }

    /** Returns a transaction of our own; the preamble goes before its first statement. */
    static Tx transaction(Handle handle, String preamble) {
        return new Tx(handle, true, preamble);
    }

    /** Begins the transaction, if it is one of our own that has not begun. Sends nothing yet. */
    void begin() {
        if (ownsCommit && !begun) {
            handle.begin();
            begun = true;
        }
    }

    /**
     * Sends the script, in one round trip.
     *
     * @throws IllegalStateException if the transaction is committed already: a defect of the store
     */
    public void execute(Script script) {
        if (committed) {
            throw new IllegalStateException("the step has ended with its last script");
        }
        begin();
        String first = preamble;
        preamble = null;
        if (first != null) {
            script.prepend(first);
        }
        script.execute(handle);
    }

    /** Sends a script that only reads and locks nothing, in one round trip. */
    public void read(Script script) {
        if (begun && preamble != null) {
            execute(script);
        } else {
            script.execute(handle);
        }
    }

    /** Sends the last script of the step, and the commit of a transaction of our own with it. */
    public void executeLast(Script script) {
        execute(ownsCommit ? script.run("COMMIT") : script);
        committed = ownsCommit;
    }

    /** Commits what was begun; sends nothing if the last script has committed, or nothing was begun. */
    void commit() {
        if (begun) {
            handle.commit();
        }
    }

    /** Rolls back what was begun. */
    void rollback() {
        if (begun) {
            handle.rollback();
        }
    }

    /** Returns whether this is a transaction of our own, not a part of the host's. */
    public boolean isOwn() {
        return ownsCommit;
    }

    /** Returns the row locks that this step holds. */
    public LockOrder locks() {
        return locks;
    }

    /** Wakes callers that wait for this signal, once the step is committed. */
    public void signal(String signal) {
        signals.add(signal);
    }

    /** Notes records that cannot be read, by what names them, and that were left out of what the step answers. */
    public void skipped(List<String> records) {
        skipped.addAll(records);
    }

    List<String> skipped() {
        return skipped;
    }

    Set<String> signals() {
        return signals;
    }
}
