package io.agentrun.spring;

import io.agentrun.AgentRunStore;
import io.agentrun.spring.AgentRunProperties.Worker;
import io.agentrun.worker.Agent;
import io.agentrun.worker.MaintenanceListener;
import io.agentrun.worker.MaintenanceTask;
import io.agentrun.worker.Witness;
import io.agentrun.worker.WorkerListener;
import io.agentrun.worker.stream.EventTail;
import io.agentrun.worker.stream.ServerSentEvents;
import java.util.UUID;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Lets the host's {@link Agent}, if it has one, work on tasks, does maintenance, and offers the tail of events for its controllers. All
 * of it begins when the context is ready, and ends before the web server and the store do.
 */
@AutoConfiguration(after = StoreAutoConfiguration.class)
@ConditionalOnBean(AgentRunStore.class)
public final class WorkerAutoConfiguration {

    WorkerAutoConfiguration() {}

    /** The worker, once the context is ready. */
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(Agent.class)
    @ConditionalOnProperty(name = "agentrun.worker.enabled", havingValue = "true", matchIfMissing = true)
    WorkerLifecycle agentRunWorker(
            AgentRunStore store,
            Agent agent,
            AgentRunProperties properties,
            Environment environment,
            ObjectProvider<AgentObserver> observer,
            ObjectProvider<WorkerListener> listeners,
            ObjectProvider<WorkerCustomizer> customizers) {
        Worker given = properties.worker();
        String runnerId = given.runnerId() == null ? runnerId(environment) : given.runnerId();
        AgentObserver observing = observer.getIfAvailable(() -> each -> each);
        return new WorkerLifecycle(
                store,
                observing.observed(agent),
                runnerId,
                given,
                Listeners.ofWorker(listeners.orderedStream().toList()),
                customizers.orderedStream().toList());
    }

    /** Another one for each process: two that share one cannot be told apart. */
    private static String runnerId(Environment environment) {
        String application = environment.getProperty("spring.application.name", "agentrun");
        String host = environment.getProperty("HOSTNAME", "host");
        String readable = (application + "-" + host).replaceAll("[^A-Za-z0-9._-]", "-");
        return readable.substring(0, Math.min(readable.length(), 120)) + "-" + UUID.randomUUID();
    }

    /** Maintenance, once the context is ready. */
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnProperty(name = "agentrun.maintenance.enabled", havingValue = "true", matchIfMissing = true)
    MaintenanceLifecycle agentRunMaintenance(
            AgentRunStore store,
            AgentRunProperties properties,
            ObjectProvider<Witness> witness,
            ObjectProvider<MaintenanceTask> tasks,
            ObjectProvider<MaintenanceListener> listeners) {
        return new MaintenanceLifecycle(
                store,
                properties.maintenance(),
                witness.getIfAvailable(),
                tasks.orderedStream().toList(),
                Listeners.ofMaintenance(listeners.orderedStream().toList()));
    }

    /** The events of runs as they come; it ends its subscribers before the web server waits for their requests. */
    @Bean
    @ConditionalOnMissingBean
    EventTail agentRunEventTail(AgentRunStore store) {
        return EventTail.of(store.events());
    }

    /** The end of the tail, in time. */
    @Bean
    TailLifecycle agentRunEventTailEnd(EventTail tail) {
        return new TailLifecycle(tail);
    }

    /** Streams of events for browsers. */
    @Bean
    @ConditionalOnMissingBean
    ServerSentEvents agentRunServerSentEvents(EventTail tail) {
        return ServerSentEvents.of(tail);
    }
}
