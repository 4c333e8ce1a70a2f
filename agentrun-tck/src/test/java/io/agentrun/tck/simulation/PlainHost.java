package io.agentrun.tck.simulation;

import io.agentrun.AgentRunStore;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A host as somebody writes it by hand on the store alone, one task at a time; right, or with one defect.
 *
 * <p>Thread-safe.
 */
final class PlainHost implements SimulatedHost {

    /** What is wrong with it. */
    enum Defect {
        NONE,
        /** It writes lines without its fence. */
        WRITES_WITHOUT_A_FENCE,
        /** It sends no heartbeats. */
        FORGETS_TO_HEARTBEAT,
        /** It repeats an append whose answer was lost, without its number. */
        ANSWERS_TWICE,
        /** It gives a line up whose append failed. */
        LOSES_LINES,
        /** It gives a finish up that failed: the lease runs out though nothing else was wrong, or the task never ends. */
        NEVER_FINISHES
    }

    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    private final Defect defect;

    PlainHost(Defect defect) {
        this.defect = defect;
    }

    @Override
    public void start(Machine machine) throws InterruptedException {
        while (true) {
            TakeRequest request = TakeRequest.by(machine.runnerId(), DispatchRequest.any())
                    .withLease(machine.lease())
                    .withTimeout(Duration.ofSeconds(10));
            List<Taken> taken = List.of();
            try {
                taken = machine.store().queue().take(request);
            } catch (StoreUnavailableException e) {
                machine.sleep(PAUSE);
            }
            for (Taken each : taken) {
                work(machine, each);
            }
        }
    }

    private void work(Machine machine, Taken taken) throws InterruptedException {
        AgentRunStore store = machine.store();
        Fence fence = taken.lease().fence();
        AtomicBoolean over = new AtomicBoolean();
        if (defect != Defect.FORGETS_TO_HEARTBEAT) {
            machine.executor().execute(() -> beat(machine, fence, over));
        }
        try {
            String turn = taken.turns().get(0).id();
            again(machine, () -> store.commands().acknowledge(fence, turn));
            AtomicLong numbers = new AtomicLong();
            machine.work(taken.lease().run(), line -> write(machine, fence, line, numbers.incrementAndGet()));
            if (defect != Defect.NEVER_FINISHES) {
                again(machine, () -> store.runs().finishTurn(fence, turn, DONE));
            }
        } catch (AgentRunException refused) {
            // The run is somebody else's, or has ended.
        } finally {
            over.set(true);
        }
    }

    private void write(Machine machine, Fence fence, String line, long number) throws InterruptedException {
        List<NewEvent> events = List.of(new NewEvent(EventType.COMMAND_OUTPUT, JsonObject.of("text", line)));
        switch (defect) {
            case WRITES_WITHOUT_A_FENCE ->
                again(machine, () -> machine.store().events().appendUnfenced(fence.runId(), events));
            case ANSWERS_TWICE -> again(machine, () -> machine.store().events().append(fence, EventBatch.of(events)));
            case LOSES_LINES -> {
                try {
                    machine.store().events().append(fence, new EventBatch(number, events));
                } catch (StoreUnavailableException lost) {
                    // That is the defect.
                }
            }
            case NONE, FORGETS_TO_HEARTBEAT, NEVER_FINISHES ->
                again(machine, () -> machine.store().events().append(fence, new EventBatch(number, events)));
        }
    }

    private static void beat(Machine machine, Fence fence, AtomicBoolean over) {
        try {
            while (!over.get()) {
                machine.sleep(machine.lease().dividedBy(4));
                try {
                    if (!over.get()) {
                        machine.store().leases().heartbeat(fence, machine.lease());
                    }
                } catch (StoreUnavailableException e) {
                    // The next one comes soon.
                }
            }
        } catch (AgentRunException | InterruptedException e) {
            over.set(true);
        }
    }

    private static <T> T again(Machine machine, Supplier<T> call) throws InterruptedException {
        while (true) {
            try {
                return call.get();
            } catch (StoreUnavailableException e) {
                machine.sleep(PAUSE);
            }
        }
    }
}
