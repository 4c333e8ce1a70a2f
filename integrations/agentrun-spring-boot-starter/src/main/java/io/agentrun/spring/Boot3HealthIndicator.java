package io.agentrun.spring;

import io.agentrun.AgentRunStore;
import io.agentrun.StoreHealth;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;

/**
 * Asks the store for its health, for the actuator of Boot 3: up if it is ready, otherwise down.
 *
 * <p>Thread-safe.
 */
final class Boot3HealthIndicator implements HealthIndicator {

    private final AgentRunStore store;

    Boot3HealthIndicator(AgentRunStore store) {
        this.store = store;
    }

    @Override
    public Health health() {
        StoreHealth health = store.health();
        return (health.ready() ? Health.up() : Health.down())
                .withDetails(HealthDetails.of(health))
                .build();
    }
}
