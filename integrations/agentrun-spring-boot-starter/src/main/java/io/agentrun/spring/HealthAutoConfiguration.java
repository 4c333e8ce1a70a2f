package io.agentrun.spring;

import io.agentrun.AgentRunStore;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Shows {@code store.health()} as the health component {@code agentrun}, with the classes that Boot 3.5 or Boot 4 has for it. */
@AutoConfiguration(after = StoreAutoConfiguration.class)
@ConditionalOnBean(AgentRunStore.class)
public final class HealthAutoConfiguration {

    HealthAutoConfiguration() {}

    /** With Boot 3.5. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(
            name = {
                "org.springframework.boot.actuate.health.HealthIndicator",
                "org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator"
            })
    @org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator("agentrun")
    static class OfBoot3 {

        @Bean
        @ConditionalOnMissingBean(name = "agentrunHealthIndicator")
        org.springframework.boot.actuate.health.HealthIndicator agentrunHealthIndicator(AgentRunStore store) {
            return new Boot3HealthIndicator(store);
        }
    }

    /** With Boot 4. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(
            name = {
                "org.springframework.boot.health.contributor.HealthIndicator",
                "org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator"
            })
    @org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator("agentrun")
    static class OfBoot4 {

        @Bean
        @ConditionalOnMissingBean(name = "agentrunHealthIndicator")
        org.springframework.boot.health.contributor.HealthIndicator agentrunHealthIndicator(AgentRunStore store) {
            return new Boot4HealthIndicator(store);
        }
    }
}
