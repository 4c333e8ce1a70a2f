package io.agentrun.benchmark.scenario.stream;

import io.agentrun.AgentRunStore;
import io.agentrun.benchmark.measure.Latencies;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.worker.stream.EventTail;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How soon 1,000 subscribers of 100 runs have an event, from the call that appends it, the commit included, while 5,000 events a second
 * come. Each of them must get all events of its run in order.
 */
public final class TailScenario implements Scenario {

    private static final int RUNS = 100;
    private static final int READERS = 10;
    private static final int WRITERS = 10;

    /** Each run gets so many events at a time, and that ten times a second. */
    private static final int BATCH = 5;

    private static final long PERIOD_MILLIS = 100;

    @Override
    public String key() {
        return "tail";
    }

    @Override
    public String what() {
        return "from an append to each of 1,000 subscribers of 100 runs, 5,000 events a second";
    }

    @Override
    public void run(Lab lab) throws Exception {
        try (Bed bed = lab.bed()) {
            // Once, so that what is made for the first subscribers is there before.
            stream(bed.store(), lab.pace().slice().toMillis() * 5);
            long millis = lab.pace().slice().toMillis() * 10;
            Streamed streamed = stream(bed.store(), millis);
            List<TailReader> readers = streamed.readers();
            Latencies latencies = new Latencies();
            double events = 0;
            for (TailReader reader : readers) {
                latencies.addAll(reader.latencies());
                events += reader.latencies().size();
            }
            lab.report(Result.ofTimes(Names.TAIL, readers.size(), new Series(List.of(), latencies)));
            lab.report(Result.ofRate(Names.TAIL_RATE, readers.size(), events / READERS / streamed.seconds()));
        }
    }

    /** What the readers got of events that were appended in so many seconds. */
    private record Streamed(List<TailReader> readers, double seconds) {}

    private static Streamed stream(AgentRunStore store, long millis) throws Exception {
        List<Fence> runs = Given.leased(store, RUNS);
        CountDownLatch open = new CountDownLatch(RUNS * READERS);
        List<TailReader> readers = new ArrayList<>();
        double seconds;
        try (EventTail tail = EventTail.of(store.events())) {
            for (Fence run : runs) {
                for (int i = 0; i < READERS; i++) {
                    TailReader reader = new TailReader(open);
                    readers.add(reader);
                    tail.from(run.runId(), 0).subscribe(reader);
                }
            }
            long begin = System.nanoTime();
            append(store, runs, millis);
            seconds = (System.nanoTime() - begin) / 1e9;
            runs.forEach(run -> store.runs().finish(run, TurnResult.of(Outcome.completed())));
            if (!open.await(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("a subscriber was not told the end");
            }
        }
        for (int i = 0; i < readers.size(); i++) {
            readers.get(i).check(last(store, runs.get(i / READERS)));
        }
        return new Streamed(readers, seconds);
    }

    private static long last(AgentRunStore store, Fence run) {
        long last = 0;
        boolean ended = false;
        while (!ended) {
            EventPage page = store.events().list(run.runId(), last, 500);
            last = page.nextAfterSeq();
            ended = page.ended();
        }
        return last;
    }

    private static void append(AgentRunStore store, List<Fence> runs, long millis) throws InterruptedException {
        ScheduledExecutorService agents = Executors.newScheduledThreadPool(WRITERS);
        AtomicLong left = new AtomicLong(millis / PERIOD_MILLIS * RUNS);
        List<Future<?>> ticks = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            Fence run = runs.get(i);
            long offset = i * PERIOD_MILLIS * 1_000 / RUNS;
            ticks.add(agents.scheduleAtFixedRate(
                    () -> {
                        if (left.getAndDecrement() > 0) {
                            store.events().append(run, Collections.nCopies(BATCH, event()));
                        }
                    },
                    offset,
                    PERIOD_MILLIS * 1_000,
                    TimeUnit.MICROSECONDS));
        }
        while (left.get() > 0 && ticks.stream().noneMatch(Future::isDone)) {
            Thread.sleep(PERIOD_MILLIS);
        }
        agents.shutdown();
        if (!agents.awaitTermination(1, TimeUnit.MINUTES) || left.get() > 0) {
            throw new IllegalStateException("events could not be appended");
        }
    }

    private static NewEvent event() {
        return new NewEvent(
                EventType.COMMAND_OUTPUT,
                JsonObject.of("text", "a line of output of the agent", TailReader.AT, System.nanoTime()));
    }
}
