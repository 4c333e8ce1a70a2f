package io.agentrun.micrometer;

import io.agentrun.AgentRunStore;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.queue.QueueScope;
import io.agentrun.worker.Agent;
import io.agentrun.worker.AgentWorker;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import javax.sql.DataSource;

/** The program of {@code docs/metrics.md}. */
final class MetricsGuide {

    private MetricsGuide() {}

    static AgentWorker observed(
            DataSource dataSource, Agent agent, ObservationRegistry observations, MeterRegistry meters) {
        AgentRunStore store = PostgresAgentRunStore.builder(dataSource)
                .listener(StoreObservations.in(observations))
                .build();
        QueueMeters.of(store.queue(), QueueScope.inQueue("fixes")).bindTo(meters);
        return AgentWorker.builder(store, "host-1")
                .queue("fixes")
                .agent(ObservedAgent.of(observations, agent))
                .listener(WorkerMeters.in(meters).worker())
                .start();
    }
}
