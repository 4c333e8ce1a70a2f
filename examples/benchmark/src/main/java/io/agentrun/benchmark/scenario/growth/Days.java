package io.agentrun.benchmark.scenario.growth;

import io.agentrun.AgentRunStore;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.command.Acknowledgement;
import io.agentrun.lease.Fence;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.SessionRef;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * Days of a store, as short as their work: tasks with sessions are created, taken, worked on and ended, the store's clock goes on
 * by a hundredth of a day after each hundredth of the tasks, and meanwhile what has ended a day before is purged.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Days {

    private static final int PARTS = 100;
    private static final int WORKERS = 8;
    private static final int EVENTS = 5;
    private static final Duration DAY = Duration.ofDays(1);
    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    private final Bed bed;
    private final AgentRunStore store;
    private final int tasks;
    private int parts;

    /** Days with so many tasks each, at least a hundred. */
    Days(Bed bed, int tasks) {
        this.bed = bed;
        this.store = bed.store();
        this.tasks = tasks;
    }

    /** Lets a day go by. */
    void pass() throws SQLException {
        ExecutorService threads = Executors.newFixedThreadPool(WORKERS + 1);
        try {
            for (int part = 0; part < PARTS; part++) {
                create(tasks / PARTS);
                List<Future<?>> running = new ArrayList<>();
                running.add(threads.submit(this::purge));
                for (int i = 0; i < WORKERS; i++) {
                    String runner = "runner-" + i;
                    running.add(threads.submit(() -> work(runner)));
                }
                for (Future<?> each : running) {
                    each.get();
                }
                parts++;
                setClock(DAY.multipliedBy(parts).dividedBy(PARTS));
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a part of the day failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Makes the clock of the schema, a function, go before the server's. */
    private void setClock(Duration ahead) throws SQLException {
        bed.execute(
                "CREATE OR REPLACE FUNCTION {schema}.agentrun_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE"
                        + " AS 'SELECT statement_timestamp() + interval ''" + ahead.toSeconds() + " seconds'''");
    }

    private void create(int count) {
        List<NewQueueTask> some = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            some.add(NewQueueTask.builder(Given.OWNER, Given.QUEUE, "mend the defect", Given.SPEC)
                    .payload(Given.PROMPT)
                    .session(SessionRef.of(UUID.randomUUID().toString()))
                    .build());
        }
        store.queue().createAll(some);
    }

    private void work(String runner) {
        TakeRequest some =
                TakeRequest.by(runner, DispatchRequest.fromQueue(Given.QUEUE)).withN(20);
        for (List<Taken> taken = store.queue().take(some);
                !taken.isEmpty();
                taken = store.queue().take(some)) {
            store.commands().acknowledgeAll(taken.stream().map(Days::turn).toList());
            for (Taken each : taken) {
                Fence fence = each.lease().fence();
                store.events().append(fence, Collections.nCopies(EVENTS, Given.EVENT));
                store.runs().finishTurn(fence, each.turns().get(0).id(), DONE);
            }
        }
    }

    private static Acknowledgement turn(Taken taken) {
        return new Acknowledgement(taken.lease().fence(), taken.turns().get(0).id());
    }

    /** Runs first: a task with runs, and a session with a task, stay. */
    private void purge() {
        PurgeRequest old = PurgeRequest.olderThan(DAY);
        untilNone(() -> store.runs().purge(old));
        untilNone(() -> store.queue().purge(old));
        untilNone(() -> store.sessions().purge(old));
    }

    private static void untilNone(Supplier<PurgeResult> purge) {
        boolean more = true;
        while (more) {
            more = purge.get().more();
        }
    }
}
