package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.json.JsonObject;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A task in the queue.
 *
 * <p>Immutable.
 *
 * @param id the store's id, with the prefix {@code qt_}
 * @param owner the tenant and project that it belongs to
 * @param place where it waits
 * @param title a line for people
 * @param spec what its runs are made of
 * @param content what it is about
 * @param retry what happens after a failed attempt
 * @param state where it stands
 * @param notBefore before when it is not dispatched, null for at once; a retry moves it
 * @param latestAttempt the attempt under way or the last one, null before the first
 * @param outcome how it ended, null before it is terminal
 * @param cancelRequest the first request to call it off, null without one
 * @param idempotency the key that it was created under, with the hash of its content
 * @param version the number of its last change, from one sequence for all tasks: larger means later
 * @param createdAt when it was created
 * @param updatedAt when it was changed last
 * @param retries how often it was tried again after it had ended, null for never
 * @param replaceKey the key under which a creation replaces it, null without one and once it has begun or ended
 * @param deadlines by when it must have begun and ended, null for any time
 * @param limitLabels by which limits may count its attempts, besides its place and its owner; records from before there were any have none
 */
public record QueueTask(
        String id,
        Owner owner,
        TaskPlace place,
        String title,
        RunSpec spec,
        TaskContent content,
        RetryPolicy retry,
        TaskState state,
        @AsText @Nullable Instant notBefore,
        @Nullable TaskAttempt latestAttempt,
        @Nullable Outcome outcome,
        @Nullable CancelRequest cancelRequest,
        @Nullable Idempotency idempotency,
        long version,
        @AsText Instant createdAt,
        @AsText Instant updatedAt,
        @Nullable TaskRetries retries,
        @Nullable String replaceKey,
        @Nullable Deadlines deadlines,
        Map<String, String> limitLabels) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public QueueTask {
        id = Require.given("id", id);
        owner = Require.given("owner", owner);
        place = Require.given("place", place);
        title = Require.given("title", title);
        spec = Require.given("spec", spec);
        content = Require.given("content", content);
        retry = Require.given("retry", retry);
        state = Require.given("state", state);
        notBefore = Times.microsOrNull(notBefore);
        createdAt = Times.micros(Require.given("createdAt", createdAt));
        updatedAt = Times.micros(Require.given("updatedAt", updatedAt));
        // What has begun or ended gives its key up, so that an attempt that fails can go back to pending.
        replaceKey = state == TaskState.PENDING && latestAttempt == null ? replaceKey : null;
        limitLabels = labels(limitLabels);
    }

    private static Map<String, String> labels(@Nullable Map<String, String> stored) {
        return stored == null || stored.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(stored));
    }

    /**
     * Returns a builder of a pending task with an empty payload, one attempt, due at once and without a version.
     * Audience: store authors; hosts use {@link io.agentrun.QueueStore#create}.
     */
    public static Builder builder(String id, Owner owner, TaskPlace place, String title, RunSpec spec) {
        Builder builder = new Builder();
        builder.id = id;
        builder.owner = owner;
        builder.place = place;
        builder.title = title;
        builder.spec = spec;
        return builder;
    }

    /** Tells the sizes of title and payload, not what they say. */
    @Override
    public String toString() {
        return "QueueTask[id=" + id + ", owner=" + owner + ", place=" + place + ", title=" + Texts.size(title)
                + ", spec=" + spec + ", content=" + content + ", retry=" + retry + ", state=" + state + ", notBefore="
                + notBefore + ", latestAttempt=" + latestAttempt + ", outcome=" + outcome + ", cancelRequest="
                + cancelRequest + ", idempotency=" + idempotency + ", version=" + version + ", createdAt=" + createdAt
                + ", updatedAt=" + updatedAt + ", retries=" + retries + ", replaceKey=" + replaceKey + ", deadlines="
                + deadlines + ", limitLabels=" + limitLabels + "]";
    }

    /** Returns how many attempts have begun, 0 before the first. */
    public int attempts() {
        return latestAttempt == null ? 0 : latestAttempt.number();
    }

    /**
     * Returns how many attempts count towards {@link RetryPolicy#maxAttempts}: those that have ended, but for those that ended because
     * nobody claimed their run, and those from before the task was tried again after its end.
     */
    public int spent() {
        if (latestAttempt == null) {
            return 0;
        }
        int underWay = latestAttempt.outcome() == null ? 1 : 0;
        return latestAttempt.number() - latestAttempt.unclaimed() - latestAttempt.spentBefore() - underWay;
    }

    /** Returns a builder that begins with everything this record holds. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.id = id;
        builder.owner = owner;
        builder.place = place;
        builder.title = title;
        builder.spec = spec;
        builder.content = content;
        builder.retry = retry;
        builder.state = state;
        builder.notBefore = notBefore;
        builder.latestAttempt = latestAttempt;
        builder.outcome = outcome;
        builder.cancelRequest = cancelRequest;
        builder.idempotency = idempotency;
        builder.version = version;
        builder.createdAt = createdAt;
        builder.updatedAt = updatedAt;
        builder.retries = retries;
        builder.replaceKey = replaceKey;
        builder.deadlines = deadlines;
        builder.limitLabels = limitLabels;
        return builder;
    }

    /**
     * Collects the components of a {@link QueueTask}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private @Nullable String id;
        private @Nullable Owner owner;
        private @Nullable TaskPlace place;
        private @Nullable String title;
        private @Nullable RunSpec spec;
        private TaskContent content = TaskContent.of(JsonObject.empty());
        private RetryPolicy retry = RetryPolicy.none();
        private TaskState state = TaskState.PENDING;
        private @Nullable Instant notBefore;
        private @Nullable TaskAttempt latestAttempt;
        private @Nullable Outcome outcome;
        private @Nullable CancelRequest cancelRequest;
        private @Nullable Idempotency idempotency;
        private long version;
        private @Nullable Instant createdAt;
        private @Nullable Instant updatedAt;
        private @Nullable TaskRetries retries;
        private @Nullable String replaceKey;
        private @Nullable Deadlines deadlines;
        private Map<String, String> limitLabels = Map.of();

        private Builder() {}

        /** Sets the store's id, with the prefix {@code qt_}. */
        public Builder id(String id) {
            this.id = id;
            return this;
        }

        /** Sets the tenant and project that it belongs to. */
        public Builder owner(Owner owner) {
            this.owner = owner;
            return this;
        }

        /** Sets where it waits. */
        public Builder place(TaskPlace place) {
            this.place = place;
            return this;
        }

        /** Sets a line for people. */
        public Builder title(String title) {
            this.title = title;
            return this;
        }

        /** Sets what its runs are made of. */
        public Builder spec(RunSpec spec) {
            this.spec = spec;
            return this;
        }

        /** Sets what it is about. */
        public Builder content(TaskContent content) {
            this.content = content;
            return this;
        }

        /** Sets what happens after a failed attempt. */
        public Builder retry(RetryPolicy retry) {
            this.retry = retry;
            return this;
        }

        /** Sets where it stands. */
        public Builder state(TaskState state) {
            this.state = state;
            return this;
        }

        /** Sets before when it is not dispatched, null for at once; a retry moves it. */
        public Builder notBefore(@Nullable Instant notBefore) {
            this.notBefore = notBefore;
            return this;
        }

        /** Sets the attempt under way or the last one, null before the first. */
        public Builder latestAttempt(@Nullable TaskAttempt latestAttempt) {
            this.latestAttempt = latestAttempt;
            return this;
        }

        /** Sets how it ended, null before it is terminal. */
        public Builder outcome(@Nullable Outcome outcome) {
            this.outcome = outcome;
            return this;
        }

        /** Sets the first request to call it off, null without one. */
        public Builder cancelRequest(@Nullable CancelRequest cancelRequest) {
            this.cancelRequest = cancelRequest;
            return this;
        }

        /** Sets the key that it was created under, with the hash of its content. */
        public Builder idempotency(@Nullable Idempotency idempotency) {
            this.idempotency = idempotency;
            return this;
        }

        /** Sets the number of its last change, from one sequence for all tasks: larger means later. */
        public Builder version(long version) {
            this.version = version;
            return this;
        }

        /** Sets when it was created. */
        public Builder createdAt(Instant createdAt) {
            this.createdAt = createdAt;
            return this;
        }

        /** Sets when it was changed last. */
        public Builder updatedAt(Instant updatedAt) {
            this.updatedAt = updatedAt;
            return this;
        }

        /** Sets by which limits may count its attempts, besides its place and its owner. */
        public Builder limitLabels(Map<String, String> limitLabels) {
            this.limitLabels = limitLabels;
            return this;
        }

        /** Sets how often it was tried again after it had ended, null for never. */
        public Builder retries(@Nullable TaskRetries retries) {
            this.retries = retries;
            return this;
        }

        /** Sets the key under which a creation replaces it while it is pending and has never begun. */
        public Builder replaceKey(@Nullable String replaceKey) {
            this.replaceKey = replaceKey;
            return this;
        }

        /** Sets by when it must have begun and ended, null for any time. */
        public Builder deadlines(@Nullable Deadlines deadlines) {
            this.deadlines = deadlines;
            return this;
        }

        /**
         * Returns the checked record.
         *
         * @throws InvalidInputException when a required component is missing or one is out of its bounds
         */
        public QueueTask build() {
            return new QueueTask(
                    Require.given("id", id),
                    Require.given("owner", owner),
                    Require.given("place", place),
                    Require.given("title", title),
                    Require.given("spec", spec),
                    content,
                    retry,
                    state,
                    notBefore,
                    latestAttempt,
                    outcome,
                    cancelRequest,
                    idempotency,
                    version,
                    Require.given("createdAt", createdAt),
                    Require.given("updatedAt", updatedAt),
                    retries,
                    replaceKey,
                    deadlines,
                    limitLabels);
        }
    }
}
