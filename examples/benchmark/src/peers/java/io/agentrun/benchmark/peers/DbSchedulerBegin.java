package io.agentrun.benchmark.peers;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.agentrun.benchmark.measure.Client;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.scenario.write.Begin;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;

/**
 * What {@link Begin} does, by db-scheduler, which begins what it has scheduled itself without waiting for its next poll.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class DbSchedulerBegin implements Client {

    private final Semaphore begun = new Semaphore(0);
    private final OneTimeTask<Void> task;
    private final Scheduler scheduler;
    private long number;

    private DbSchedulerBegin(Bed bed, int threads) {
        this.task = Tasks.oneTime("nothing").execute((instance, context) -> begun.release());
        try {
            bed.execute(DbSchedulerTable.SQL);
        } catch (SQLException e) {
            throw new IllegalStateException("the table of db-scheduler cannot be made", e);
        }
        this.scheduler = Scheduler.create(bed.dataSource(), task)
                .tableName(bed.schema() + ".scheduled_tasks")
                .threads(threads)
                .pollUsingLockAndFetch(1.0, 4.0)
                .pollingInterval(Duration.ofMillis(100))
                .enableImmediateExecution()
                .build();
        scheduler.start();
    }

    static Contender by(Bed bed, int threads) {
        return Contender.of(1, client -> new DbSchedulerBegin(bed, threads));
    }

    @Override
    public boolean once() {
        scheduler.schedule(task.instance("task-" + ++number), Instant.now());
        Begin.await(begun);
        return true;
    }

    @Override
    public void close() {
        scheduler.stop();
    }
}
