package io.agentrun.k8s.reconcile;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Clock;
import java.time.Duration;

/**
 * How careful {@link StorageReconciler} is. Begin with {@link #defaults}.
 *
 * <p>Immutable.
 *
 * @param grace how old a claim without a row, or an unconfirmed intent, must be before anything is done about it, 1 minute
 *     to 30 days; 1 hour unless given
 * @param orphans what is done about claims of this instance that belong to no session's present volume; reported unless
 *     given: a store that was restored from an older copy has forgotten sessions that have files
 * @param maxDeletions how many claims one call deletes at most, 0 to 10000; 50 unless given
 * @param clock what ages are measured with; the system's unless given
 */
public record ReconcileOptions(@AsText Duration grace, Orphans orphans, int maxDeletions, Clock clock) {

    /** What is done about claims that no session's row accounts for. Immutable. */
    public enum Orphans {
        /** They are in the report. */
        REPORT,
        /** They are deleted, by their uid, once they are older than the grace and no pod mounts them. */
        DELETE
    }

    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofDays(30);

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException naming the component that is missing or out of the bounds stated above
     */
    public ReconcileOptions {
        grace = Require.given("grace", grace);
        if (grace.compareTo(SHORTEST) < 0 || grace.compareTo(LONGEST) > 0) {
            throw new InvalidInputException("grace", "must be between 1 minute and 30 days");
        }
        orphans = Require.given("orphans", orphans);
        maxDeletions = Require.between("maxDeletions", maxDeletions, 0, 10_000);
        clock = Require.given("clock", clock);
    }

    /** Returns the careful options. */
    public static ReconcileOptions defaults() {
        return new ReconcileOptions(Duration.ofHours(1), Orphans.REPORT, 50, Clock.systemUTC());
    }

    /** Returns the same options with another grace. */
    public ReconcileOptions withGrace(Duration value) {
        return new ReconcileOptions(value, orphans, maxDeletions, clock);
    }

    /** Returns the same options with another treatment of orphans. */
    public ReconcileOptions withOrphans(Orphans value) {
        return new ReconcileOptions(grace, value, maxDeletions, clock);
    }

    /** Returns the same options with another limit of deletions. */
    public ReconcileOptions withMaxDeletions(int value) {
        return new ReconcileOptions(grace, orphans, value, clock);
    }

    /** Returns the same options with another clock. */
    public ReconcileOptions withClock(Clock value) {
        return new ReconcileOptions(grace, orphans, maxDeletions, value);
    }
}
