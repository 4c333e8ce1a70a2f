package io.agentrun.benchmark.scenario.stream;

import io.agentrun.benchmark.measure.Median;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.worker.stream.EventWriter;
import io.agentrun.worker.time.ThreadScheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How many lines of output event writers bring into the store: each writes lines as fast as it may, and then flushes. */
public final class WriterScenario implements Scenario {

    private static final int LINES = 60_000;
    private static final String LINE = Given.EVENT.payload().string("text").orElseThrow();

    @Override
    public String key() {
        return "writer";
    }

    @Override
    public String what() {
        return "lines a second through one and eight event writers, until they are durable";
    }

    @Override
    public void run(Lab lab) throws Exception {
        try (Bed bed = lab.bed();
                ThreadScheduler scheduler = ThreadScheduler.ofThreads(8)) {
            for (int writers : List.of(1, 8)) {
                write(bed, scheduler, writers);
                List<Double> perSecond = new ArrayList<>();
                for (int round = 0; round < lab.pace().rounds(); round++) {
                    perSecond.add(write(bed, scheduler, writers));
                }
                lab.report(Result.ofRate(Names.WRITER, writers, Median.of(perSecond)));
            }
        }
    }

    private static double write(Bed bed, ThreadScheduler scheduler, int writers) throws Exception {
        ExecutorService agents = Executors.newFixedThreadPool(writers);
        try {
            List<EventWriter> open = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                open.add(EventWriter.builder(bed.store().events(), Given.leased(bed.store()))
                        .scheduler(scheduler)
                        .build());
            }
            long begin = System.nanoTime();
            List<Future<?>> done = new ArrayList<>();
            for (EventWriter writer : open) {
                done.add(agents.submit(() -> {
                    for (int i = 0; i < LINES / writers; i++) {
                        writer.line(LINE);
                    }
                    writer.flush();
                    return null;
                }));
            }
            for (Future<?> one : done) {
                one.get();
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            open.forEach(EventWriter::close);
            return LINES / seconds;
        } finally {
            agents.shutdownNow();
        }
    }
}
