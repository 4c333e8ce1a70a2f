package io.agentrun.postgres.soak;

import io.agentrun.error.ConflictException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.postgres.soak.Fact.Kind;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * How a thread of the soak calls the store: again and again while the store is not there, and whatever else it answers is written
 * down.
 *
 * <p>Thread-safe.
 */
final class SoakCalls {

    private static final long PAUSE_NANOS = 20_000_000;

    private final SoakJournal journal;
    private final AtomicBoolean stopped;

    SoakCalls(SoakJournal journal, AtomicBoolean stopped) {
        this.journal = journal;
        this.stopped = stopped;
    }

    boolean stopped() {
        return stopped.get();
    }

    void write(Kind kind, Object... fields) {
        journal.write(kind, fields);
    }

    /** Calls until there is an answer; a refusal is one. */
    <T> T untilAnswered(Supplier<T> call) {
        while (true) {
            try {
                return call.get();
            } catch (StoreUnavailableException e) {
                repeat(e);
            }
        }
    }

    /** Calls once; empty if the store is not there, for a call that must not be repeated. */
    <T> Optional<T> once(Supplier<T> call) {
        try {
            return Optional.of(call.get());
        } catch (StoreUnavailableException e) {
            repeat(e);
            return Optional.empty();
        }
    }

    private void repeat(StoreUnavailableException e) {
        if (!e.retryable()) {
            throw e;
        }
        write(Kind.REPEATED, e.reason());
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    /** Does something that others may have made impossible meanwhile: a lease is lost, a task ended, a run purged. */
    void amongOthers(String runId, Runnable work) {
        try {
            work.run();
        } catch (LeaseConflictException e) {
            write(Kind.LEASE_LOST, runId);
        } catch (ConflictException e) {
            // Somebody else was first; which refusals are right is the conformance kit's matter.
            write(Kind.REPEATED, e.code());
        } catch (NotFoundException e) {
            write(Kind.REPEATED, e.code());
        }
    }

    /** Goes on until the soak is over; what no call may come to ends nothing but the turn of it. */
    void live(Runnable turn) {
        while (!stopped()) {
            try {
                turn.run();
            } catch (RuntimeException | Error e) {
                write(Kind.UNEXPECTED, String.valueOf(e).replaceAll("\\s+", " "), at(e));
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** The first frame of ours that a throwable came through. */
    private static String at(Throwable e) {
        for (StackTraceElement frame : e.getStackTrace()) {
            if (frame.getClassName().startsWith("io.agentrun.postgres.soak")) {
                return frame.toString();
            }
        }
        return "?";
    }
}
