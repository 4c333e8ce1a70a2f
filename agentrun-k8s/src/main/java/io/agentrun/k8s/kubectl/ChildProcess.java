package io.agentrun.k8s.kubectl;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One run of a program: its input written, both outputs drained and capped, and at the deadline the program and its
 * descendants killed, so that the caller is never held longer.
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
    record Result(End end, int exitCode, String stdout, String stderr) {}

    /** Why a run was over. */
    enum End {
        EXITED,
        DEADLINE,
        TOO_MUCH_OUTPUT
    }

    // How often the descendants are noted: without /proc, one whose parent has ended can only be remembered.
    private static final long NOTE_EVERY_MILLIS = 250;
    private static final long REAP_MILLIS = 2_000;
    private static final int MAX_STDERR = 64 * 1024;

    private final Process process;
    private final CallMark mark;
    private final long deadlineNanos;
    private final Set<ProcessHandle> descendants = new HashSet<>();
    private final CompletableFuture<Void> exited = new CompletableFuture<>();

    private ChildProcess(Process process, CallMark mark, long deadlineNanos) {
        this.process = process;
        this.mark = mark;
        this.deadlineNanos = deadlineNanos;
    }

    /**
     * Runs the program to its end, or to the deadline.
     *
     * @param input what it reads, or null for an empty input
     * @param home its home directory, or null for this process's own
     * @throws IOException when it cannot be started
     * @throws InterruptedException when the calling thread was interrupted; the program is killed first
     */
    static Result run(
            List<String> command, @Nullable String input, @Nullable Path home, Duration deadline, int maxOutput)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        if (home != null) {
            builder.environment().put("HOME", home.toString());
        }
        CallMark mark = new CallMark();
        mark.put(builder.environment());
        long end = System.nanoTime() + deadline.toNanos();
        return new ChildProcess(builder.start(), mark, end).finish(input, maxOutput);
    }

    private Result finish(@Nullable String input, int maxOutput) throws InterruptedException {
        CompletableFuture<Void> overflow = new CompletableFuture<>();
        Drain out = Drain.start(process.getInputStream(), maxOutput, () -> overflow.complete(null));
        // More than enough for any message: what is over the cap is read and forgotten.
        Drain err = Drain.start(process.getErrorStream(), MAX_STDERR, () -> {});
        daemon("agentrun-kubectl-exit", this::awaitExit);
        try {
            feed(input == null ? "" : input);
            CompletableFuture<Void> drained = CompletableFuture.allOf(exited, out.done, err.done);
            boolean inTime = await(CompletableFuture.anyOf(drained, overflow));
            if (overflow.isDone()) {
                kill();
                return result(End.TOO_MUCH_OUTPUT, out, err);
            }
            if (!inTime) {
                kill();
                return result(End.DEADLINE, out, err);
            }
            return result(End.EXITED, out, err);
        } catch (InterruptedException e) {
            kill();
            throw e;
        }
    }

    private Result result(End end, Drain out, Drain err) {
        int exit = end == End.EXITED ? process.exitValue() : -1;
        return new Result(end, exit, out.text(), err.text());
    }

    /** In a thread of its own: {@link Process#onExit} needs the common pool, which a host may hold busy for long. */
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

    private boolean await(CompletableFuture<Object> done) throws InterruptedException {
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
            } catch (ExecutionException e) {
                throw new IllegalStateException("the pipes of a process never fail", e);
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

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Reads one pipe to its end and keeps the beginning. */
    private static final class Drain {

        private final Object lock = new Object();
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private final int max;
        private byte[] kept = new byte[8 * 1024];
        private int size;

        private Drain(int max) {
            this.max = max;
        }

        static Drain start(InputStream pipe, int max, Runnable onOverflow) {
            Drain drain = new Drain(max);
            daemon("agentrun-kubectl-output", () -> drain.read(pipe, onOverflow));
            return drain;
        }

        private void read(InputStream pipe, Runnable onOverflow) {
            byte[] buffer = new byte[16 * 1024];
            try (pipe) {
                int n = pipe.read(buffer);
                while (n >= 0) {
                    if (!keep(buffer, n)) {
                        onOverflow.run();
                    }
                    n = pipe.read(buffer);
                }
            } catch (IOException e) {
                // The process was killed and its pipe closed under us: what was read is all there is.
            } finally {
                done.complete(null);
            }
        }

        private boolean keep(byte[] bytes, int n) {
            synchronized (lock) {
                int room = Math.min(n, max - size);
                if (size + room > kept.length) {
                    kept = Arrays.copyOf(kept, Math.min(max, Math.max(size + room, kept.length * 2)));
                }
                System.arraycopy(bytes, 0, kept, size, room);
                size += room;
                return room == n;
            }
        }

        String text() {
            synchronized (lock) {
                return new String(kept, 0, size, StandardCharsets.UTF_8);
            }
        }
    }
}
