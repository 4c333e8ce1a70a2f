package io.agentrun.example.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.FailureKind;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one lease alive while the work goes on, and listens for what is asked of it.
 *
 * <p>It waits for commands, which wakes it as soon as a cancel or an interrupt comes, and sends a heartbeat three times per
 * lease. It ends by itself: the end of the run, or of the lease, is a signal too. Thread-safe.
 */
final class LeaseKeeper {
    /** What the keeper tells whoever does the work. */
    interface Listener {
        /** Somebody asked for the end. */
        void cancelled(String reason);

        /** The run is not ours any more: nothing more may be written. */
        void lost();
    }

    private final AgentRunStore store;
    private final Fence fence;
    private final Duration lease;
    private final Listener listener;
    private final Thread thread;
    private boolean cancelHeard;

    LeaseKeeper(AgentRunStore store, Fence fence, Duration lease, Listener listener) {
        this.store = store;
        this.fence = fence;
        this.lease = lease;
        this.listener = listener;
        this.thread = new Thread(this::keep, "lease-of-" + fence.runnerId());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void keep() {
        long extended = System.nanoTime();
        boolean holds = true;
        while (holds) {
            try {
                holds = await() && beat();
                extended = System.nanoTime();
            } catch (AgentRunException e) {
                // A lease that could not be extended in time is as good as lost: somebody may recover the run.
                holds = e.retryable() && System.nanoTime() - extended < lease.toNanos() && pause();
            }
        }
        listener.lost();
    }

    private boolean await() {
        if (cancelHeard) {
            // From here on await would return at once, again and again.
            return pause();
        }
        CommandDelivery delivery = store.commands().await(fence, 10, lease.dividedBy(3));
        delivery.commands().forEach(this::serve);
        return hear(delivery.signal(), delivery.cancelRequest());
    }

    private boolean beat() {
        Heartbeat beat = store.leases().heartbeat(fence, lease);
        return hear(beat.signal(), beat.cancelRequest());
    }

    private boolean hear(LeaseSignal signal, @Nullable CancelRequest request) {
        return switch (signal) {
            case CONTINUE -> true;
            case CANCEL_REQUESTED -> {
                cancelHeard = true;
                listener.cancelled(request == null ? "" : request.reason());
                yield true;
            }
            case LEASE_LOST, ENDED -> false;
        };
    }

    private void serve(Command command) {
        store.commands().acknowledge(fence, command.id());
        switch (command.type()) {
            case INTERRUPT -> {
                store.commands().finish(fence, command.id(), TurnResult.of(Outcome.completed()));
                listener.cancelled("interrupted");
            }
            case STEER -> {
                Outcome refused = Outcome.failed(FailureKind.BACKEND_FAILED, "a command line takes no steering");
                store.commands().finish(fence, command.id(), TurnResult.of(refused));
            }
            case TURN -> {
                Outcome refused = Outcome.failed(FailureKind.BACKEND_FAILED, "a run is one command line");
                store.commands().finish(fence, command.id(), TurnResult.of(refused));
            }
        }
    }

    private boolean pause() {
        try {
            Thread.sleep(Math.min(lease.toMillis() / 3, 1_000));
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }
}
