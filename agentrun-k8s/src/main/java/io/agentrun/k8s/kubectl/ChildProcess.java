package io.agentrun.k8s.kubectl;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One run of a program: its input written, its output handed to a {@link Output}, its complaints drained and capped, and
 * at the deadline the program and its descendants killed, so that the caller is never held longer.
 *
 * <p>On Linux every descendant is found that has kept the environment that it inherited, also one whose parent has ended,
 * that has left its session, or that was never seen before. Elsewhere those are found that were there at one of the looks,
 * four a second. What a program that ended in time has left behind in the background, with both outputs closed, stays: it
 * holds nobody (a credential plugin may keep a cache so).
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ChildProcess {

    /** What a run left behind. */
    record Result(End end, int exitCode, String stderr) {}

    /** Why a run was over. */
    enum End {
        /** The program ended. */
        EXITED,
        /** It did not end in time. */
        DEADLINE,
        /** The output wanted no more. */
        STOPPED
    }

    /** From when on the deadline counts. */
    enum Patience {
        /** From the start: the run is over then, whatever it does. */
        FROM_START,
        /** From the last byte that the output took: a run that writes is not over. */
        FROM_LAST_BYTE
    }

    // How often the descendants are noted: without /proc, one whose parent has ended can only be remembered.
    private static final long NOTE_EVERY_MILLIS = 250;
    private static final long REAP_MILLIS = 2_000;
    private static final int MAX_STDERR = 64 * 1024;

    private final Process process;
    private final CallMark mark;
    private final Duration deadline;
    private volatile long deadlineNanos;
    private final Set<ProcessHandle> descendants = new HashSet<>();
    private final CompletableFuture<Void> exited = new CompletableFuture<>();

    private ChildProcess(Process process, CallMark mark, Duration deadline, long startNanos) {
        this.process = process;
        this.mark = mark;
        this.deadline = deadline;
        this.deadlineNanos = startNanos + deadline.toNanos();
    }

    /**
     * Runs the program to its end, or to the deadline.
     *
     * @param input what it reads, or null for an empty input
     * @param environment all variables that it gets
     * @param output takes what it writes; what that throws is thrown here, after the program was killed
     * @throws IOException when it cannot be started
     * @throws InterruptedException when the calling thread was interrupted; the program is killed first
     */
    static Result run(
            List<String> command,
            @Nullable String input,
            Map<String, String> environment,
            Duration deadline,
            Patience patience,
            Output output)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        CallMark mark = new CallMark();
        mark.put(builder.environment());
        long start = System.nanoTime();
        return new ChildProcess(builder.start(), mark, deadline, start).finish(input, patience, output);
    }

    private Result finish(@Nullable String input, Patience patience, Output output) throws InterruptedException {
        CompletableFuture<Void> enough = new CompletableFuture<>();
        CompletableFuture<Void> outDone = pump("agentrun-kubectl-output", process.getInputStream(), (bytes, length) -> {
            if (!output.take(bytes, length)) {
                enough.complete(null);
                return false;
            }
            if (patience == Patience.FROM_LAST_BYTE) {
                deadlineNanos = System.nanoTime() + deadline.toNanos();
            }
            return true;
        });
        // More than enough for any message: what is over the cap is read and forgotten.
        Capture complaints = new Capture(MAX_STDERR, Capture.Overflow.FORGET);
        CompletableFuture<Void> errDone = pump("agentrun-kubectl-errors", process.getErrorStream(), complaints);
        daemon("agentrun-kubectl-exit", this::awaitExit);
        try {
            feed(input == null ? "" : input);
            CompletableFuture<Void> drained = CompletableFuture.allOf(exited, outDone, errDone);
            boolean inTime = await(CompletableFuture.anyOf(drained, enough, outDone.thenCompose(done -> drained)));
            if (enough.isDone()) {
                kill();
                return result(End.STOPPED, complaints);
            }
            if (!inTime) {
                kill();
                return result(End.DEADLINE, complaints);
            }
            return result(End.EXITED, complaints);
        } catch (InterruptedException e) {
            kill();
            throw e;
        } catch (ExecutionException e) {
            kill();
            if (e.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw new IllegalStateException("an output failed in an unforeseen way", e.getCause());
        }
    }

    private Result result(End end, Capture complaints) {
        int exit = end == End.EXITED ? process.exitValue() : -1;
        return new Result(end, exit, complaints.text());
    }

    /**
     * Waits for the exit in a thread of its own: {@link Process#onExit} needs the common pool, which a host may hold busy
     * for long.
     */
    private void awaitExit() {
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            exited.complete(null);
        }
    }

    private void feed(String input) {
        // In a thread of its own: a program that does not read must not hold the caller.
        daemon("agentrun-kubectl-stdin", () -> {
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It ended, or closed its input, without reading: its exit code and stderr say why.
            }
        });
    }

    private boolean await(CompletableFuture<Object> done) throws InterruptedException, ExecutionException {
        while (true) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
            if (left <= 0) {
                return done.isDone();
            }
            try {
                done.get(Math.min(left, NOTE_EVERY_MILLIS), TimeUnit.MILLISECONDS);
                return true;
            } catch (TimeoutException e) {
                note();
            }
        }
    }

    private void note() {
        try (Stream<ProcessHandle> seen = process.descendants()) {
            seen.forEach(descendants::add);
        }
    }

    private void kill() {
        note();
        process.destroyForcibly();
        // A child may have forked while it was being counted: look again below those that are known.
        for (int round = 0; round < 3; round++) {
            for (ProcessHandle handle : Set.copyOf(descendants)) {
                try (Stream<ProcessHandle> seen = handle.descendants()) {
                    seen.forEach(descendants::add);
                }
            }
            descendants.addAll(mark.bearers());
            descendants.forEach(ProcessHandle::destroyForcibly);
        }
        exited.completeOnTimeout(null, REAP_MILLIS, TimeUnit.MILLISECONDS).join();
    }

    /** Passes what a pipe delivers to an output, to the end of the pipe or until the output wants no more. */
    private static CompletableFuture<Void> pump(String name, InputStream pipe, Output output) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        daemon(name, () -> {
            byte[] buffer = new byte[16 * 1024];
            try (pipe) {
                int n = pipe.read(buffer);
                while (n >= 0 && output.take(buffer, n)) {
                    n = pipe.read(buffer);
                }
            } catch (IOException e) {
                // The process was killed and its pipe closed under us: what was read is all there is.
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            } finally {
                done.complete(null);
            }
        });
        return done;
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
