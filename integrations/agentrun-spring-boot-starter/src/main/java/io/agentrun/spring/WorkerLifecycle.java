package io.agentrun.spring;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.model.BackendProfile;
import io.agentrun.spring.AgentRunProperties.Worker;
import io.agentrun.worker.Agent;
import io.agentrun.worker.AgentWorker;
import io.agentrun.worker.AgentWorkerBuilder;
import io.agentrun.worker.WorkerListener;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The host's worker: takes tasks once the context is ready; at its end takes nothing more, waits for its agents, stops the rest and gives
 * their runs back.
 *
 * <p>Thread-safe.
 */
final class WorkerLifecycle extends Stoppable {

    private final AgentRunStore store;
    private final Agent agent;
    private final String runnerId;
    private final Worker given;
    private final WorkerListener listener;
    private final List<WorkerCustomizer> customizers;
    private volatile @Nullable AgentWorker worker;

    WorkerLifecycle(
            AgentRunStore store,
            Agent agent,
            String runnerId,
            Worker given,
            WorkerListener listener,
            List<WorkerCustomizer> customizers) {
        this.store = store;
        this.agent = agent;
        this.runnerId = runnerId;
        this.given = given;
        this.listener = listener;
        this.customizers = customizers;
    }

    @Override
    void begin() {
        AgentWorkerBuilder builder = AgentWorker.builder(store, runnerId)
                .slots(given.slots())
                .lease(given.lease())
                .stopGrace(given.stopGrace())
                .agent(agent)
                .listener(listener);
        if (given.queue() != null) {
            builder.queue(given.queue());
        }
        if (given.lane() != null) {
            builder.lane(given.lane());
        }
        if (!given.backends().isEmpty()) {
            builder.backends(given.backends().stream().map(BackendProfile::of).collect(Collectors.toUnmodifiableSet()));
        }
        customizers.forEach(each -> each.customize(builder));
        worker = builder.start();
    }

    @Override
    void end() {
        Require.given("worker", worker).close(given.closePatience());
    }
}
