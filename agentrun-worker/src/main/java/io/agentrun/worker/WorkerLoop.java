package io.agentrun.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.SeenCommands;
import io.agentrun.error.NotFoundException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.ItemAnswer;
import io.agentrun.queue.Taken;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The worker as a state machine: its fields are touched by the tasks of its mailbox alone. Calls of the store run beside it, at most one
 * of each kind at a time (a take, a wait for commands, a round of heartbeats), and post what they were answered.
 *
 * <p>Thread-safe.
 */
final class WorkerLoop {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration AFTER_FAILED_WAIT = Duration.ofSeconds(1);

    /** How long after its take a run is not waited for, so that short turns cost no query; what comes meanwhile is seen then. */
    private static final Duration FIRST_WAIT = Duration.ofMillis(20);

    private final WorkerContext context;
    private final AgentRunStore store;
    private final WorkerSettings settings;
    private final Executor agents;
    private final Mailbox mailbox;
    private final HeardRuns heard = new HeardRuns();
    private final Slots<HeldRun> slots;
    private final Taker taker;

    private final Map<String, Lease> held = new LinkedHashMap<>();
    private final CompletableFuture<Boolean> empty = new CompletableFuture<>();
    private volatile boolean over;
    private boolean closing;
    private boolean taking;
    private boolean awaiting;
    private Duration pause = FIRST_PAUSE;

    /** A run that is held, and until when at least. Confined to the mailbox. */
    private static final class Lease {
        private final HeldRun run;
        private long heldUntilNanos;

        private Lease(HeldRun run, long heldUntilNanos) {
            this.run = run;
            this.heldUntilNanos = heldUntilNanos;
        }
    }

    WorkerLoop(WorkerContext context, Executor agents) {
        this.context = context;
        this.store = context.store();
        this.settings = context.settings();
        this.agents = agents;
        this.taker = new Taker(context);
        this.slots = new Slots<>(settings.slots());
        this.mailbox = new Mailbox(context.scheduler());
    }

    void start() {
        mailbox.post(this::step);
        later(settings.heartbeat(), this::beat);
        later(settings.check(), this::check);
    }

    private void later(Duration delay, Runnable task) {
        if (!over) {
            context.scheduler().schedule(delay, () -> mailbox.post(task));
        }
    }

    /** Begins the calls that are due. */
    private void step() {
        if (!closing && !taking) {
            int soon = slots.freeSoon();
            if (soon > 0) {
                take(soon, Duration.ZERO);
            } else if (slots.free() > 0) {
                take(slots.free(), settings.takeWait());
            }
        }
        if (!awaiting && !held.isEmpty() && !over) {
            awaiting = true;
            context.scheduler().execute(this::await);
        }
        if (closing && slots.isEmpty() && !taking) {
            empty.complete(true);
        }
    }

    // Taking.

    private void take(int free, Duration wait) {
        taking = true;
        context.scheduler().execute(() -> {
            try {
                Taker.Result result = taker.take(free, wait);
                mailbox.post(() -> taken(result));
            } catch (RuntimeException e) {
                context.tell(listener -> listener.failed("take", e));
                mailbox.post(() -> later(nextPause(), () -> {
                    taking = false;
                    step();
                }));
            }
        });
    }

    private void taken(Taker.Result result) {
        taking = false;
        pause = FIRST_PAUSE;
        List<Taken> taken = result.taken();
        slots.took(result.asked(), taken.size());
        for (Taken each : taken) {
            HeldRun run = new HeldRun(context, each, result.isAcknowledged(each), heard, new Owner());
            slots.add(run);
            Fence fence = each.lease().fence();
            held.put(
                    fence.runId(),
                    new Lease(run, result.sentAt() + settings.lease().toNanos()));
            heard.hold(fence);
        }
        begin();
        if (!taken.isEmpty()) {
            later(
                    FIRST_WAIT,
                    () -> taken.forEach(
                            each -> heard.listen(each.lease().fence().runId())));
        }
        step();
    }

    /** Starts what has a slot, and gives back what gets none: all of it once the worker is closing. */
    private void begin() {
        if (closing) {
            slots.withoutSlot().forEach(this::giveBack);
        }
        slots.tooMany().forEach(this::giveBack);
        for (HeldRun next = slots.next(); next != null; next = slots.next()) {
            HeldRun run = next;
            try {
                agents.execute(run::work);
            } catch (RejectedExecutionException full) {
                giveBack(run);
            }
        }
    }

    private void giveBack(HeldRun run) {
        run.stop();
        context.scheduler().execute(run::work);
    }

    /** Hears of a run on its thread. */
    private final class Owner implements HeldRun.Owner {
        @Override
        public void ending(HeldRun run) {
            mailbox.post(() -> {
                slots.ending(run);
                step();
            });
        }

        @Override
        public void goesOn(HeldRun run) {
            mailbox.post(() -> {
                slots.goesOn(run);
                begin();
            });
        }

        @Override
        public void gone(HeldRun run) {
            mailbox.post(() -> {
                slots.gone(run);
                forget(run);
                begin();
                step();
            });
        }
    }

    private void forget(HeldRun run) {
        String runId = run.fence().runId();
        Lease lease = held.get(runId);
        if (lease != null && lease.run == run) {
            held.remove(runId);
            heard.forget(runId);
        }
    }

    private Duration nextPause() {
        Duration now = pause;
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        return now;
    }

    // Leases.

    private void beat() {
        if (closing && slots.isEmpty()) {
            return;
        }
        List<Lease> leases = List.copyOf(held.values());
        if (leases.isEmpty()) {
            later(settings.heartbeat(), this::beat);
            return;
        }
        context.scheduler().execute(() -> beat(leases));
    }

    private void beat(List<Lease> leases) {
        long sentAt = context.scheduler().nanoTime();
        try {
            List<Fence> fences = leases.stream().map(lease -> lease.run.fence()).toList();
            List<ItemAnswer<Heartbeat>> answers = store.leases().heartbeatAll(fences, settings.lease());
            mailbox.post(() -> {
                for (int i = 0; i < answers.size(); i++) {
                    answered(leases.get(i), answers.get(i), sentAt);
                }
                later(settings.heartbeat(), this::beat);
            });
        } catch (RuntimeException e) {
            context.tell(listener -> listener.failed("heartbeat", e));
            later(settings.check(), this::beat);
        }
    }

    private void answered(Lease lease, ItemAnswer<Heartbeat> answer, long sentAt) {
        if (answer instanceof ItemAnswer.Refused<Heartbeat> refused) {
            if (refused.error() instanceof NotFoundException) {
                lose(lease.run, "the run is gone");
            } else {
                context.tell(listener -> listener.failed("heartbeat", refused.error()));
            }
            return;
        }
        Heartbeat beat = answer.orThrow();
        if (signalled(lease.run, beat.signal(), beat.cancelRequest())) {
            lease.heldUntilNanos =
                    Math.max(lease.heldUntilNanos, sentAt + settings.lease().toNanos());
        }
    }

    /** Returns whether the run is held. */
    private boolean signalled(HeldRun run, LeaseSignal signal, @Nullable CancelRequest request) {
        switch (signal) {
            case CONTINUE -> {}
            case CANCEL_REQUESTED -> run.cancel(request == null ? "cancelled" : request.reason());
            case LEASE_LOST -> lose(run, "another runner has it, or it was cancelled by force");
            // Its thread has finished it just now.
            case ENDED -> forget(run);
        }
        return signal.holds();
    }

    /** Stops agents whose lease could not be extended, before somebody else may have their run. */
    private void check() {
        if (closing && slots.isEmpty()) {
            return;
        }
        long now = context.scheduler().nanoTime();
        for (Lease lease : List.copyOf(held.values())) {
            if (lease.heldUntilNanos - now <= settings.margin().toNanos()) {
                lose(lease.run, "its lease could not be extended in time");
            }
        }
        later(settings.check(), this::check);
    }

    private void lose(HeldRun run, String reason) {
        forget(run);
        run.lose(reason);
    }

    // Commands.

    private void await() {
        try {
            Map<String, ItemAnswer<CommandDelivery>> news = store.commands().awaitAny(heard.waits(), LONGEST_WAIT);
            mailbox.post(() -> delivered(news));
        } catch (RuntimeException e) {
            context.tell(listener -> listener.failed("await", e));
            later(AFTER_FAILED_WAIT, () -> {
                awaiting = false;
                step();
            });
        }
    }

    private void delivered(Map<String, ItemAnswer<CommandDelivery>> news) {
        awaiting = false;
        news.forEach((runId, answer) -> {
            Lease lease = held.get(runId);
            if (lease == null) {
                heard.forget(runId);
            } else if (answer instanceof ItemAnswer.Done<CommandDelivery> done) {
                deliver(lease.run, done.value());
            } else {
                lose(lease.run, "the run is gone");
            }
        });
        step();
    }

    private void deliver(HeldRun run, CommandDelivery delivery) {
        if (!signalled(run, delivery.signal(), delivery.cancelRequest())) {
            return;
        }
        String runId = run.fence().runId();
        Set<String> seen = new HashSet<>(heard.commandIds(runId));
        for (Command command : delivery.commands()) {
            seen.add(command.id());
            run.deliver(command);
        }
        boolean asked = delivery.signal() == LeaseSignal.CANCEL_REQUESTED;
        heard.saw(new SeenCommands(run.fence(), seen, asked));
    }

    // Closing.

    /** Takes nothing more; the future is done when nothing is held and no thread of an agent is left. */
    CompletableFuture<Boolean> close() {
        mailbox.post(() -> {
            closing = true;
            taker.stop();
            begin();
            step();
        });
        return empty;
    }

    /** Stops all agents, and gives back what they work on. */
    void stopAll() {
        mailbox.post(() -> slots.running().forEach(HeldRun::stop));
    }

    /** Ends the wait for commands, so that its thread ends, and begins no call any more. */
    void end() {
        over = true;
        heard.waits().wake();
    }
}
