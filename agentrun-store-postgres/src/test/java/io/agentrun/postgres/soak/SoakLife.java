package io.agentrun.postgres.soak;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandType;
import io.agentrun.command.FinishedTurn;
import io.agentrun.command.NewCommand;
import io.agentrun.error.FailureKind;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.soak.Fact.Kind;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.queue.TaskState;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.SessionUpsert;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One thread's life, as a host and as a worker: it creates work, takes some, works it off or leaves it, and meddles with what it
 * knows of. Under its runner id it takes over nothing but its own.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class SoakLife implements Runnable {

    /** Whose runs are never purged. */
    static final Owner KEPT = new Owner("soak", "kept");

    /** Whose runs are purged soon after their end. */
    static final Owner PURGED = new Owner("soak", "purged");

    private static final Duration LEASE = Duration.ofSeconds(5);
    private static final Duration RECOVERED_BY = Duration.ofSeconds(2);
    private static final int SESSIONS = 6;
    private static final int REMEMBERED = 8;
    private static final long BACKLOG = 100;

    private final AgentRunStore store;
    private final SoakCalls calls;
    private final String name;
    private final Random random;
    private final Deque<String> tasks = new ArrayDeque<>();
    private final Deque<Held> left = new ArrayDeque<>();
    private final Deque<Held> known = new ArrayDeque<>();
    private long turns;
    private long numbers;
    private boolean crowded;

    /** A lease and the number of the last batch under it. */
    private static final class Held {

        private final Fence fence;
        private long batch;
        private long leftAt;

        private Held(Fence fence) {
            this.fence = fence;
        }

        private String runId() {
            return fence.runId();
        }
    }

    SoakLife(AgentRunStore store, SoakCalls calls, String name, long seed) {
        this.store = store;
        this.calls = calls;
        this.name = name;
        this.random = new Random(seed);
    }

    @Override
    public void run() {
        calls.live(this::turn);
    }

    private void turn() {
        if (turns++ % 10 == 0) {
            crowded = calls.once(() -> store.queue().stats(QueueScope.all()))
                    .map(stats -> stats.byState().getOrDefault(TaskState.PENDING, 0L) > BACKLOG)
                    .orElse(true);
        }
        if (!crowded) {
            create();
        }
        for (Held held : take()) {
            calls.amongOthers(held.runId(), () -> work(held));
        }
        meddle();
    }

    private void create() {
        Owner owner = random.nextInt(3) == 0 ? PURGED : KEPT;
        String key = name + "-" + ++numbers;
        RunSpec spec = RunSpec.of(BackendProfile.CODEX);
        SessionRef session = random.nextInt(3) == 0 ? null : SessionRef.of(sessionOf(owner));
        if (random.nextInt(6) > 0) {
            NewQueueTask task = NewQueueTask.builder(owner, "q" + random.nextInt(2), key, spec)
                    .session(session)
                    .priority(random.nextInt(3))
                    .retry(RetryPolicy.of(4, Duration.ofMillis(200)))
                    .payload(JsonObject.of("key", key))
                    .idempotencyKey(key)
                    .build();
            String id = calls.untilAnswered(() -> store.queue().create(task)).id();
            calls.write(Kind.TASK, id, key);
            remember(tasks, id);
            return;
        }
        NewRun input = NewRun.builder(owner, spec)
                .session(session)
                .maxAttempts(3)
                .idempotencyKey(key)
                .build();
        Run run = calls.untilAnswered(() -> store.runs().create(input));
        calls.write(Kind.RUN, run.id(), key, owner.projectId());
        calls.amongOthers(run.id(), () -> command(run.id(), NewCommand.turn(JsonObject.of("key", key))));
    }

    private String sessionOf(Owner owner) {
        return "s-" + owner.projectId() + "-" + random.nextInt(SESSIONS);
    }

    private void command(String runId, NewCommand command) {
        String key = name + "-c" + ++numbers;
        Command created = calls.untilAnswered(() -> store.commands().create(runId, command.withIdempotencyKey(key)));
        calls.write(Kind.COMMAND, runId, created.id(), key);
    }

    /** In one of the three ways in which a worker comes to its work. */
    private List<Held> take() {
        DispatchRequest filter = DispatchRequest.fromQueue("q" + random.nextInt(2));
        List<Held> held = new ArrayList<>();
        switch (random.nextInt(4)) {
            case 0, 1 -> {
                TakeRequest request = TakeRequest.by(name, filter)
                        .withLease(LEASE)
                        .withN(1 + random.nextInt(3))
                        .withTimeout(Duration.ofMillis(200));
                calls.untilAnswered(() -> store.queue().take(request)).stream()
                        .map(Taken::lease)
                        .forEach(lease -> held.add(held(lease)));
            }
            case 2 ->
                calls.untilAnswered(() -> store.queue().dispatchNext(filter))
                        .ifPresent(work -> calls.amongOthers(
                                work.run().id(),
                                () -> held.add(held(calls.untilAnswered(
                                        () -> store.leases().claim(work.run().id(), name, LEASE))))));
            default ->
                calls.untilAnswered(() -> store.leases().claimNext(ClaimRequest.by(name, LEASE)))
                        .ifPresent(lease -> held.add(held(lease)));
        }
        return held;
    }

    private Held held(RunLease lease) {
        Fence fence = lease.fence();
        calls.write(
                Kind.CLAIM, fence.runId(), fence.epoch(), lease.run().owner().projectId());
        Held held = new Held(fence);
        remember(known, held);
        return held;
    }

    private static <T> void remember(Deque<T> what, T item) {
        what.addLast(item);
        if (what.size() > REMEMBERED) {
            what.removeFirst();
        }
    }

    private void work(Held held) {
        CommandDelivery delivery = calls.untilAnswered(() -> store.commands().await(held.fence, 10, Duration.ZERO));
        if (delivery.signal() == LeaseSignal.LEASE_LOST || delivery.signal() == LeaseSignal.ENDED) {
            calls.write(Kind.LEASE_LOST, held.runId());
            return;
        }
        String turn = null;
        for (Command command : delivery.commands()) {
            acknowledge(held, command.id());
            if (command.type() == CommandType.TURN) {
                turn = command.id();
            } else {
                String id = command.id();
                calls.untilAnswered(() -> store.commands().finish(held.fence, id, TurnResult.of(Outcome.completed())));
                calls.write(Kind.TURN_ENDED, held.runId(), id);
            }
        }
        if (!stream(held)) {
            return;
        }
        int end = random.nextInt(100);
        if (delivery.cancelRequest() != null) {
            end(held, Outcome.cancelled("asked for"));
        } else if (end < 8) {
            held.leftAt = System.nanoTime();
            remember(left, held);
        } else if (end < 14) {
            calls.once(() -> store.leases().release(held.fence))
                    .ifPresent(run -> calls.write(Kind.RELEASED, held.runId(), held.fence.epoch()));
        } else if (end < 24) {
            end(held, Outcome.failed(FailureKind.BACKEND_FAILED, "drawn"));
        } else if (turn == null) {
            end(held, Outcome.completed());
        } else {
            endTurns(held, turn);
        }
    }

    private void acknowledge(Held held, String commandId) {
        calls.untilAnswered(() -> store.commands().acknowledge(held.fence, commandId));
        calls.write(Kind.ACKNOWLEDGED, held.runId(), held.fence.epoch(), commandId);
    }

    /** Appends some batches; false if the lease is over. */
    private boolean stream(Held held) {
        for (int batches = 1 + random.nextInt(4); batches > 0; batches--) {
            append(held);
            switch (random.nextInt(16)) {
                case 0 -> command(held.runId(), NewCommand.turn(JsonObject.empty()));
                case 1 -> command(held.runId(), NewCommand.steer(JsonObject.empty()));
                default -> {
                    // Most of the time nobody says anything to the agent.
                }
            }
            if (random.nextInt(5) == 0) {
                LeaseSignal signal = calls.untilAnswered(() -> store.leases().heartbeat(held.fence, LEASE))
                        .signal();
                if (signal == LeaseSignal.LEASE_LOST || signal == LeaseSignal.ENDED) {
                    calls.write(Kind.LEASE_LOST, held.runId());
                    return false;
                }
            }
        }
        return true;
    }

    private void append(Held held) {
        String text = name + "-e" + ++numbers;
        List<NewEvent> events = events(text, held.fence.epoch());
        EventBatch batch = EventBatch.numbered(++held.batch, events);
        List<RunEvent> stored = calls.untilAnswered(() -> store.events().append(held.fence, batch));
        calls.write(
                Kind.EVENTS,
                held.runId(),
                held.fence.epoch(),
                text,
                stored.get(0).seq(),
                events.size());
    }

    private List<NewEvent> events(String text, long epoch) {
        List<NewEvent> events = new ArrayList<>();
        String padding = "x".repeat(random.nextInt(2_000));
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            events.add(new NewEvent(
                    EventType.ASSISTANT_MESSAGE, JsonObject.of("text", text, "epoch", epoch, "padding", padding)));
        }
        return events;
    }

    private void endTurns(Held held, String first) {
        @Nullable String turn = first;
        while (turn != null) {
            String id = turn;
            FinishedTurn finished = calls.untilAnswered(
                    () -> store.runs().finishTurn(held.fence, id, TurnResult.of(Outcome.completed())));
            calls.write(Kind.TURN_ENDED, held.runId(), id);
            turn = finished.next() == null ? null : finished.next().id();
            if (turn == null) {
                said(held, finished.run());
            } else {
                acknowledge(held, turn);
                if (!stream(held)) {
                    return;
                }
            }
        }
    }

    private void end(Held held, Outcome outcome) {
        said(held, calls.untilAnswered(() -> store.runs().finish(held.fence, TurnResult.of(outcome))));
    }

    private void said(Held held, Run run) {
        if (run.isTerminal()) {
            calls.write(
                    Kind.ENDED, held.runId(), held.fence.epoch(), run.status().wire());
        }
    }

    /** What a host does beside, and what a worker does that has been thought dead. */
    private void meddle() {
        switch (random.nextInt(16)) {
            case 0, 1 ->
                Optional.ofNullable(tasks.pollFirst())
                        .ifPresent(id -> calls.amongOthers(id, () -> {
                            CancelMode mode = random.nextBoolean() ? CancelMode.FORCE : CancelMode.GRACEFUL;
                            // A task that has ended stays as it is.
                            if (calls.untilAnswered(() -> store.queue().cancel(id, "drawn", mode))
                                            .cancelRequest()
                                    != null) {
                                calls.write(Kind.CANCELLED, id);
                            }
                        }));
            case 2, 3 -> {
                Owner owner = random.nextBoolean() ? PURGED : KEPT;
                SessionUpsert upsert = SessionUpsert.builder(sessionOf(owner), owner, BackendProfile.CODEX)
                        .title(name + " " + ++numbers)
                        .build();
                var session = calls.untilAnswered(() -> store.sessions().upsert(upsert));
                calls.write(Kind.SESSION, session.id(), session.version());
            }
            case 4 ->
                Optional.ofNullable(known.peekLast())
                        .ifPresent(held -> calls.amongOthers(held.runId(), () -> appendAsHost(held.runId())));
            case 5, 6, 7, 8, 9, 10 -> comeBack();
            default -> {
                // Most of the time it does nothing else.
            }
        }
    }

    /** What was left for so long that its lease has run out is written to again: its fence holds no longer, once it is recovered. */
    private void comeBack() {
        Held first = left.peekFirst();
        if (first != null
                && System.nanoTime() - first.leftAt > LEASE.plus(RECOVERED_BY).toNanos()) {
            left.removeFirst();
            calls.amongOthers(first.runId(), () -> append(first));
        }
    }

    /** An append without a number is never repeated: nobody would know whether it is there. */
    private void appendAsHost(String runId) {
        String text = name + "-h" + ++numbers;
        List<NewEvent> events = events(text, 0);
        calls.once(() -> store.events().appendUnfenced(runId, events))
                .ifPresent(stored ->
                        calls.write(Kind.EVENTS, runId, 0, text, stored.get(0).seq(), events.size()));
    }
}
