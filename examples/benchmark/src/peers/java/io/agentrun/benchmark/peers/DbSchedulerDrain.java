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

    private static final String TABLE = """
            CREATE TABLE {schema}.scheduled_tasks (
                task_name text NOT NULL,
                task_instance text NOT NULL,
                task_data bytea,
                execution_time timestamptz NOT NULL,
                picked boolean NOT NULL,
                picked_by text,
                last_success timestamptz,
                last_failure timestamptz,
                consecutive_failures int,
                last_heartbeat timestamptz,
                version bigint NOT NULL,
                priority smallint,
                PRIMARY KEY (task_name, task_instance)
            );
            CREATE INDEX execution_time_idx ON {schema}.scheduled_tasks (execution_time);
            CREATE INDEX last_heartbeat_idx ON {schema}.scheduled_tasks (last_heartbeat);
            CREATE INDEX priority_execution_time_idx ON {schema}.scheduled_tasks (priority DESC, execution_time ASC);
            """;

    private final Bed bed;
    private final int threads;
    private volatile CountDownLatch left = new CountDownLatch(0);
    private final OneTimeTask<Void> task;
    private long number;

    private DbSchedulerDrain(Bed bed, int threads) {
        this.bed = bed;
        this.threads = threads;
        this.task = Tasks.oneTime("nothing").execute((instance, context) -> left.countDown());
        try {
            bed.execute(TABLE);
        } catch (SQLException e) {
            throw new IllegalStateException("the table of db-scheduler cannot be made", e);
        }
        after();
    }

    static Contender by(Bed bed, int threads) {
        return Contender.of(1, client -> new DbSchedulerDrain(bed, threads)).counting(Drain.TASKS);
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
        for (int i = 0; i < Drain.TASKS; i++) {
            instances.add(task.instance("task-" + ++number));
        }
        scheduler().scheduleBatch(instances, Instant.now());
    }
}
