package io.agentrun.model;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
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
 * @param traceSink where traces go besides the store, or null
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

    /** Returns the spec as one JSON object, what is null left out; the content hashes are made from it. */
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
