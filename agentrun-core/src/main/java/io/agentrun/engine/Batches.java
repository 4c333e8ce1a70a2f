package io.agentrun.engine;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.Locked;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.StoredRun;
import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.engine.report.Failures;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.ItemAnswer;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.RunHead;
import io.agentrun.run.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Heartbeats and acknowledgements of many runs in one step (G-10). Their runs are locked by rising id, passing over those that
 * another transaction has; each of these is then tried alone, waiting a short while for its lock.
 */
final class Batches {

    /** Locks that did not come free in a short while, after which the others that are held are not waited for. */
    private static final int MOST_IN_VAIN = 8;

    private final Context context;

    Batches(Context context) {
        this.context = context;
    }

    /** The answers to the items of one call. Not thread-safe: one thread at a time. */
    private static final class Answers<I, O> {
        private final List<I> items;
        private final Map<Integer, ItemAnswer<O>> settled = new HashMap<>();

        private Answers(List<I> items) {
            this.items = items;
        }

        /** The positions of the items that have no answer yet, by the id of their run. */
        private List<Integer> open(Function<I, String> runId) {
            return IntStream.range(0, items.size())
                    .filter(i -> !settled.containsKey(i))
                    .boxed()
                    .sorted(Comparator.comparing(i -> runId.apply(items.get(i))))
                    .toList();
        }

        private void done(int item, O value) {
            settled.put(item, ItemAnswer.done(value));
        }

        private void refused(int item, AgentRunException error) {
            settled.put(item, ItemAnswer.refused(error));
        }

        private void settle(List<Integer> positions, List<Attempt<O>> attempts) {
            for (int i = 0; i < attempts.size(); i++) {
                if (attempts.get(i) instanceof Attempt.Done<O> done) {
                    done(positions.get(i), done.value());
                }
            }
            // A statement does once what is asked for twice.
            Map<I, ItemAnswer<O>> known = new HashMap<>();
            settled.forEach((i, answer) -> known.put(items.get(i), answer));
            for (int i = 0; i < items.size(); i++) {
                ItemAnswer<O> same = known.get(items.get(i));
                if (same != null) {
                    settled.putIfAbsent(i, same);
                }
            }
        }

        private List<ItemAnswer<O>> all() {
            return IntStream.range(0, items.size())
                    .mapToObj(i -> Objects.requireNonNull(settled.get(i), "an item without an answer"))
                    .toList();
        }
    }

    List<ItemAnswer<Heartbeat>> heartbeats(List<Fence> fences, Duration length) {
        Answers<Fence, Heartbeat> answers = new Answers<>(fences);
        List<Integer> positions = answers.open(Fence::runId);
        List<Fence> inOrder = positions.stream().map(fences::get).toList();
        if (inOrder.isEmpty()) {
            return List.of();
        }
        long heldUntil = context.heldUntilNanos(length);
        if (context.backend().shortcuts().heartbeatAll(inOrder, length)
                instanceof Attempt.Done<List<Attempt<Heartbeat>>> done) {
            answers.settle(
                    positions,
                    done.value().stream().map(each -> held(each, heldUntil)).toList());
            explain(answers);
        } else {
            answers.settled.putAll(context.backend().write(tx -> heartbeats(tx, fences, positions, length)));
        }
        alone(
                answers,
                Fence::runId,
                fence -> context.backend().write(tx -> Leases.heartbeat(tx, context, fence, length, LockMode.BRIEF)));
        return answers.all();
    }

    private static Attempt<Heartbeat> held(Attempt<Heartbeat> attempt, long heldUntil) {
        return attempt instanceof Attempt.Done<Heartbeat> done
                ? Attempt.done(Leases.held(done.value(), heldUntil))
                : attempt;
    }

    /** Answers for fences that do not hold, which they never will again, and for runs that are gone. */
    private void explain(Answers<Fence, Heartbeat> answers) {
        List<Integer> open = answers.open(Fence::runId);
        if (open.isEmpty()) {
            return;
        }
        List<String> ids =
                open.stream().map(i -> answers.items.get(i).runId()).distinct().toList();
        List<RunHead> found = headsOrNone(ids);
        if (found == null) {
            return;
        }
        Map<String, RunHead> runs = found.stream().collect(Collectors.toMap(RunHead::id, run -> run));
        for (int i : open) {
            Fence fence = answers.items.get(i);
            RunHead run = runs.get(fence.runId());
            if (run == null) {
                answers.refused(i, new NotFoundException("run", fence.runId()));
            } else {
                LeaseSignal signal = LeaseRules.signal(run, fence);
                if (!signal.holds()) {
                    answers.done(i, Heartbeat.over(signal));
                }
            }
        }
    }

    /** Null if one of the runs cannot be read, so that each is tried alone. */
    private @Nullable List<RunHead> headsOrNone(List<String> ids) {
        try {
            return context.backend().read(reads -> reads.findHeads(ids));
        } catch (StoreUnavailableException e) {
            if (Failures.isUnreadable(e)) {
                return null;
            }
            throw e;
        }
    }

    private Map<Integer, ItemAnswer<Heartbeat>> heartbeats(
            StoreTx tx, List<Fence> fences, List<Integer> positions, Duration length) {
        long heldUntil = context.heldUntilNanos(length);
        Map<Integer, ItemAnswer<Heartbeat>> answers = new HashMap<>();
        Map<String, Locked<StoredRun>> runs =
                locked(tx, positions.stream().map(i -> fences.get(i).runId()).toList());
        List<Change> changes = new ArrayList<>();
        for (int i : positions) {
            Fence fence = fences.get(i);
            Locked<StoredRun> run = runs.get(fence.runId());
            if (run instanceof Locked.Missing) {
                answers.put(i, ItemAnswer.refused(new NotFoundException("run", fence.runId())));
            } else if (run instanceof Locked.Found<StoredRun> found) {
                LeaseRules.Beat beat = LeaseRules.heartbeat(found.value().head(), fence, length, tx.now());
                RunHead next = beat.next();
                if (next != null) {
                    changes.add(Change.of(next));
                }
                answers.put(i, ItemAnswer.done(Leases.held(answer(tx, beat), heldUntil)));
            }
        }
        tx.write(Change.all(changes), context.ids());
        return answers;
    }

    /** Returns what the runner must know. */
    static Heartbeat answer(StoreTx tx, LeaseRules.Beat beat) {
        RunHead next = beat.next();
        if (next == null) {
            return Heartbeat.over(beat.signal());
        }
        boolean waiting = tx.deliverable(next.id(), 1)
                .map(found -> !found.commands().isEmpty())
                .orElseThrow(() -> new NotFoundException("run", next.id()));
        return new Heartbeat(
                beat.signal(), next.lease().map(Lease::expiresAt).orElse(null), waiting, next.cancelRequest());
    }

    /** Locks the runs; one that cannot be read counts as held, so that it is tried alone. */
    private static Map<String, Locked<StoredRun>> locked(StoreTx tx, List<String> inOrder) {
        Map<String, Locked<StoredRun>> runs = new HashMap<>();
        for (String id : inOrder) {
            if (!runs.containsKey(id)) {
                runs.put(id, lockedOrHeld(tx, id));
            }
        }
        return runs;
    }

    private static Locked<StoredRun> lockedOrHeld(StoreTx tx, String id) {
        try {
            return tx.lockRun(id, LockMode.SKIP);
        } catch (StoreUnavailableException e) {
            if (Failures.isUnreadable(e)) {
                return new Locked.Held<>();
            }
            throw e;
        }
    }

    List<ItemAnswer<Command>> acknowledgements(List<Acknowledgement> items) {
        Answers<Acknowledgement, Command> answers = new Answers<>(items);
        List<Integer> positions = answers.open(item -> item.fence().runId());
        List<Acknowledgement> inOrder = positions.stream().map(items::get).toList();
        if (inOrder.isEmpty()) {
            return List.of();
        }
        if (context.backend().shortcuts().acknowledgeAll(inOrder)
                instanceof Attempt.Done<List<Attempt<Command>>> done) {
            answers.settle(positions, done.value());
        } else {
            answers.settled.putAll(context.backend().write(tx -> acknowledgements(tx, items, positions)));
        }
        alone(
                answers,
                item -> item.fence().runId(),
                item -> context.backend()
                        .write(tx ->
                                Commands.acknowledge(tx, context, item.fence(), item.commandId(), LockMode.BRIEF)));
        return answers.all();
    }

    private Map<Integer, ItemAnswer<Command>> acknowledgements(
            StoreTx tx, List<Acknowledgement> items, List<Integer> positions) {
        Map<Integer, ItemAnswer<Command>> answers = new HashMap<>();
        Map<String, Locked<StoredRun>> runs = locked(
                tx, positions.stream().map(i -> items.get(i).fence().runId()).toList());
        List<Change> changes = new ArrayList<>();
        for (int i : positions) {
            Acknowledgement item = items.get(i);
            Locked<StoredRun> run = Objects.requireNonNull(runs.get(item.fence().runId()));
            if (!(run instanceof Locked.Held)) {
                try {
                    Command command = Commands.toAcknowledge(tx, run, item.fence(), item.commandId());
                    Change change = CommandRules.acknowledge(
                            CommandHead.of(command),
                            run.orThrow("run", item.fence().runId()).head(),
                            item.fence(),
                            tx.now());
                    changes.add(change);
                    answers.put(i, ItemAnswer.done(Commands.after(change, command)));
                } catch (AgentRunException refused) {
                    answers.put(i, ItemAnswer.refused(refused));
                }
            }
        }
        tx.write(Change.all(changes), context.ids());
        return answers;
    }

    /** Tries what has no answer yet, each alone; what it is refused with is its answer. */
    private <I, O> void alone(Answers<I, O> answers, Function<I, String> runId, Function<I, O> call) {
        int inVain = 0;
        AgentRunException last = null;
        for (int i : answers.open(runId)) {
            if (last != null && inVain >= MOST_IN_VAIN) {
                answers.refused(i, last);
                continue;
            }
            I item = answers.items.get(i);
            AgentRunException error = refusal(() -> answers.done(i, call.apply(item)));
            if (error != null) {
                answers.refused(i, error);
            }
            if (error instanceof StoreUnavailableException unavailable && !Failures.isUnreadable(unavailable)) {
                last = error;
                inVain++;
            }
        }
    }

    private static @Nullable AgentRunException refusal(Runnable call) {
        try {
            call.run();
            return null;
        } catch (AgentRunException refused) {
            return refused;
        }
    }
}
