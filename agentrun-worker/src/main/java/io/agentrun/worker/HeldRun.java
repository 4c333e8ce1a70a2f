package io.agentrun.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.FinishedTurn;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.lease.Fence;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Taken;
import io.agentrun.run.Run;
import io.agentrun.worker.stream.EventWriter;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A run that the worker holds, and the thread that works on its turns, one after the other. It ends in one of three ways: its last turn
 * is finished; it is given back; it is lost. Whichever of these is decided first counts.
 *
 * <p>Thread-safe.
 */
final class HeldRun {

    private static final String CLOSED = "the worker is closing";
    private static final String CANNOT_RESUME = "the turn was parked, and this agent cannot go on with it";

    private final WorkerContext context;
    private final AgentRunStore store;
    private final Taken taken;
    private final boolean acknowledged;
    private final HeardRuns heard;
    private final TurnQuestions questions;
    private final RunCommands commands;
    private final EventWriter events;
    private final Owner owner;
    private final StoreCalls calls;

    private final ReentrantLock lock = new ReentrantLock();
    private final Holding holding = new Holding();
    private @Nullable Turn turn;
    private @Nullable Thread agentThread;
    private @Nullable String cancelReason;

    /** Hears from the thread of the run. */
    interface Owner {
        /** The agent has ended; the end of its turn is about to be stored. */
        void ending(HeldRun run);

        /** The turn has ended, and the run goes on with another. */
        void goesOn(HeldRun run);

        /** The thread has ended. */
        void gone(HeldRun run);
    }

    HeldRun(WorkerContext context, Taken taken, boolean acknowledged, HeardRuns heard, Owner owner) {
        this.context = context;
        this.store = context.store();
        this.taken = taken;
        this.heard = heard;
        this.acknowledged = acknowledged;
        this.owner = owner;
        this.calls = new StoreCalls(
                context.output(), trouble -> context.tell(listener -> listener.failed("finish", trouble)));
        this.questions = new TurnQuestions(context, calls, fence(), new Leaving());
        this.commands = new RunCommands(context, calls, fence(), questions);
        this.events = EventWriter.builder(store.events(), taken.lease().fence())
                .scheduler(context.output())
                .build();
    }

    Fence fence() {
        return taken.lease().fence();
    }

    Run run() {
        return taken.lease().run();
    }

    /** Works on the turns of the run until it is held no more; the body of the agent's thread. */
    void work() {
        try {
            Command next = taken.turns().isEmpty() ? null : taken.turns().get(0);
            if (next == null) {
                calls.again(
                        () -> store.runs().finish(fence(), TurnResult.of(Outcome.cancelled("its turn was cancelled"))));
            } else if (!acknowledged) {
                Command first = next;
                next = calls.again(() -> store.commands().acknowledge(fence(), first.id()));
            }
            while (next != null && isHeld()) {
                next = work(next);
            }
            if (holding.isGivingBack()) {
                flushBriefly();
                giveBack();
            }
        } catch (AgentRunException refused) {
            end(refused.getMessage() == null ? refused.code() : refused.getMessage());
        } finally {
            over();
            owner.gone(this);
        }
    }

    /** Works on one turn and ends it. Returns the next one of the run, acknowledged; null if there is none. */
    private @Nullable Command work(Command command) {
        Turn current = begin(command);
        context.tell(listener -> listener.started(current));
        TurnResult result = result(current);
        current.end();
        if (questions.isParked()) {
            over();
            context.tell(listener -> listener.parked(run()));
            return null;
        }
        if (!isHeld() || !flushed()) {
            return null;
        }
        heard.ending(fence().runId());
        owner.ending(this);
        FinishedTurn finished = calls.again(() -> store.runs().finishTurn(fence(), command.id(), result));
        if (finished == null) {
            return null;
        }
        context.tell(listener -> listener.finished(finished));
        Command next = finished.next();
        if (next == null) {
            over();
            return null;
        }
        if (!next.order().deliverable()) {
            // It waits behind a turn of another run: nothing is to be done here meanwhile.
            giveBack();
            over();
            return null;
        }
        Command begun = calls.again(() -> store.commands().acknowledge(fence(), next.id()));
        heard.goesOn(fence().runId());
        owner.goesOn(this);
        return begun;
    }

    private Turn begin(Command command) {
        Turn current = new Turn(
                taken.task(),
                run(),
                command,
                events,
                questions,
                store.sessions(),
                calls,
                context.output(),
                commands::inOrder,
                context.settings().stopGrace());
        lock.lock();
        try {
            turn = current;
            agentThread = Thread.currentThread();
            if (cancelReason != null) {
                current.cancel(cancelReason);
            }
        } finally {
            lock.unlock();
        }
        return current;
    }

    private TurnResult result(Turn current) {
        if (current.resumed().isPresent() && !context.agent().resumes()) {
            return TurnResult.of(Outcome.blocked(FailureKind.BACKEND_FAILED, CANNOT_RESUME));
        }
        try {
            TurnResult result = context.agent().run(current);
            return result == null ? failed("the agent returned nothing") : result;
        } catch (Throwable e) {
            String reason = current.cancelReason();
            if (reason != null || e instanceof CancellationException) {
                return TurnResult.of(Outcome.cancelled(reason == null ? "cancelled" : reason));
            }
            return failed(
                    e.getMessage() == null
                            ? e.getClass().getName()
                            : e.getClass().getSimpleName() + ": " + e.getMessage());
        } finally {
            lock.lock();
            try {
                agentThread = null;
            } finally {
                lock.unlock();
            }
            // The interrupt was for the agent, not for what follows.
            Thread.interrupted();
        }
    }

    static TurnResult failed(String message) {
        String kept = message.length() > 4_000 ? message.substring(0, 4_000) : message;
        return TurnResult.of(Outcome.failed(FailureKind.BACKEND_FAILED, kept));
    }

    /** Returns once the store has the agent's output; false if nothing can be written any more. */
    private boolean flushed() {
        try {
            events.flush();
            return isHeld();
        } catch (AgentRunException ended) {
            end("its output cannot be written: " + ended.code());
            return false;
        } catch (InterruptedException e) {
            // Interrupts are for the agent, which has ended.
            return isHeld() && flushed();
        }
    }

    /** Lets what the agent has written so far go into the store, if that is soon done. */
    private void flushBriefly() {
        try {
            events.flush(context.settings().stopGrace());
        } catch (AgentRunException ended) {
            context.tell(listener -> listener.failed("append", ended));
        } catch (InterruptedException e) {
            // Interrupts are for the agent, which has ended.
            Thread.interrupted();
        }
    }

    /** Gives the run back once its agent has ended: that somebody else may have it then is no loss. */
    private void giveBack() {
        holding.leaving(true);
        if (!release()) {
            context.tell(listener -> listener.lost(run(), "it could not be given back"));
        }
    }

    /** What a park does about the lease, on the agent's thread. */
    private final class Leaving implements TurnQuestions.Lease {
        @Override
        public boolean leave() {
            if (!flushed()) {
                return false;
            }
            holding.leaving(true);
            return true;
        }

        @Override
        public void stay() {
            holding.leaving(false);
            if (calls.isStopped()) {
                end("another runner has it, or it was cancelled by force");
            }
        }
    }

    private boolean release() {
        boolean released = calls.again(() -> store.leases().release(fence())) != null;
        if (released) {
            context.tell(listener -> listener.released(run()));
        }
        return released;
    }

    private boolean isHeld() {
        return holding.isHeld();
    }

    /** Ends the writer: whatever the agent does now is not stored. */
    private void over() {
        holding.over();
        calls.stop();
        events.stop(LeaseConflictException.lost(fence().runId(), fence().epoch()));
    }

    /** Hears that the run is somebody else's, or may soon be: stops the agent at once. */
    void lose(String reason) {
        if (holding.isLeaving()) {
            // Its thread is giving it away, or has just done so, and knows best.
            calls.stop();
            return;
        }
        end(reason);
    }

    /** Stops the agent at once; nothing is written for the run any more. */
    private void end(String reason) {
        if (holding.isOver()) {
            return;
        }
        over();
        Turn current = turn();
        if (current != null) {
            current.kill(reason);
        }
        interrupt();
        context.tell(listener -> listener.lost(run(), reason));
    }

    /** Asks the agent to end; its run is finished then. */
    void cancel(String reason) {
        lock.lock();
        try {
            if (cancelReason != null) {
                return;
            }
            cancelReason = reason;
        } finally {
            lock.unlock();
        }
        stopTurn(reason, true);
    }

    /** Asks the agent to end its present turn; the run goes on with the next. */
    void interrupt(String reason) {
        stopTurn(reason, true);
    }

    /** Asks the agent to end; its run is given back then. */
    void stop() {
        if (!holding.giveBack()) {
            return;
        }
        lock.lock();
        try {
            cancelReason = CLOSED;
        } finally {
            lock.unlock();
        }
        stopTurn(CLOSED, false);
    }

    /** After the grace period the thread is interrupted; after another one the run ends without its agent. */
    private void stopTurn(String reason, boolean finish) {
        Turn current = turn();
        if (current == null) {
            return;
        }
        current.cancel(reason);
        context.output().schedule(context.settings().stopGrace(), () -> {
            if (current == turn()) {
                interrupt();
            }
        });
        context.output()
                .schedule(
                        context.settings().stopGrace().multipliedBy(2),
                        () -> endWithout(current, finish ? TurnResult.of(Outcome.cancelled(reason)) : null));
    }

    /** Ends the run although its agent goes on: nothing that it does is stored any more, and its slot stays taken. */
    private void endWithout(Turn stuck, @Nullable TurnResult result) {
        lock.lock();
        try {
            if (stuck != turn || agentThread == null || holding.isOver()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        events.stop(LeaseConflictException.lost(fence().runId(), fence().epoch()));
        try {
            if (result == null) {
                release();
            } else {
                calls.again(() -> store.runs().finish(fence(), result));
            }
            end("its agent did not end");
        } catch (AgentRunException refused) {
            end(refused.code());
        }
    }

    private void interrupt() {
        lock.lock();
        try {
            if (agentThread != null) {
                agentThread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Turn turn() {
        lock.lock();
        try {
            return turn;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a command that came while the agent works. */
    void deliver(Command command) {
        commands.deliver(command, turn(), () -> interrupt("interrupted"));
    }
}
