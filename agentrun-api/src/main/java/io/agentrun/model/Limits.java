package io.agentrun.model;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The limits of a store, which a host may set when it builds one. What is over a limit is refused with
 * {@link InvalidInputException}, never cut silently.
 *
 * <p>The limits of text are fixed, in {@link io.agentrun.check.Texts}. The checking methods are for authors of stores: each
 * returns the value that it was given.
 *
 * <p>Immutable.
 *
 * @param maxPayloadBytes the largest single JSON object, in bytes of its UTF-8 text; 1 MiB unless set
 * @param maxBatchEvents the most events in one append; 1000 unless set
 * @param maxPage the most records in one page; 500 unless set
 * @param minLease the shortest lease; 100 milliseconds unless set
 * @param maxLease the longest lease; 24 hours unless set
 * @param maxWait the longest wait of one call; 1 hour unless set
 * @param maxStarts how many runners in a row may let their lease of a run run out without having begun a turn, before the
 *     run fails; 3 unless set
 */
public record Limits(
        int maxPayloadBytes,
        int maxBatchEvents,
        int maxPage,
        @AsText Duration minLease,
        @AsText Duration maxLease,
        @AsText Duration maxWait,
        int maxStarts) {
    /** Bytes of all JSON objects of one call together: 32 MiB. What one call writes, a store writes as one piece. */
    public static final int MAX_CALL_BYTES = 32 * 1024 * 1024;

    /** What a store uses unless told otherwise. */
    public static final Limits DEFAULTS =
            new Limits(1 << 20, 1_000, 500, Duration.ofMillis(100), Duration.ofHours(24), Duration.ofHours(1), 3);
    /** Items of one call for many: heartbeats, acknowledgements, what one call waits for. */
    public static final int MAX_CALL_ITEMS = 1_000;

    /** The most tasks that one call creates. */
    public static final int MAX_CALL_TASKS = 10_000;

    /** How many records a page holds when the caller asks for no number of its own. */
    public static final int DEFAULT_PAGE = 50;

    /**
     * Checks the limits against each other.
     *
     * @throws InvalidInputException if a number is less than 1, {@code maxPage} is less than {@link #DEFAULT_PAGE}, a
     *     lease is not positive, the longest lease is shorter than the shortest or longer than 365 days, or the longest
     *     wait is negative or longer than 365 days
     */
    public Limits {
        Require.between("maxPayloadBytes", maxPayloadBytes, 1, Integer.MAX_VALUE);
        Require.between("maxBatchEvents", maxBatchEvents, 1, Integer.MAX_VALUE);
        Require.between("maxPage", maxPage, DEFAULT_PAGE, Integer.MAX_VALUE);
        between("minLease", minLease, Duration.ofNanos(1_000), Duration.ofDays(365));
        between("maxLease", maxLease, minLease, Duration.ofDays(365));
        between("maxWait", maxWait, Duration.ZERO, Duration.ofDays(365));
        Require.between("maxStarts", maxStarts, 1, Integer.MAX_VALUE);
    }

    /** Returns a builder that begins with {@link #DEFAULTS}. */
    public static Builder builder() {
        return DEFAULTS.toBuilder();
    }

    /** Returns a builder that begins with these limits. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /**
     * Returns the length of a lease.
     *
     * @throws InvalidInputException if it is null, shorter than {@code minLease} or longer than {@code maxLease}
     */
    public Duration lease(String field, @Nullable Duration lease) {
        return between(field, lease, minLease, maxLease);
    }

    /**
     * Returns the length of a page.
     *
     * @throws InvalidInputException if it is less than 1 or greater than {@code maxPage}
     */
    public int page(String field, int limit) {
        return Require.between(field, limit, 1, maxPage);
    }

    /**
     * Returns the length of a wait; zero means to look once.
     *
     * @throws InvalidInputException if it is null, negative or longer than {@code maxWait}
     */
    public Duration wait(String field, @Nullable Duration timeout) {
        return between(field, timeout, Duration.ZERO, maxWait);
    }

    /**
     * Returns the size of a batch of events.
     *
     * @throws InvalidInputException if it is less than 1 or greater than {@code maxBatchEvents}
     */
    public int batch(String field, int size) {
        return Require.between(field, size, 1, maxBatchEvents);
    }

    /**
     * Returns the JSON object.
     *
     * @throws InvalidInputException if it is null, or its text is longer than {@code maxPayloadBytes} in UTF-8
     */
    public JsonObject payload(String field, @Nullable JsonObject payload) {
        JsonObject given = Require.given(field, payload);
        if (given.sizeInBytes() > maxPayloadBytes) {
            throw new InvalidInputException(field, "must not be larger than " + maxPayloadBytes + " bytes");
        }
        return given;
    }

    /**
     * Refuses JSON objects of one call that are too large together, though each of them is small enough.
     *
     * @throws InvalidInputException if they have more than {@value #MAX_CALL_BYTES} bytes
     */
    public void together(String field, long bytes) {
        if (bytes > MAX_CALL_BYTES) {
            throw new InvalidInputException(field, "must not be larger than " + MAX_CALL_BYTES + " bytes together");
        }
    }

    /** Returns the JSON object, or null; a given one follows the rule of {@link #payload}. */
    public @Nullable JsonObject payloadOrNull(String field, @Nullable JsonObject payload) {
        return payload == null ? null : payload(field, payload);
    }

    /**
     * Returns the spec.
     *
     * @throws InvalidInputException if it is null, or one of its JSON objects breaks the rule of {@link #payload}
     */
    public RunSpec spec(@Nullable RunSpec spec) {
        RunSpec given = Require.given("spec", spec);
        payload("workspaceRef", given.workspaceRef());
        payload("executionPolicy", given.executionPolicy());
        payloadOrNull("resourceBundleRef", given.resourceBundleRef());
        payloadOrNull("traceSink", given.traceSink());
        return given;
    }

    private static Duration between(String field, @Nullable Duration value, Duration min, Duration max) {
        Duration given = Require.given(field, value);
        if (given.compareTo(min) < 0 || given.compareTo(max) > 0) {
            throw new InvalidInputException(field, "must be between " + min + " and " + max);
        }
        return given;
    }

    /** Builds {@link Limits}. Not thread-safe: one thread at a time. */
    public static final class Builder {
        private int maxPayloadBytes;
        private int maxBatchEvents;
        private int maxPage;
        private Duration minLease;
        private Duration maxLease;
        private Duration maxWait;
        private int maxStarts;

        private Builder(Limits limits) {
            this.maxPayloadBytes = limits.maxPayloadBytes;
            this.maxBatchEvents = limits.maxBatchEvents;
            this.maxPage = limits.maxPage;
            this.minLease = limits.minLease;
            this.maxLease = limits.maxLease;
            this.maxWait = limits.maxWait;
            this.maxStarts = limits.maxStarts;
        }

        /** Sets the largest JSON object, in bytes. */
        public Builder maxPayloadBytes(int value) {
            this.maxPayloadBytes = value;
            return this;
        }

        /** Sets the most events in one append. */
        public Builder maxBatchEvents(int value) {
            this.maxBatchEvents = value;
            return this;
        }

        /** Sets the most records in one page; at least {@link Limits#DEFAULT_PAGE}. */
        public Builder maxPage(int value) {
            this.maxPage = value;
            return this;
        }

        /** Sets the shortest lease. */
        public Builder minLease(Duration value) {
            this.minLease = value;
            return this;
        }

        /** Sets the longest lease. */
        public Builder maxLease(Duration value) {
            this.maxLease = value;
            return this;
        }

        /** Sets the longest wait of one call. */
        public Builder maxWait(Duration value) {
            this.maxWait = value;
            return this;
        }

        /** Sets how many starts in a row may come to nothing before a run fails. */
        public Builder maxStarts(int value) {
            this.maxStarts = value;
            return this;
        }

        /**
         * Returns the limits.
         *
         * @throws InvalidInputException if they do not fit together
         */
        public Limits build() {
            return new Limits(maxPayloadBytes, maxBatchEvents, maxPage, minLease, maxLease, maxWait, maxStarts);
        }
    }
}
