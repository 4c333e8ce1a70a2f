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

    /**
     * Goes before a script that runs in autocommit mode, whose statements are one transaction for the server: the plan of a statement that
     * is kept must not read a table whole because the table is small.
     */
    private static final String BY_INDEX = "SELECT pg_catalog.set_config('enable_seqscan', 'off', true)";

    private final Handle handle;
    private final LockOrder locks = new LockOrder();
    private final Set<String> signals = new LinkedHashSet<>(2);
    private final List<String> skipped = new ArrayList<>(0);
    private final boolean ownsCommit;
    /** Goes before each script outside a transaction of our own. */
    private final @Nullable String setting;
    /** Goes before the first script of a transaction of our own. */
    private @Nullable String preamble;

    private boolean begun;
    private boolean committed;

    private Tx(Handle handle, boolean ownsCommit, @Nullable String setting, @Nullable String preamble) {
        this.handle = handle;
        this.ownsCommit = ownsCommit;
        this.setting = setting;
        this.preamble = preamble;
    }

    /** Returns a step whose scripts end by themselves, in autocommit mode. */
    static Tx statement(Handle handle) {
        return new Tx(handle, false, BY_INDEX, null);
    }

    /** Returns a step of a transaction that is ended elsewhere, by the host, and whose settings are not ours. */
    static Tx step(Handle handle) {
        return new Tx(handle, false, null, null);
    }

    /** Returns a transaction of our own; the preamble goes before its first statement. */
    static Tx transaction(Handle handle, String preamble) {
        return new Tx(handle, true, BY_INDEX, preamble);
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
        execute(script, setting);
    }

    /**
     * Sends a statement that is all of its step, and that inserts a row or finds one by its key, without what keeps the server from
     * reading a small table whole: that costs a twelfth of the time of an append. A plan that does so lasts until the server analyzes the
     * table, within a minute of its growth.
     *
     * @throws IllegalStateException as {@link #execute(Script)}
     */
    public void executeAlone(Script script) {
        execute(script, null);
    }

    private void execute(Script script, @Nullable String guard) {
        if (committed) {
            throw new IllegalStateException("the step has ended with its last script");
        }
        begin();
        String first = begun ? preamble : guard;
        preamble = null;
        if (first != null) {
            script.prepend(first);
        }
        script.execute(handle);
    }

    /** Sends a script that only reads and locks nothing, in one round trip. */
    public void read(Script script) {
        if (begun) {
            execute(script);
        } else {
            if (setting != null) {
                script.prepend(setting);
            }
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
