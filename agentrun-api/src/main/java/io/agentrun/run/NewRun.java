package io.agentrun.run;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.json.ContentHash;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run that is to be created.
 *
 * <p>Make one with {@link #builder}. Immutable.
 *
 * @param owner whose it will be
 * @param spec what it works with
 * @param session the session that it belongs to, or null for none
 * @param maxAttempts how often it may be begun, 1 to 100; 1 unless given, because an agent's turn is not idempotent
 * @param idempotencyKey 1 to 255 characters, unique within the tenant and project, or null for none
 * @param deadlines by when it must have begun and ended, or null for any time
 */
public record NewRun(
        Owner owner,
        RunSpec spec,
        @Nullable SessionRef session,
        int maxAttempts,
        @Nullable String idempotencyKey,
        @Nullable Deadlines deadlines) {

    /**
     * Checks everything but what depends on a store's limits.
     *
     * @throws io.agentrun.error.InvalidInputException if owner or spec are missing, if {@code maxAttempts} is not between
     *     1 and 100, or if the key breaks the rule for keys
     */
    public NewRun {
        Require.given("owner", owner);
        Require.given("spec", spec);
        Require.between("maxAttempts", maxAttempts, 1, RunAttempts.LIMIT);
        Texts.keyOrNull("idempotencyKey", idempotencyKey);
    }

    /** Returns a builder for a run without session and key, with one attempt. */
    public static Builder builder(Owner owner, RunSpec spec) {
        return new Builder(owner, spec);
    }

    /** Returns the same input with another session, null for none. */
    public NewRun withSession(@Nullable SessionRef value) {
        return new NewRun(owner, spec, value, maxAttempts, idempotencyKey, deadlines);
    }

    /**
     * Returns the same input with another spec.
     *
     * @throws io.agentrun.error.InvalidInputException if it is null
     */
    public NewRun withSpec(RunSpec value) {
        return new NewRun(owner, value, session, maxAttempts, idempotencyKey, deadlines);
    }

    /** Returns the hash of everything but key and trace context: equal for inputs that an idempotency key treats as the same. */
    public String contentHash() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("kind", "run");
        map.put("tenantId", owner.tenantId());
        map.put("projectId", owner.projectId());
        map.put("spec", spec.withoutTraceContext().asJson().toMap());
        map.put("maxAttempts", maxAttempts);
        if (session != null) {
            map.put("session", session.asJson().toMap());
        }
        if (deadlines != null) {
            map.put("deadlines", deadlines.fingerprint());
        }
        return ContentHash.of(JsonObject.from(map));
    }

    /** Builds a {@link NewRun}. Not thread-safe: one thread at a time. */
    public static final class Builder {
        private final Owner owner;
        private final RunSpec spec;
        private @Nullable SessionRef session;
        private int maxAttempts = 1;
        private @Nullable String idempotencyKey;
        private @Nullable Deadlines deadlines;

        private Builder(Owner owner, RunSpec spec) {
            this.owner = owner;
            this.spec = spec;
        }

        /** Sets the session; none unless given. */
        public Builder session(@Nullable SessionRef value) {
            this.session = value;
            return this;
        }

        /** Sets how often the run may be begun, 1 to 100; 1 unless given. */
        public Builder maxAttempts(int value) {
            this.maxAttempts = value;
            return this;
        }

        /** Sets the idempotency key; none unless given. */
        public Builder idempotencyKey(@Nullable String value) {
            this.idempotencyKey = value;
            return this;
        }

        /** Sets by when the run must have begun and ended; any time unless given. */
        public Builder deadlines(@Nullable Deadlines value) {
            this.deadlines = value;
            return this;
        }

        /**
         * Returns the input.
         *
         * @throws io.agentrun.error.InvalidInputException if a value is missing or breaks its rule
         */
        public NewRun build() {
            return new NewRun(owner, spec, session, maxAttempts, idempotencyKey, deadlines);
        }
    }
}
