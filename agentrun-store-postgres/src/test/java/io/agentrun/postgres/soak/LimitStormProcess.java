package io.agentrun.postgres.soak;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.error.ConflictException;
import io.agentrun.error.FailureKind;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.postgres.testing.ServerPair;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A process of the storm: callers who take tasks and end, give back or lose them. It ends when its standard input does, or when it is
 * killed.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class LimitStormProcess {

    private static final Duration LEASE = Duration.ofSeconds(3);

    private LimitStormProcess() {}

    /** Begins, with the URL of the server, a name that no other process has or had, how many callers, and a seed. */
    public static void main(String[] args) throws Exception {
        int callers = Integer.parseInt(args[2]);
        long seed = Long.parseLong(args[3]);
        AtomicBoolean stopped = new AtomicBoolean();
        try (HikariDataSource pool = ServerPair.pool(args[0], callers + 1);
                PostgresAgentRunStore store = SoakProcess.store(pool)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                String runner = args[1] + "." + i;
                Random random = new Random(seed + i);
                threads.add(new Thread(() -> live(store, runner, random, stopped)));
            }
            threads.forEach(Thread::start);
            while (System.in.read() >= 0) {
                // Nothing is said to a process but that it is over.
            }
            stopped.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    private static void live(AgentRunStore store, String runner, Random random, AtomicBoolean stopped) {
        while (!stopped.get()) {
            try {
                if (random.nextInt(4) == 0) {
                    dispatched(store, runner, random);
                } else {
                    TakeRequest request = TakeRequest.by(runner, DispatchRequest.any())
                            .withLease(LEASE)
                            .withN(1 + random.nextInt(3))
                            .withTimeout(Duration.ofMillis(200));
                    for (Taken taken : store.queue().take(request)) {
                        work(store, taken.lease().fence(), taken.turns(), random);
                    }
                }
            } catch (ConflictException lost) {
                // Another has recovered or cancelled the run: no matter here.
            }
        }
    }

    private static void dispatched(AgentRunStore store, String runner, Random random) {
        Optional<Dispatch> dispatch = store.queue().dispatchNext(DispatchRequest.any());
        if (dispatch.isPresent() && random.nextInt(5) > 0) {
            RunLease lease = store.leases().claim(dispatch.get().run().id(), runner, LEASE);
            work(store, lease.fence(), List.of(dispatch.get().turn()), random);
        }
    }

    /** Ends the run in one of the ways there are, or lets its lease run out. */
    private static void work(AgentRunStore store, Fence fence, List<Command> turns, Random random) {
        TurnResult result = random.nextBoolean()
                ? TurnResult.of(Outcome.completed())
                : TurnResult.of(Outcome.failed(FailureKind.BACKEND_FAILED, "no"));
        switch (random.nextInt(8)) {
            case 0 -> store.leases().release(fence);
            case 1 -> store.runs().cancel(fence.runId(), "no more", CancelMode.FORCE);
            case 2 -> {
                for (Command turn : turns) {
                    store.commands().acknowledge(fence, turn.id());
                }
            }
            case 3, 4 -> {
                for (Command turn : turns) {
                    store.commands().acknowledge(fence, turn.id());
                    store.runs().finishTurn(fence, turn.id(), result);
                }
            }
            default -> store.runs().finish(fence, result);
        }
    }
}
