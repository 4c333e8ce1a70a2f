package io.agentrun.k8s.storage;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.id.IdSource;
import io.agentrun.json.AsText;
import io.agentrun.model.TenantScope;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How {@link StorageGc} sweeps. Make one with {@link #defaults} or {@link #builder}.
 *
 * <p>Immutable.
 *
 * @param collectorId who sweeps (1..150 characters); every replica must have its own; random unless given
 * @param scope whose sessions; all unless given
 * @param lease how long others leave alone what a sweep has taken, 1 minute to 24 hours; also the longest time of one
 *     sweep; 10 minutes unless given
 * @param batch how many sessions are taken at once, 1 to 500; 200 unless given
 * @param maxSessions how many sessions one sweep takes at most, 1 to 100000; 1000 unless given
 * @param parallelism how many calls to the cluster are made at once, 1 to 32; 4 unless given
 * @param jobGrace how long after its start a Job that has not ended keeps its session from being evicted, 0 to 24
 *     hours; 10 minutes unless given
 * @param clock what the age of a Job is measured with; the system's unless given
 */
public record StorageGcOptions(
        String collectorId,
        TenantScope scope,
        @AsText Duration lease,
        int batch,
        int maxSessions,
        int parallelism,
        @AsText Duration jobGrace,
        Clock clock) {

    private static final int MAX_COLLECTOR = 150;
    private static final Duration DAY = Duration.ofHours(24);

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException naming the component that is missing or out of the bounds stated above
     */
    public StorageGcOptions {
        collectorId = Texts.id("collectorId", collectorId);
        if (collectorId.length() > MAX_COLLECTOR) {
            throw new InvalidInputException("collectorId", "must not be longer than 150 characters");
        }
        scope = Require.given("scope", scope);
        lease = between("lease", lease, Duration.ofMinutes(1));
        batch = Require.between("batch", batch, 1, 500);
        maxSessions = Require.between("maxSessions", maxSessions, 1, 100_000);
        parallelism = Require.between("parallelism", parallelism, 1, 32);
        jobGrace = between("jobGrace", jobGrace, Duration.ZERO);
        clock = Require.given("clock", clock);
    }

    private static Duration between(String field, @Nullable Duration value, Duration least) {
        Duration given = Require.given(field, value);
        if (given.compareTo(least) < 0 || given.compareTo(DAY) > 0) {
            throw new InvalidInputException(field, "must be between " + least + " and 24 hours");
        }
        return given;
    }

    /** Returns the defaults, with a new random collector id. */
    public static StorageGcOptions defaults() {
        return builder().build();
    }

    /** Returns a builder that begins with the defaults and a new random collector id. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Collects the components of {@link StorageGcOptions}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private String collectorId = IdSource.timeOrdered().next("gc");
        private TenantScope scope = TenantScope.all();
        private Duration lease = Duration.ofMinutes(10);
        private int batch = 200;
        private int maxSessions = 1000;
        private int parallelism = 4;
        private Duration jobGrace = Duration.ofMinutes(10);
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /** Sets who sweeps; every replica must have its own. */
        public Builder collectorId(String value) {
            this.collectorId = value;
            return this;
        }

        /** Sets whose sessions. */
        public Builder scope(TenantScope value) {
            this.scope = value;
            return this;
        }

        /** Sets how long others leave alone what a sweep has taken. */
        public Builder lease(Duration value) {
            this.lease = value;
            return this;
        }

        /** Sets how many sessions are taken at once. */
        public Builder batch(int value) {
            this.batch = value;
            return this;
        }

        /** Sets how many sessions one sweep takes at most. */
        public Builder maxSessions(int value) {
            this.maxSessions = value;
            return this;
        }

        /** Sets how many calls to the cluster are made at once. */
        public Builder parallelism(int value) {
            this.parallelism = value;
            return this;
        }

        /** Sets how long after its start a Job that has not ended keeps its session from being evicted. */
        public Builder jobGrace(Duration value) {
            this.jobGrace = value;
            return this;
        }

        /** Sets what the age of a Job is measured with. */
        public Builder clock(Clock value) {
            this.clock = value;
            return this;
        }

        /**
         * Returns the checked options.
         *
         * @throws InvalidInputException naming the component that is missing or out of its bounds
         */
        public StorageGcOptions build() {
            return new StorageGcOptions(collectorId, scope, lease, batch, maxSessions, parallelism, jobGrace, clock);
        }
    }
}
