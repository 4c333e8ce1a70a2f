package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.json.ContentHash;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.run.SessionRef;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A task to be put into the queue.
 *
 * <p>Immutable.
 *
 * @param owner the tenant and project that it will belong to
 * @param place where it waits
 * @param title a line for people (1..500 characters)
 * @param spec what its runs are made of
 * @param content what it is about; its session path must be null
 * @param retry what happens after a failed attempt; one attempt unless given
 * @param notBefore before when it is not dispatched, null for at once
 * @param idempotencyKey a key, per tenant and project, under which a repeated creation finds the first record (1..255
 *     characters)
 * @param replaceKey a key, per tenant and project, under which a later creation replaces this task while it has not begun (1..255
 *     characters); never with an idempotency key
 * @param deadlines by when it must have begun and ended, null for any time
 * @param limitLabels by which limits may count its attempts, besides its place and its owner: at most 4, names and values of 1..200
 *     characters; none unless given
 */
public record NewQueueTask(
        Owner owner,
        TaskPlace place,
        String title,
        RunSpec spec,
        TaskContent content,
        RetryPolicy retry,
        @AsText @Nullable Instant notBefore,
        @Nullable String idempotencyKey,
        @Nullable String replaceKey,
        @Nullable Deadlines deadlines,
        Map<String, String> limitLabels) {

    /** How many limit labels a task may have. */
    public static final int MOST_LIMIT_LABELS = 4;

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public NewQueueTask {
        owner = Require.given("owner", owner);
        place = Require.given("place", place);
        title = Texts.title("title", title);
        spec = Require.given("spec", spec);
        content = Require.given("content", content);
        if (content.sessionPath() != null) {
            throw new InvalidInputException("sessionPath", "must not be given to a new task: attempts report it");
        }
        retry = Require.given("retry", retry);
        notBefore = Times.requireInRangeOrNull("notBefore", notBefore);
        idempotencyKey = Texts.keyOrNull("idempotencyKey", idempotencyKey);
        replaceKey = Texts.keyOrNull("replaceKey", replaceKey);
        if (replaceKey != null && idempotencyKey != null) {
            throw new InvalidInputException("replaceKey", "must not be given with an idempotency key");
        }
        limitLabels = labels(limitLabels);
    }

    /** JSON from before there were labels has none. */
    private static Map<String, String> labels(@Nullable Map<String, String> given) {
        Map<String, String> labels = given == null ? Map.of() : given;
        Require.between("limitLabels", labels.size(), 0, MOST_LIMIT_LABELS);
        labels.forEach((name, value) -> {
            Texts.label("limitLabels", name);
            Texts.label("limitLabels", value);
        });
        return Collections.unmodifiableMap(new TreeMap<>(labels));
    }

    /**
     * Returns a builder of a task in the default lane with priority 0, an empty payload, no session, one attempt, due
     * at once and without an idempotency key.
     */
    public static Builder builder(Owner owner, String queue, String title, RunSpec spec) {
        return new Builder(owner, queue, title, spec);
    }

    /** Tells the sizes of title and payload, not what they say. */
    @Override
    public String toString() {
        return "NewQueueTask[owner=" + owner + ", place=" + place + ", title=" + Texts.size(title) + ", spec=" + spec
                + ", content=" + content + ", retry=" + retry + ", notBefore=" + notBefore + ", idempotencyKey="
                + idempotencyKey + ", replaceKey=" + replaceKey + ", deadlines=" + deadlines + ", limitLabels="
                + limitLabels + "]";
    }

    /**
     * Returns the same input with another spec.
     *
     * @throws InvalidInputException if it is null
     */
    public NewQueueTask withSpec(RunSpec value) {
        return new NewQueueTask(
                owner,
                place,
                title,
                value,
                content,
                retry,
                notBefore,
                idempotencyKey,
                replaceKey,
                deadlines,
                limitLabels);
    }

    /** Returns the hash of everything that is stored of this input, key and trace context aside: equal for equal content. */
    public String contentHash() {
        Map<String, Object> hashed = new LinkedHashMap<>();
        hashed.put("type", "queue-task");
        hashed.put("owner", List.of(owner.tenantId(), owner.projectId()));
        hashed.put("place", List.of(place.queue(), place.lane(), place.priority()));
        hashed.put("title", title);
        hashed.put("spec", hashed(spec.withoutTraceContext()));
        hashed.put("payload", ContentHash.of(content.payload()));
        hashed.put(
                "references", content.references().stream().map(ContentHash::of).toList());
        hashed.put("metadata", ContentHash.of(content.metadata()));
        SessionRef session = content.session();
        if (session != null) {
            hashed.put("session", hashed(session));
        }
        hashed.put("retry", List.of(retry.maxAttempts(), retry.delay().toString()));
        putText(hashed, "notBefore", notBefore);
        putText(hashed, "deadlines", deadlines == null ? null : deadlines.fingerprint());
        if (!limitLabels.isEmpty()) {
            hashed.put("limitLabels", limitLabels);
        }
        return ContentHash.of(JsonObject.from(hashed));
    }

    private static Map<String, Object> hashed(RunSpec spec) {
        Map<String, Object> hashed = new LinkedHashMap<>();
        hashed.put("backendProfile", spec.backendProfile().wire());
        hashed.put("providerId", spec.providerId());
        hashed.put("workspaceRef", ContentHash.of(spec.workspaceRef()));
        hashed.put("executionPolicy", ContentHash.of(spec.executionPolicy()));
        JsonObject resources = spec.resourceBundleRef();
        putText(hashed, "resourceBundleRef", resources == null ? null : ContentHash.of(resources));
        JsonObject sink = spec.traceSink();
        putText(hashed, "traceSink", sink == null ? null : ContentHash.of(sink));
        return hashed;
    }

    private static Map<String, Object> hashed(SessionRef session) {
        Map<String, Object> hashed = new LinkedHashMap<>();
        hashed.put("sessionId", session.sessionId());
        putText(hashed, "conversationId", session.conversationId());
        putText(hashed, "threadId", session.threadId());
        hashed.put("metadata", ContentHash.of(session.metadata()));
        putText(hashed, "expiresAt", session.expiresAt());
        return hashed;
    }

    private static void putText(Map<String, Object> hashed, String name, @Nullable Object value) {
        if (value != null) {
            hashed.put(name, value.toString());
        }
    }

    /**
     * Collects a new task; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private final Owner owner;
        private final String queue;
        private final String title;
        private final RunSpec spec;
        private String lane = TaskPlace.DEFAULT_LANE;
        private int priority;
        private JsonObject payload = JsonObject.empty();
        private List<JsonObject> references = List.of();
        private JsonObject metadata = JsonObject.empty();
        private @Nullable SessionRef session;
        private RetryPolicy retry = RetryPolicy.none();
        private @Nullable Instant notBefore;
        private @Nullable String idempotencyKey;
        private @Nullable String replaceKey;
        private @Nullable Deadlines deadlines;
        private Map<String, String> limitLabels = Map.of();

        private Builder(Owner owner, String queue, String title, RunSpec spec) {
            this.owner = owner;
            this.queue = queue;
            this.title = title;
            this.spec = spec;
        }

        /** Sets the lane, 1 to 200 characters; {@code default} unless given. */
        public Builder lane(String lane) {
            this.lane = lane;
            return this;
        }

        /** Sets the priority, -1,000,000 to 1,000,000; 0 unless given, and higher goes first. */
        public Builder priority(int priority) {
            this.priority = priority;
            return this;
        }

        /** Sets what the task's turn is given; empty unless given. */
        public Builder payload(JsonObject payload) {
            this.payload = payload;
            return this;
        }

        /** Sets what the task refers to, at most 1,000 objects; none unless given. */
        public Builder references(List<JsonObject> references) {
            this.references = references;
            return this;
        }

        /** Sets the host's own data; empty unless given. */
        public Builder metadata(JsonObject metadata) {
            this.metadata = metadata;
            return this;
        }

        /** Sets the session that the task's runs belong to, created if it does not exist; none unless given. */
        public Builder session(@Nullable SessionRef session) {
            this.session = session;
            return this;
        }

        /** Sets what happens after a failed attempt; one attempt and no other unless given. */
        public Builder retry(RetryPolicy retry) {
            this.retry = retry;
            return this;
        }

        /** Sets the time before which the task is not dispatched; at once unless given. */
        public Builder notBefore(@Nullable Instant notBefore) {
            this.notBefore = notBefore;
            return this;
        }

        /** Sets the key, 1 to 255 characters, under which a repeated creation finds the first record. */
        public Builder idempotencyKey(@Nullable String idempotencyKey) {
            this.idempotencyKey = idempotencyKey;
            return this;
        }

        /** Sets the key, 1 to 255 characters, under which a later creation replaces this task while it has not begun. */
        public Builder replaceKey(@Nullable String replaceKey) {
            this.replaceKey = replaceKey;
            return this;
        }

        /** Sets by when the task must have begun and ended; any time unless given. */
        public Builder deadlines(@Nullable Deadlines deadlines) {
            this.deadlines = deadlines;
            return this;
        }

        /**
         * Sets the limit labels, name to value, by which limits may count the task's attempts; at most 4, none unless given.
         */
        public Builder limitLabels(Map<String, String> limitLabels) {
            this.limitLabels = limitLabels;
            return this;
        }

        /**
         * Returns the checked task.
         *
         * @throws InvalidInputException when a required component is missing or one is out of its bounds
         */
        public NewQueueTask build() {
            TaskPlace place = new TaskPlace(queue, lane, priority);
            TaskContent content = new TaskContent(payload, references, metadata, session, null);
            return new NewQueueTask(
                    owner,
                    place,
                    title,
                    spec,
                    content,
                    retry,
                    notBefore,
                    idempotencyKey,
                    replaceKey,
                    deadlines,
                    limitLabels);
        }
    }
}
