package io.agentrun.model;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a run is to work with: the backend, the workspace, the policy. The store keeps it as it is and reads only the
 * backend profile and the provider, for claims and filters.
 *
 * <p>Make one with {@link #builder}. Immutable.
 *
 * @param backendProfile which backend it is for
 * @param providerId which provider of that backend, 1 to 200 characters; "default" unless given
 * @param workspaceRef where the work is done; empty unless given
 * @param executionPolicy what the agent may do; empty unless given
 * @param resourceBundleRef what is put into the workspace, or null
 * @param traceSink where traces go besides the store, or null; its texts {@code traceparent} and {@code tracestate} are the trace context
 *     of {@link #traceContext}
 */
public record RunSpec(
        BackendProfile backendProfile,
        String providerId,
        JsonObject workspaceRef,
        JsonObject executionPolicy,
        @Nullable JsonObject resourceBundleRef,
        @Nullable JsonObject traceSink) {
    /** The provider of a spec that names none. */
    public static final String DEFAULT_PROVIDER = "default";

    private static final String TRACEPARENT = "traceparent";
    private static final String TRACESTATE = "tracestate";

    public RunSpec {
        Require.given("backendProfile", backendProfile);
        Texts.label("providerId", providerId);
        Require.given("workspaceRef", workspaceRef);
        Require.given("executionPolicy", executionPolicy);
    }

    /** Returns a spec for the given backend with the defaults for everything else. */
    public static RunSpec of(BackendProfile backendProfile) {
        return builder(backendProfile).build();
    }

    /** Returns a builder that begins with the defaults. */
    public static Builder builder(BackendProfile backendProfile) {
        return new Builder(backendProfile);
    }

    /** Returns a builder that begins with the values of this spec. */
    public Builder toBuilder() {
        return new Builder(backendProfile)
                .providerId(providerId)
                .workspaceRef(workspaceRef)
                .executionPolicy(executionPolicy)
                .resourceBundleRef(resourceBundleRef)
                .traceSink(traceSink);
    }

    /** Returns in which trace the run was asked for; empty if none is known, or what is stored is malformed. */
    public Optional<TraceContext> traceContext() {
        if (traceSink == null) {
            return Optional.empty();
        }
        return TraceContext.of(
                traceSink.string(TRACEPARENT).orElse(null),
                traceSink.string(TRACESTATE).orElse(null));
    }

    /**
     * Returns the spec in this trace, whichever it was in before. Idempotency keys do not see the difference: a call that is sent again is
     * another span.
     *
     * @throws InvalidInputException if it is null
     */
    public RunSpec withTraceContext(TraceContext context) {
        Require.given("context", context);
        Map<String, Object> sink = sinkAlone();
        sink.put(TRACEPARENT, context.traceparent());
        if (context.tracestate() != null) {
            sink.put(TRACESTATE, context.tracestate());
        }
        return toBuilder().traceSink(JsonObject.from(sink)).build();
    }

    /** Returns the spec in no trace; its content hashes are made from this. A trace sink with nothing else in it becomes null. */
    public RunSpec withoutTraceContext() {
        if (traceSink == null || !(traceSink.has(TRACEPARENT) || traceSink.has(TRACESTATE))) {
            return this;
        }
        Map<String, Object> sink = sinkAlone();
        return toBuilder()
                .traceSink(sink.isEmpty() ? null : JsonObject.from(sink))
                .build();
    }

    private Map<String, Object> sinkAlone() {
        Map<String, Object> sink = new LinkedHashMap<>();
        if (traceSink != null) {
            sink.putAll(traceSink.toMap());
        }
        sink.remove(TRACEPARENT);
        sink.remove(TRACESTATE);
        return sink;
    }

    /** Returns the spec as one JSON object, what is null left out. */
    public JsonObject asJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("backendProfile", backendProfile.wire());
        map.put("providerId", providerId);
        map.put("workspaceRef", workspaceRef.toMap());
        map.put("executionPolicy", executionPolicy.toMap());
        if (resourceBundleRef != null) {
            map.put("resourceBundleRef", resourceBundleRef.toMap());
        }
        if (traceSink != null) {
            map.put("traceSink", traceSink.toMap());
        }
        return JsonObject.from(map);
    }

    /** Builds a {@link RunSpec}. Not thread-safe: one thread at a time. */
    public static final class Builder {
        private final BackendProfile backendProfile;
        private String providerId = DEFAULT_PROVIDER;
        private JsonObject workspaceRef = JsonObject.empty();
        private JsonObject executionPolicy = JsonObject.empty();
        private @Nullable JsonObject resourceBundleRef;
        private @Nullable JsonObject traceSink;

        private Builder(BackendProfile backendProfile) {
            this.backendProfile = backendProfile;
        }

        /** Sets the provider; "default" unless given. */
        public Builder providerId(String value) {
            this.providerId = value;
            return this;
        }

        /** Sets where the work is done; empty unless given. */
        public Builder workspaceRef(JsonObject value) {
            this.workspaceRef = value;
            return this;
        }

        /** Sets what the agent may do; empty unless given. */
        public Builder executionPolicy(JsonObject value) {
            this.executionPolicy = value;
            return this;
        }

        /** Sets what is put into the workspace; none unless given. */
        public Builder resourceBundleRef(@Nullable JsonObject value) {
            this.resourceBundleRef = value;
            return this;
        }

        /** Sets where traces go besides the store; nowhere unless given. */
        public Builder traceSink(@Nullable JsonObject value) {
            this.traceSink = value;
            return this;
        }

        /**
         * Returns the spec.
         *
         * @throws InvalidInputException if a required value is null or the provider breaks the rule for labels
         */
        public RunSpec build() {
            return new RunSpec(backendProfile, providerId, workspaceRef, executionPolicy, resourceBundleRef, traceSink);
        }
    }
}
