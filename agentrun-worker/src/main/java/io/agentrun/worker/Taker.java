package io.agentrun.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.model.ItemAnswer;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes tasks, and acknowledges their turns. One take is under way at a time; a stop ends its wait.
 *
 * <p>Thread-safe.
 */
final class Taker {

    private final WorkerContext context;
    private final AgentRunStore store;
    private final WorkerSettings settings;

    private final Object lock = new Object();
    private @Nullable Thread thread;
    private boolean stopped;

    Taker(WorkerContext context) {
        this.context = context;
        this.store = context.store();
        this.settings = context.settings();
    }

    /**
     * What a take got.
     *
     * @param asked how many tasks it asked for
     * @param acknowledged the ids of the turns that are acknowledged; the thread of its run tries again with any other
     * @param sentAt when the call was begun, by the scheduler's clock
     */
    record Result(int asked, List<Taken> taken, Set<String> acknowledged, long sentAt) {

        boolean isAcknowledged(Taken each) {
            return each.turns().stream().anyMatch(turn -> acknowledged.contains(turn.id()));
        }
    }

    /** Takes at most so many, and waits that long while there is none; nothing once it is stopped. */
    Result take(int free, Duration wait) {
        int n = Math.min(free, TakeRequest.MAX_TASKS);
        long sentAt = context.scheduler().nanoTime();
        List<Taken> taken = takeInterruptibly(n, wait);
        return new Result(n, taken, acknowledged(taken), sentAt);
    }

    private List<Taken> takeInterruptibly(int n, Duration wait) {
        synchronized (lock) {
            if (stopped) {
                return List.of();
            }
            thread = Thread.currentThread();
        }
        try {
            return store.queue()
                    .take(TakeRequest.by(settings.runnerId(), settings.filter())
                            .withLease(settings.lease())
                            .withN(n)
                            .withTimeout(wait));
        } finally {
            synchronized (lock) {
                thread = null;
                Thread.interrupted();
            }
        }
    }

    private Set<String> acknowledged(List<Taken> taken) {
        List<Acknowledgement> turns = taken.stream()
                .filter(each -> !each.turns().isEmpty())
                .map(each -> new Acknowledgement(
                        each.lease().fence(), each.turns().get(0).id()))
                .toList();
        Set<String> done = new HashSet<>();
        try {
            List<ItemAnswer<Command>> answers = store.commands().acknowledgeAll(turns);
            for (int i = 0; i < turns.size(); i++) {
                if (answers.get(i) instanceof ItemAnswer.Done) {
                    done.add(turns.get(i).commandId());
                }
            }
        } catch (RuntimeException e) {
            context.tell(listener -> listener.failed("acknowledge", e));
        }
        return done;
    }

    /** Ends the wait of a take; one that was begun and has not yet come to its call takes nothing. */
    void stop() {
        synchronized (lock) {
            stopped = true;
            if (thread != null) {
                thread.interrupt();
            }
        }
    }
}
