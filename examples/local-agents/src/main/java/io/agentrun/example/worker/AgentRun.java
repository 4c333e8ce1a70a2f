package io.agentrun.example.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandType;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.worker.stream.EventWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One run under lease, from its turn to its end: the agent is started, its output stored, and its end reported.
 *
 * <p>{@link #giveBack} may be called from any thread; otherwise not thread-safe: one thread at a time.
 */
final class AgentRun implements LeaseKeeper.Listener {
    /** How it went. */
    enum End {
        FINISHED,
        RELEASED,
        LOST
    }

    /** Why the agent was ended from outside, the strongest reason last. */
    private enum Halt {
        NONE,
        GIVE_BACK,
        CANCELLED,
        LOST
    }

    private final AgentRunStore store;
    private final Runners runners;
    private final RunLease held;
    private final Fence fence;
    private final Duration lease;

    private final Object lock = new Object();
    private Halt halt = Halt.NONE;
    private String reason = "";
    private @Nullable Agent agent;

    AgentRun(AgentRunStore store, Runners runners, RunLease held, Duration lease) {
        this.store = store;
        this.runners = runners;
        this.held = held;
        this.fence = held.fence();
        this.lease = lease;
    }

    /** Does the work; a run that is lost on the way is left alone. */
    End perform() throws InterruptedException {
        LeaseKeeper keeper = new LeaseKeeper(store, fence, lease, this);
        try {
            Optional<Command> turn = turn();
            if (turn.isEmpty()) {
                return finish(Outcome.failed(FailureKind.BACKEND_FAILED, "the run has no turn to work on"));
            }
            store.commands().acknowledge(fence, turn.get().id());
            keeper.start();
            return work(turn.get());
        } catch (LeaseConflictException | AlreadyTerminalException e) {
            return End.LOST;
        }
    }

    /** Asks for the agent to end and the run to be given back; nothing happens to one that has ended already. */
    void giveBack() {
        halt(Halt.GIVE_BACK, "");
    }

    @Override
    public void cancelled(String why) {
        halt(Halt.CANCELLED, why);
    }

    @Override
    public void lost() {
        halt(Halt.LOST, "");
    }

    /** The turn that the queue made with the run; after a release or a recovery it is pending again. */
    private Optional<Command> turn() {
        CommandDelivery delivery = store.commands().await(fence, 10, Duration.ZERO);
        return delivery.commands().stream()
                .filter(command -> command.type() == CommandType.TURN)
                .findFirst();
    }

    private End work(Command turn) throws InterruptedException {
        Outcome outcome = Outcome.cancelled("called off before it began");
        try (Agent started = begin(turn)) {
            if (started != null) {
                stream(started);
                outcome = started.outcome();
            }
        } catch (IOException e) {
            String why = String.valueOf(e.getMessage());
            store.events().append(fence, new NewEvent(EventType.ERROR, JsonObject.of("text", why)));
            return finish(Outcome.failed(FailureKind.INFRA_FAILED, why));
        }
        return switch (haltedBy()) {
            case NONE -> finish(outcome);
            case CANCELLED -> finish(Outcome.cancelled(reason()));
            case GIVE_BACK -> release();
            case LOST -> End.LOST;
        };
    }

    /** Stores the output while it comes, all of it before the end is reported. */
    private void stream(Agent from) throws IOException, InterruptedException {
        try (EventWriter writer = EventWriter.builder(store.events(), fence).build()) {
            from.write(writer.output());
        }
    }

    /** The run's end ends its turn with it, in one step: nothing lies between the two where we could be killed. */
    private End finish(Outcome outcome) {
        store.runs().finish(fence, TurnResult.of(outcome));
        return End.FINISHED;
    }

    private End release() {
        store.leases().release(fence);
        return End.RELEASED;
    }

    /** Starts the agent, unless it was called off before; without the lock, for that may take its time. */
    private @Nullable Agent begin(Command turn) throws IOException {
        if (haltedBy() != Halt.NONE) {
            return null;
        }
        Agent started = runners.start(held, turn);
        synchronized (lock) {
            agent = started;
            if (halt != Halt.NONE) {
                started.terminate();
            }
            return started;
        }
    }

    private void halt(Halt why, String because) {
        synchronized (lock) {
            // What has ended by itself is reported as it ended, unless nobody may report it any more.
            boolean stopped = agent == null || agent.terminate() || why == Halt.LOST || halt != Halt.NONE;
            if (stopped && why.compareTo(halt) > 0) {
                halt = why;
                reason = because;
            }
            if (halt == Halt.LOST && agent != null) {
                agent.kill();
            }
        }
    }

    private Halt haltedBy() {
        synchronized (lock) {
            return halt;
        }
    }

    private String reason() {
        synchronized (lock) {
            return reason;
        }
    }
}
