package io.agentrun.worker;

import io.agentrun.command.FinishedTurn;
import io.agentrun.run.Run;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Keeps what a worker tells, to be waited for. Thread-safe. */
final class Recorder implements WorkerListener {

    private static final long PATIENCE_SECONDS = 60;

    final BlockingQueue<Turn> started = new LinkedBlockingQueue<>();
    final BlockingQueue<FinishedTurn> finished = new LinkedBlockingQueue<>();
    final BlockingQueue<String> lost = new LinkedBlockingQueue<>();
    final BlockingQueue<Run> released = new LinkedBlockingQueue<>();
    final BlockingQueue<Run> parked = new LinkedBlockingQueue<>();
    final BlockingQueue<String> failed = new LinkedBlockingQueue<>();

    @Override
    public void started(Turn turn) {
        started.add(turn);
    }

    @Override
    public void finished(FinishedTurn turn) {
        finished.add(turn);
    }

    @Override
    public void lost(Run run, String reason) {
        lost.add(reason);
    }

    @Override
    public void parked(Run run) {
        parked.add(run);
    }

    @Override
    public void released(Run run) {
        released.add(run);
    }

    @Override
    public void failed(String call, RuntimeException failure) {
        failed.add(call);
    }

    /** Returns the next of the queue, once it is there. */
    static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing came");
        }
        return next;
    }
}
