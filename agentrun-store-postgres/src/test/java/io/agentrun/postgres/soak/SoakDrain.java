package io.agentrun.postgres.soak;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandType;
import io.agentrun.command.FinishedTurn;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.testing.ServerPair;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.queue.TaskState;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import java.time.Duration;
import java.util.List;

/**
 * The last worker: when all others have stopped, it recovers and works off what they have left, until nothing is open. What it
 * cannot come to is stuck.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class SoakDrain {

    private static final String RUNNER = "drain";
    private static final Duration LEASE = Duration.ofMinutes(2);
    private static final int ATONCE = 20;

    private final AgentRunStore store;
    private final SoakCalls calls;
    private final SoakUpkeep upkeep;

    SoakDrain(AgentRunStore store, SoakCalls calls) {
        this.store = store;
        this.calls = calls;
        this.upkeep = new SoakUpkeep(store, calls);
    }

    /**
     * Works until every run and every task has ended.
     *
     * @throws AssertionError if some have not after two minutes in which nothing changed
     */
    void drain() {
        while (!isEmpty()) {
            ServerPair.until(() -> step() || isEmpty());
        }
    }

    /** Whether something was done. */
    private boolean step() {
        int done = upkeep.recover();
        TakeRequest request =
                TakeRequest.by(RUNNER, DispatchRequest.any()).withLease(LEASE).withN(ATONCE);
        for (Taken taken : calls.untilAnswered(() -> store.queue().take(request))) {
            calls.amongOthers(taken.lease().fence().runId(), () -> end(taken.lease()));
            done++;
        }
        var claimed = calls.untilAnswered(() -> store.leases().claimNext(ClaimRequest.by(RUNNER, LEASE)));
        if (claimed.isPresent()) {
            RunLease lease = claimed.get();
            calls.amongOthers(lease.fence().runId(), () -> end(lease));
            done++;
        }
        return done > 0;
    }

    private void end(RunLease lease) {
        Fence fence = lease.fence();
        TurnResult completed = TurnResult.of(Outcome.completed());
        List<Command> commands =
                store.commands().await(fence, ATONCE, Duration.ZERO).commands();
        var turn = commands.stream()
                .filter(command -> command.type() == CommandType.TURN)
                .findFirst();
        if (turn.isEmpty()) {
            store.runs().finish(fence, completed);
            return;
        }
        Command next = turn.get();
        while (next != null) {
            store.commands().acknowledge(fence, next.id());
            FinishedTurn finished = store.runs().finishTurn(fence, next.id(), completed);
            next = finished.next();
        }
    }

    private boolean isEmpty() {
        var stats = store.queue().stats(QueueScope.all()).byState();
        return stats.getOrDefault(TaskState.PENDING, 0L) + stats.getOrDefault(TaskState.RUNNING, 0L) == 0
                && isEmpty(RunStatus.PENDING)
                && isEmpty(RunStatus.CLAIMED)
                && isEmpty(RunStatus.RUNNING);
    }

    private boolean isEmpty(RunStatus status) {
        RunQuery query = RunQuery.in(TenantScope.all()).withStatus(status).withLimit(1);
        return store.runs().list(query).items().isEmpty();
    }
}
