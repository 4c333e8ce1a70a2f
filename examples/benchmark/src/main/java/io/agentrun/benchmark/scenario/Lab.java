package io.agentrun.benchmark.scenario;

import io.agentrun.benchmark.measure.Pace;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.postgres.Server;
import io.agentrun.benchmark.report.Result;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the scenarios share: the server, which is started when the first of them needs it, and the lines so far.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Lab implements AutoCloseable {

    private final Pace pace;
    private final List<Integer> threads;
    private final int pool;
    private final int day;
    private final Supplier<Server> start;
    private final Consumer<Result> progress;
    private final List<Result> results = new ArrayList<>();
    private @Nullable Server server;

    /** A lab without results; the server comes from {@code start}, and each line is told to {@code progress}. */
    public Lab(Pace pace, List<Integer> threads, int pool, int day, Supplier<Server> start, Consumer<Result> progress) {
        this.pace = pace;
        this.threads = List.copyOf(threads);
        this.pool = pool;
        this.day = day;
        this.start = start;
        this.progress = progress;
    }

    /** A store in a new schema. */
    public Bed bed() {
        return new Bed(server(), pool);
    }

    private Server server() {
        Server there = server;
        if (there == null) {
            there = start.get();
            server = there;
        }
        return there;
    }

    /** How long is measured. */
    public Pace pace() {
        return pace;
    }

    /** With how many callers at once. */
    public List<Integer> threads() {
        return threads;
    }

    /** How many tasks a day has. */
    public int day() {
        return day;
    }

    /** Adds a line. */
    public void report(Result result) {
        results.add(result);
        progress.accept(result);
    }

    /** The lines so far. */
    public List<Result> results() {
        return List.copyOf(results);
    }

    @Override
    public void close() throws IOException {
        if (server != null) {
            server.close();
        }
    }
}
