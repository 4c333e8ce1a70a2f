package io.agentrun.spring;

import io.agentrun.StoreListener;
import io.agentrun.micrometer.ObservedAgent;
import io.agentrun.micrometer.StoreObservations;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Observes the store and turns in the registry of the host, where it and {@code agentrun-micrometer} are there. */
@AutoConfiguration(
        before = StoreAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.actuate.autoconfigure.observation.ObservationAutoConfiguration",
            "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration"
        })
@ConditionalOnClass({StoreObservations.class, ObservationRegistry.class})
@ConditionalOnBean(ObservationRegistry.class)
public final class ObservationAutoConfiguration {

    ObservationAutoConfiguration() {}

    /** Observes the store. */
    @Bean
    StoreListener agentRunStoreObservations(ObservationRegistry registry) {
        return StoreObservations.in(registry);
    }

    /** Observes turns. */
    @Bean
    AgentObserver agentRunAgentObserver(ObservationRegistry registry) {
        return agent -> ObservedAgent.of(registry, agent);
    }
}
