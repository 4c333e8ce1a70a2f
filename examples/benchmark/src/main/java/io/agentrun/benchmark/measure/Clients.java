package io.agentrun.benchmark.measure;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Lets all clients of a contender work at the same time, each on its own thread. */
final class Clients {

    private Clients() {}

    /** What one client did; the time leaves out what is not timed. */
    private record Done(Latencies latencies, long nanos) {

        double callsPerSecond() {
            return nanos == 0 ? 0 : (double) latencies.size() * TimeUnit.SECONDS.toNanos(1) / nanos;
        }
    }

    static Slice work(Contender contender, Duration length, LongSupplier nanos) {
        contender.beforeSlice().run();
        int threads = contender.clients().size();
        CyclicBarrier start = new CyclicBarrier(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Done>> running = new ArrayList<>();
            for (Client client : contender.clients()) {
                running.add(pool.submit(() -> work(client, start, length, nanos)));
            }
            Latencies all = new Latencies();
            double callsPerSecond = 0;
            for (Future<Done> one : running) {
                Done done = one.get();
                all.addAll(done.latencies());
                callsPerSecond += done.callsPerSecond();
            }
            return new Slice(callsPerSecond * contender.unitsPerCall(), all);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a client failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            pool.shutdownNow();
        }
    }

    private static Done work(Client client, CyclicBarrier start, Duration length, LongSupplier nanos)
            throws SQLException, InterruptedException, BrokenBarrierException {
        Latencies latencies = new Latencies();
        start.await();
        long begin = nanos.getAsLong();
        long untimed = 0;
        long now = begin;
        while (now - begin < length.toNanos() + untimed) {
            long called = now;
            if (!client.once()) {
                break;
            }
            long returned = nanos.getAsLong();
            latencies.add(returned - called);
            client.after();
            now = nanos.getAsLong();
            untimed += now - returned;
        }
        return new Done(latencies, now - begin - untimed);
    }
}
