package io.agentrun.benchmark.peers;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.agentrun.benchmark.measure.Client;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.scenario.write.Drain;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What {@link Drain} does, by db-scheduler, which locks and fetches.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class DbSchedulerDrain implements Client {

    private final Bed bed;
    private final int threads;
    private final int waiting;
    private volatile CountDownLatch left = new CountDownLatch(0);
    private final OneTimeTask<Void> task;
    private long number;

    private DbSchedulerDrain(Bed bed, int threads, int waiting) {
        this.bed = bed;
        this.threads = threads;
        this.waiting = waiting;
        this.task = Tasks.oneTime("nothing").execute((instance, context) -> left.countDown());
        try {
            bed.execute(DbSchedulerTable.SQL);
        } catch (SQLException e) {
            throw new IllegalStateException("the table of db-scheduler cannot be made", e);
        }
        after();
    }

    static Contender by(Bed bed, int threads, int waiting) {
        return Contender.of(1, client -> new DbSchedulerDrain(bed, threads, waiting))
                .counting(Drain.TASKS);
    }

    private Scheduler scheduler() {
        return Scheduler.create(bed.dataSource(), task)
                .tableName(bed.schema() + ".scheduled_tasks")
                .threads(threads)
                .pollUsingLockAndFetch(1.0, 4.0)
                .pollingInterval(Duration.ofMillis(100))
                .build();
    }

    @Override
    public boolean once() {
        left = new CountDownLatch(Drain.TASKS);
        Scheduler scheduler = scheduler();
        scheduler.start();
        try {
            if (!left.await(2, TimeUnit.MINUTES)) {
                throw new IllegalStateException(left.getCount() + " tasks were not executed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            scheduler.stop();
        }
        return true;
    }

    @Override
    public void after() {
        List<TaskInstance<?>> instances = new ArrayList<>();
        for (long i = left(); i < waiting; i++) {
            instances.add(task.instance("task-" + ++number));
        }
        scheduler().scheduleBatch(instances, Instant.now());
    }

    private long left() {
        try {
            return (long) bed.number("SELECT count(*) FROM {schema}.scheduled_tasks");
        } catch (SQLException e) {
            throw new IllegalStateException("what is left cannot be counted", e);
        }
    }
}
