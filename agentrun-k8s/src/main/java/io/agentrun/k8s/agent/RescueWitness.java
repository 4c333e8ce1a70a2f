package io.agentrun.k8s.agent;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.job.Rescue;
import io.agentrun.k8s.job.RunnerRescue;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.model.BackendProfile;
import io.agentrun.worker.Witness;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Recovers runs whose runners are Jobs, for {@code Maintenance} of {@code agentrun-worker}: a run is given to nobody before its Job
 * is stopped and its pod has ended.
 *
 * <p>Thread-safe, if the listener is.
 */
public final class RescueWitness implements Witness {

    private final AgentRunStore store;
    private final RunnerRescue rescue;
    private final Set<BackendProfile> profiles;
    private final Consumer<Rescue> listener;

    private RescueWitness(
            AgentRunStore store, RunnerRescue rescue, Set<BackendProfile> profiles, Consumer<Rescue> listener) {
        this.store = store;
        this.rescue = rescue;
        this.profiles = profiles;
        this.listener = listener;
    }

    /**
     * A witness for the runs of these backends, all of whose runners must be Jobs that the rescue knows of.
     *
     * @param listener is told what was done about each run
     * @throws InvalidInputException if a parameter is null or there is no backend
     */
    public static RescueWitness of(
            AgentRunStore store, RunnerRescue rescue, Set<BackendProfile> profiles, Consumer<Rescue> listener) {
        Set<BackendProfile> given = Set.copyOf(Require.given("profiles", profiles));
        if (given.isEmpty()) {
            throw new InvalidInputException("profiles", "must have at least one backend");
        }
        return new RescueWitness(
                Require.given("store", store),
                Require.given("rescue", rescue),
                given,
                Require.given("listener", listener));
    }

    @Override
    public Set<BackendProfile> profiles() {
        return profiles;
    }

    @Override
    public List<Recovery> recover(ExpiredQuery query) {
        List<Recovery> recovered = new ArrayList<>();
        for (Rescue rescued : rescue.rescue(query)) {
            listener.accept(rescued);
            RecoveryOutcome outcome = rescued.recovery();
            if (rescued.outcome() == Rescue.Outcome.RECOVERED && outcome != null) {
                recovered.add(
                        new Recovery(rescued.runId(), outcome, store.runs().get(rescued.runId())));
            }
        }
        return List.copyOf(recovered);
    }
}
