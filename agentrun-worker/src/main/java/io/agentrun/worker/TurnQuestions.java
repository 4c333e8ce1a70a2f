package io.agentrun.worker;

import io.agentrun.error.AgentRunException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.StateConflictException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Parking;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionResult;
import io.agentrun.run.Run;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The questions that the agent of one run asks: waited for under the lease, and parked where the agent can resume.
 *
 * <p>Thread-safe.
 */
final class TurnQuestions {

    /** How long the agent waits at most before it looks again whether its turn is to end. */
    private static final long LONGEST_WAIT_NANOS = 30_000_000_000L;

    private static final String HELD_NO_MORE = "the run is held no more";

    private final WorkerContext context;
    private final StoreCalls calls;
    private final Fence fence;
    private final Lease lease;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, QuestionResult> results = new HashMap<>();
    private boolean parked;

    /** What a run that is held does about its lease while it is parked. */
    interface Lease {

        /** Writes what the agent has said, and hears no more that the lease is lost. Returns false if the run is held no more. */
        boolean leave();

        /** Goes on: the run is held after all. */
        void stay();
    }

    TurnQuestions(WorkerContext context, StoreCalls calls, Fence fence, Lease lease) {
        this.context = context;
        this.calls = calls;
        this.fence = fence;
        this.lease = lease;
    }

    /** Returns whether the run was parked. */
    boolean isParked() {
        lock.lock();
        try {
            return parked;
        } finally {
            lock.unlock();
        }
    }

    /** Takes what became of a question. */
    void ended(QuestionResult result) {
        lock.lock();
        try {
            results.put(result.questionId(), result);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Has whoever waits look again. */
    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Asks, and waits for what becomes of all the questions; see {@link Turn#askAll}. */
    List<QuestionResult> ask(Turn turn, List<NewQuestion> questions) throws InterruptedException {
        List<String> ids = new ArrayList<>(questions.size());
        for (NewQuestion each : questions) {
            Question asked = asked(each);
            ids.add(asked.id());
            if (asked.state().terminal()) {
                ended(QuestionResult.of(asked));
            }
        }
        turn.onCancel(this::wake);
        boolean resumes = context.agent().resumes();
        long parkAt =
                context.output().nanoTime() + context.settings().parkAfter().toNanos();
        while (true) {
            List<QuestionResult> all = await(turn, ids, resumes ? parkAt : null);
            if (all != null) {
                return all;
            }
            resumes = park(ids);
        }
    }

    /** Waits for all results; returns null when it is time to park. */
    private @Nullable List<QuestionResult> await(Turn turn, List<String> ids, @Nullable Long parkAt)
            throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                if (results.keySet().containsAll(ids)) {
                    return ids.stream().map(results::get).toList();
                }
                if (turn.cancelled()) {
                    throw new CancellationException("the turn was asked to end");
                }
                long left = parkAt == null
                        ? LONGEST_WAIT_NANOS
                        : parkAt - context.output().nanoTime();
                if (left <= 0) {
                    return null;
                }
                context.output().await(lock, changed, Math.min(left, LONGEST_WAIT_NANOS));
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Parks the run; returns if it goes on, whether to try again later.
     *
     * @throws TurnParkedException if it is parked
     */
    private boolean park(List<String> ids) {
        if (!lease.leave()) {
            throw new CancellationException(HELD_NO_MORE);
        }
        Parking parking;
        try {
            parking = calls.again(() -> parkOnce(ids));
        } catch (StateConflictException asksToEnd) {
            // A cancel or an interrupt is on its way to this worker, and ends the wait.
            lease.stay();
            return false;
        }
        if (parking == null && !isParkedInStore()) {
            lease.stay();
            throw new CancellationException(HELD_NO_MORE);
        }
        if (parking instanceof Parking.Answered answered) {
            lease.stay();
            answered.results().forEach(this::ended);
            return true;
        }
        lock.lock();
        try {
            parked = true;
        } finally {
            lock.unlock();
        }
        throw new TurnParkedException(ids);
    }

    /** Parks, or finds that an earlier call has done so whose answer was lost. */
    private Parking parkOnce(List<String> ids) {
        try {
            return context.store().leases().park(fence, ids);
        } catch (LeaseConflictException lost) {
            Run now = context.store().runs().get(fence.runId());
            if (isParked(now)) {
                return new Parking.Parked(now);
            }
            throw lost;
        }
    }

    private boolean isParked(Run run) {
        return run.parkedEpoch() == fence.epoch() + 1;
    }

    /** Looks once: the worker has heard that the lease is over, which a park whose answer was lost has done. */
    private boolean isParkedInStore() {
        try {
            return isParked(context.store().runs().get(fence.runId()));
        } catch (AgentRunException e) {
            return false;
        }
    }

    private Question asked(NewQuestion question) {
        try {
            return held(() -> context.store().questions().ask(fence, question));
        } catch (StateConflictException e) {
            if (e.state().equals("cancel-requested")) {
                throw new CancellationException("a cancel was asked for");
            }
            throw e;
        }
    }

    private <T> T held(Supplier<T> call) {
        T answer = calls.again(call);
        if (answer == null) {
            throw new CancellationException(HELD_NO_MORE);
        }
        return answer;
    }
}
