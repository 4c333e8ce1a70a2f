package io.agentrun.spring;

import io.agentrun.StoreHealth;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a health page shows of a store's health. */
final class HealthDetails {

    private HealthDetails() {}

    /** Returns the details that there are, in a fixed order. */
    static Map<String, Object> of(StoreHealth health) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("adapter", health.adapter());
        details.put("reachable", health.reachable());
        details.put("migrationReady", health.migrationReady());
        if (health.migrationId() != null) {
            details.put("migrationId", health.migrationId());
        }
        if (health.failureKind() != null) {
            details.put("failureKind", health.failureKind().wire());
        }
        if (health.message() != null) {
            details.put("message", health.message());
        }
        return details;
    }
}
