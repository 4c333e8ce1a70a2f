package io.agentrun.postgres;

import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.Columns;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The time of a step, read once. Each script that locks reads the database's clock behind its locks, so that the time costs no
 * round trip of its own.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class StepClock {

    private static final String NOW = "SELECT {schema}.agentrun_now() AS now";

    private final Tx tx;
    private @Nullable Instant latest;
    private boolean fixed;

    StepClock(Tx tx) {
        this.tx = tx;
    }

    /**
     * Executes a script that locks, and returns what the clock says behind the locks.
     *
     * @throws IllegalStateException if the time of the step is fixed already: a defect of the engine
     */
    Instant execute(Script script) {
        if (fixed) {
            throw new IllegalStateException("a lock is taken after the time was read");
        }
        Script.Rows<Instant> clock = script.query(NOW, (row, context) -> Columns.instant(row, "now"));
        tx.execute(script);
        Instant time = clock.first().orElseThrow();
        latest = time;
        return time;
    }

    /** Sets the time to the one that a locking script has written into a row. */
    void set(Instant written) {
        latest = written;
    }

    /** Returns the time of the step as it is so far: after the locks that are taken last, but for slots. */
    Instant soFar() {
        return latest == null ? execute(new Script()) : latest;
    }

    /** Returns the time of the step, and fixes it. */
    Instant now() {
        Instant time = soFar();
        fixed = true;
        return time;
    }
}
