package io.agentrun.spring;

import io.agentrun.AgentRunStore;
import io.agentrun.micrometer.QueueMeters;
import io.agentrun.micrometer.WorkerMeters;
import io.agentrun.queue.QueueScope;
import io.agentrun.worker.MaintenanceListener;
import io.agentrun.worker.WorkerListener;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Meters worker, maintenance and queue in the registry of the host, where it and {@code agentrun-micrometer} are there. */
@AutoConfiguration(
        after = StoreAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.actuate.autoconfigure.metrics.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass({WorkerMeters.class, MeterRegistry.class})
@ConditionalOnBean({AgentRunStore.class, MeterRegistry.class})
public final class MeterAutoConfiguration {

    MeterAutoConfiguration() {}

    /** The meters of worker and maintenance. */
    @Bean
    WorkerMeters agentRunWorkerMeters(MeterRegistry registry) {
        return WorkerMeters.in(registry);
    }

    /** Hears of the worker. */
    @Bean
    WorkerListener agentRunWorkerListener(WorkerMeters meters) {
        return meters.worker();
    }

    /** Hears of maintenance. */
    @Bean
    MaintenanceListener agentRunMaintenanceListener(WorkerMeters meters) {
        return meters.maintenance();
    }

    /** Of the queue that the worker takes from, or of all; a host that wants others defines beans of its own. */
    @Bean
    @ConditionalOnMissingBean
    QueueMeters agentRunQueueMeters(AgentRunStore store, AgentRunProperties properties) {
        return QueueMeters.of(
                store.queue(), QueueScope.all().withQueue(properties.worker().queue()));
    }
}
