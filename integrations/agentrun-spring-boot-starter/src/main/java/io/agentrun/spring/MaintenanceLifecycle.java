package io.agentrun.spring;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.run.PurgeRequest;
import io.agentrun.worker.Maintenance;
import io.agentrun.worker.MaintenanceListener;
import io.agentrun.worker.MaintenanceTask;
import io.agentrun.worker.Witness;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The host's maintenance, with the host's own tasks.
 *
 * <p>Thread-safe.
 */
final class MaintenanceLifecycle extends Stoppable {

    private final AgentRunStore store;
    private final AgentRunProperties.Maintenance given;
    private final @Nullable Witness witness;
    private final List<MaintenanceTask> tasks;
    private final MaintenanceListener listener;
    private volatile @Nullable Maintenance maintenance;

    MaintenanceLifecycle(
            AgentRunStore store,
            AgentRunProperties.Maintenance given,
            @Nullable Witness witness,
            List<MaintenanceTask> tasks,
            MaintenanceListener listener) {
        this.store = store;
        this.given = given;
        this.witness = witness;
        this.tasks = tasks;
        this.listener = listener;
    }

    @Override
    void begin() {
        Maintenance.Builder builder =
                Maintenance.builder(store).recoverEvery(given.recoverEvery()).listener(listener);
        if (witness != null) {
            builder.witness(witness);
        }
        Duration purgeAfter = given.purgeAfter();
        if (purgeAfter != null) {
            builder.purge(given.purgeEvery(), PurgeRequest.olderThan(purgeAfter));
        }
        tasks.forEach(builder::task);
        maintenance = builder.start();
    }

    @Override
    void end() {
        Require.given("maintenance", maintenance).close();
    }
}
