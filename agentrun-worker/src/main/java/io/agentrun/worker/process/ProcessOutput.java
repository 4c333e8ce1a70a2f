package io.agentrun.worker.process;

import io.agentrun.worker.time.Scheduler;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads what a process writes, on a thread of its own, because nobody can be called back from a read.
 *
 * <p>Thread-safe.
 */
final class ProcessOutput {

    /** Reads a stream to its end. */
    interface Reader {

        /** Reads; what it throws as a runtime exception ends the process. */
        void read(InputStream in) throws IOException, InterruptedException;
    }

    private static final long LAST_WORDS_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long BUSY = Long.MAX_VALUE;

    private final InputStream from;
    private final Reader to;
    private final Scheduler scheduler;
    private final Runnable whenLost;
    private final CompletableFuture<Boolean> done = new CompletableFuture<>();
    private final Thread thread;

    /** Since when the thread waits for output; BUSY while it passes some on. */
    private volatile long silentSince = BUSY;

    private volatile boolean stopped;

    ProcessOutput(String name, InputStream from, Reader to, Scheduler scheduler, Runnable whenLost) {
        this.from = from;
        this.to = to;
        this.scheduler = scheduler;
        this.whenLost = whenLost;
        this.thread = new Thread(this::pump, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void pump() {
        try {
            to.read(new Watched());
            done.complete(true);
        } catch (IOException e) {
            done.completeExceptionally(e);
        } catch (InterruptedException e) {
            // Stopped: whoever did that takes no more.
            done.complete(false);
        } catch (RuntimeException e) {
            // What nobody reads would fill the pipe and hold the process up for ever.
            whenLost.run();
            done.completeExceptionally(e);
        }
    }

    /** Waits until everything is passed on, or, since the process has ended, whoever still has the pipe is silent. */
    void await() throws IOException, InterruptedException {
        while (true) {
            try {
                done.get(LAST_WORDS_NANOS / 5, TimeUnit.NANOSECONDS);
                return;
            } catch (TimeoutException e) {
                long since = silentSince;
                if (since != BUSY && scheduler.nanoTime() - since >= LAST_WORDS_NANOS) {
                    stop();
                    return;
                }
            } catch (ExecutionException e) {
                if (e.getCause() instanceof IOException cause) {
                    throw cause;
                }
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    /** Passes nothing on any more. The thread may hang in a read until the pipe is closed. */
    void stop() {
        stopped = true;
        thread.interrupt();
    }

    /** Tells when the thread waits in a read. */
    private final class Watched extends FilterInputStream {

        Watched() {
            super(from);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            silentSince = scheduler.nanoTime();
            int n = stopped ? -1 : super.read(bytes, offset, length);
            silentSince = BUSY;
            return stopped ? -1 : n;
        }
    }
}
