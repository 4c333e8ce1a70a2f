package io.agentrun.tck.history;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.error.AgentRunException;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.FenceToken;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.NewLease;
import io.agentrun.rules.RunGuard;
import io.agentrun.rules.RunHead;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Callers that meet on one run, over two instances of a store whose time stands still: claims, heartbeats, appends,
 * acknowledgements, ends, cancels, recoveries and reads, chosen by a seed. What they answered must be what some order of them
 * answers by the rules.
 *
 * <p>Not thread-safe: one thread at a time; it starts the callers itself.
 */
public final class RunHistory {

    private static final int CALLERS = 4;
    private static final int CALLS = 5;
    private static final int PAGE = 500;
    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final String UNKNOWN_HASH = "of a token that nobody has";
    private static final String REASON = "no more";
    private static final EventType TYPE = EventType.DIFF;
    private static final NewEvent EVENT = new NewEvent(TYPE, JsonObject.empty());

    private final List<AgentRunStore> stores;
    private final String runId;
    private final List<String> commandIds;
    private final RunModel model;
    private final RunState start;
    private final AtomicLong clock = new AtomicLong();
    private final List<Call<RunState>> calls = Collections.synchronizedList(new ArrayList<>());

    private RunHistory(AgentRunStore first, AgentRunStore second, String runId, @Nullable Fence holder) {
        this.stores = List.of(first, second);
        this.runId = runId;
        this.model = new RunModel(first.runners()
                .register(NewRunner.of("clock", RunnerInfo.unknown()))
                .heartbeatAt());
        List<CommandHead> commands = commands(first, runId);
        this.commandIds = commands.stream().map(CommandHead::id).toList();
        this.start = new RunState(
                RunHead.of(first.runs().get(runId), holder == null ? RunGuard.NONE : RunGuard.of(holder.tokenHash())),
                commands,
                stream(first, runId).events());
    }

    /**
     * Records a history and checks it.
     *
     * @param runId a run without a session, with at least one command
     * @param holder the fence of its holder, which callers begin with; null if nobody has claimed it, and they begin with one
     *     that does not hold
     * @param seed decides who calls what
     * @throws AssertionError if no order explains the answers, or a call failed in a way that no rule knows
     */
    public static void check(
            AgentRunStore first, AgentRunStore second, String runId, @Nullable Fence holder, long seed) {
        RunHistory history = new RunHistory(first, second, runId, holder);
        Fence held = holder == null ? new Fence(runId, "nobody", 1, FenceToken.random()) : holder;
        List<Race.Finish<Boolean>> finishes =
                Race.of(CALLERS, caller -> history.new Caller(caller, held, new Random(seed * CALLERS + caller)));
        for (Throwable failure : Race.failures(finishes)) {
            throw new AssertionError("a call on the run failed (seed " + seed + ")", failure);
        }
        Caller last = history.new Caller(0, held, new Random(seed));
        last.readRun();
        last.readCommands();
        last.readEvents();
        Linearizer.check(history.start, List.copyOf(history.calls));
    }

    /** One caller: a runner of its own, which begins with the fence that somebody holds. */
    private final class Caller implements Callable<Boolean> {

        private final int number;
        private final AgentRunStore store;
        private final Random random;
        private Fence fence;

        private Caller(int number, Fence fence, Random random) {
            this.number = number;
            this.store = stores.get(number % 2);
            this.fence = fence;
            this.random = random;
        }

        @Override
        public Boolean call() {
            for (int i = 0; i < CALLS; i++) {
                switch (random.nextInt(14)) {
                    case 0, 1 -> claim();
                    case 2, 3 -> heartbeat();
                    case 4, 5 -> append(1 + random.nextInt(2));
                    case 6 -> acknowledge();
                    case 7 -> finishCommand();
                    case 8 -> release();
                    case 9 -> recover();
                    case 10 -> cancel(random.nextInt(3) == 0 ? CancelMode.FORCE : CancelMode.GRACEFUL);
                    case 11 -> finishRun();
                    case 12 -> readRun();
                    default -> readEvents();
                }
            }
            return true;
        }

        private void claim() {
            String runner = "racer-" + number;
            // A claim that is refused has drawn a token too, which nobody learns.
            AtomicReference<@Nullable String> hash = new AtomicReference<>();
            record(
                    "claim by " + runner,
                    state -> model.claim(
                            state, new NewLease(runner, LEASE, Objects.requireNonNullElse(hash.get(), UNKNOWN_HASH))),
                    () -> {
                        RunLease lease = store.leases().claim(runId, runner, LEASE);
                        fence = lease.fence();
                        hash.set(fence.tokenHash());
                        return RunHead.of(lease.run());
                    });
        }

        private void heartbeat() {
            Fence mine = fence;
            record("heartbeat of epoch " + mine.epoch(), state -> model.heartbeat(state, mine, LEASE), () -> {
                Heartbeat beat = store.leases().heartbeat(mine, LEASE);
                return new RunModel.Beat(beat.signal(), beat.expiresAt(), beat.cancelRequest());
            });
        }

        private void append(int count) {
            Fence mine = fence;
            record(
                    "append " + count + " in epoch " + mine.epoch(),
                    state -> model.append(state, mine, TYPE.wire(), count),
                    () -> store.events().append(mine, Collections.nCopies(count, EVENT)).stream()
                            .map(RunEvent::seq)
                            .toList());
        }

        private void acknowledge() {
            Fence mine = fence;
            String id = anyCommand();
            record(
                    "acknowledge " + id + " in epoch " + mine.epoch(),
                    state -> model.acknowledge(state, mine, id),
                    () -> CommandHead.of(store.commands().acknowledge(mine, id)));
        }

        private void finishCommand() {
            Fence mine = fence;
            String id = anyCommand();
            TurnResult result = TurnResult.of(Outcome.completed());
            record(
                    "finish " + id + " in epoch " + mine.epoch(),
                    state -> model.finish(state, mine, id, result),
                    () -> CommandHead.of(store.commands().finish(mine, id, result)));
        }

        private void release() {
            Fence mine = fence;
            record(
                    "release of epoch " + mine.epoch(),
                    state -> model.release(state, mine),
                    () -> RunHead.of(store.leases().release(mine)));
        }

        private void recover() {
            long epoch = fence.epoch();
            record("recover epoch " + epoch, state -> model.recover(state, epoch), () -> {
                Recovery recovery = store.leases().recover(runId, epoch);
                return List.of(recovery.outcome(), RunHead.of(recovery.run()));
            });
        }

        private void cancel(CancelMode mode) {
            record(
                    "cancel " + mode,
                    state -> model.cancel(state, REASON, mode),
                    () -> RunHead.of(store.runs().cancel(runId, REASON, mode)));
        }

        private void finishRun() {
            Fence mine = fence;
            TurnResult result = TurnResult.of(Outcome.completed());
            record(
                    "finish the run in epoch " + mine.epoch(),
                    state -> model.finish(state, mine, result),
                    () -> RunHead.of(store.runs().finish(mine, result)));
        }

        private void readRun() {
            record(
                    "read the run",
                    state -> new RunModel.Step(state, state.shown()),
                    () -> RunHead.of(store.runs().get(runId)));
        }

        private void readCommands() {
            record(
                    "read the commands",
                    state -> new RunModel.Step(state, state.commands()),
                    () -> commands(store, runId));
        }

        private void readEvents() {
            record(
                    "read the events",
                    state -> new RunModel.Step(
                            state,
                            new RunModel.Stream(state.events(), state.run().isTerminal())),
                    () -> stream(store, runId));
        }

        private String anyCommand() {
            return commandIds.get(random.nextInt(commandIds.size()));
        }

        private void record(String what, Function<RunState, RunModel.Step> rule, Callable<Object> call) {
            long invoked = clock.incrementAndGet();
            Object answer = answer(call);
            long returned = clock.incrementAndGet();
            calls.add(new Call<>(
                    "caller " + number + ": " + what + " -> " + answer,
                    invoked,
                    returned,
                    RunModel.answering(answer, rule)));
        }
    }

    private static Object answer(Callable<Object> call) {
        try {
            return call.call();
        } catch (AgentRunException refusal) {
            return RunModel.Refused.of(refusal);
        } catch (Exception e) {
            throw new IllegalStateException("no rule refuses a call so", e);
        }
    }

    private static List<CommandHead> commands(AgentRunStore store, String runId) {
        List<Command> items = store.commands().list(runId, 0, PAGE).items();
        return items.stream().map(CommandHead::of).toList();
    }

    private static RunModel.Stream stream(AgentRunStore store, String runId) {
        EventPage page = store.events().list(runId, 0, PAGE);
        return new RunModel.Stream(
                page.items().stream()
                        .map(event -> label(event.type(), event.payload()))
                        .toList(),
                page.ended());
    }

    /** Returns what an event says: the phase of a status event, the type of any other. */
    static String label(EventType type, JsonObject payload) {
        return type == EventType.BACKEND_STATUS ? payload.string("phase").orElse(type.wire()) : type.wire();
    }
}
