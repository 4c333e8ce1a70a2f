package io.agentrun.benchmark.peers;

import static org.jobrunr.server.BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration;

import io.agentrun.benchmark.measure.Client;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.scenario.write.Drain;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jobrunr.configuration.JobRunr;
import org.jobrunr.scheduling.JobScheduler;
import org.jobrunr.storage.StorageProviderUtils.DatabaseOptions;
import org.jobrunr.storage.sql.postgres.PostgresStorageProvider;

/**
 * What {@link Drain} does, by JobRunr, which keeps its parts in static fields: one at a time.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class JobRunrDrain implements Client {

    /** It polls no more often; in between it fetches whenever a worker is free. */
    private static final Duration LEAST_POLL = Duration.ofSeconds(5);

    private static volatile CountDownLatch left = new CountDownLatch(0);

    private final Bed bed;
    private final int workers;
    private final int waiting;

    private JobRunrDrain(Bed bed, int workers, int waiting) {
        this.bed = bed;
        this.workers = workers;
        this.waiting = waiting;
        after();
    }

    static Contender by(Bed bed, int workers, int waiting) {
        return Contender.of(1, client -> new JobRunrDrain(bed, workers, waiting))
                .counting(Drain.TASKS);
    }

    /** The job. */
    public static void work(int number) {
        left.countDown();
    }

    private PostgresStorageProvider storage() {
        return new PostgresStorageProvider(
                bed.dataSource(), bed.schema().replace("\"", "") + ".", DatabaseOptions.CREATE);
    }

    @Override
    public boolean once() {
        left = new CountDownLatch(Drain.TASKS);
        JobRunr.configure()
                .useStorageProvider(storage())
                .useBackgroundJobServer(usingStandardBackgroundJobServerConfiguration()
                        .andWorkerCount(workers)
                        .andPollInterval(LEAST_POLL))
                .initialize();
        try {
            if (!left.await(2, TimeUnit.MINUTES)) {
                throw new IllegalStateException(left.getCount() + " jobs were not executed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            JobRunr.destroy();
        }
        return true;
    }

    @Override
    public void after() {
        JobScheduler scheduler =
                JobRunr.configure().useStorageProvider(storage()).initialize().getJobScheduler();
        int missing = waiting - left();
        scheduler.<Integer>enqueue(IntStream.range(0, missing).boxed(), number -> JobRunrDrain.work(number));
        JobRunr.destroy();
    }

    private int left() {
        try {
            return (int) bed.number("SELECT count(*) FROM {schema}.jobrunr_jobs WHERE state = 'ENQUEUED'");
        } catch (SQLException e) {
            throw new IllegalStateException("what is left cannot be counted", e);
        }
    }
}
