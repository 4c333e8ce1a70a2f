package io.agentrun.benchmark.scenario.cost;

import io.agentrun.AgentRunStore;
import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Life;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.memory.InMemoryAgentRunStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Whole lives in the store on a file: left to the operating system by one caller, and synced by one and by callers who share syncs. */
public final class FileScenario implements Scenario {

    @Override
    public String key() {
        return "file";
    }

    @Override
    public String what() {
        return "whole lives in the store on a file, left to the system and synced";
    }

    @Override
    public void run(Lab lab) throws SQLException, IOException {
        Path folder = Files.createTempDirectory("agentrun-benchmark");
        try (AgentRunStore unsynced =
                        InMemoryAgentRunStore.builder().withoutSync().open(folder.resolve("unsynced"));
                AgentRunStore synced = InMemoryAgentRunStore.open(folder.resolve("synced"))) {
            lab.report(Result.of("file, left to the system: whole life of a run", 1, lives(lab, unsynced, 1)));
            for (int callers : lab.threads()) {
                lab.report(Result.of("file, synced: whole life of a run", callers, lives(lab, synced, callers)));
            }
        } finally {
            delete(folder);
        }
    }

    private static Series lives(Lab lab, AgentRunStore store, int callers) throws SQLException {
        Life life = new Life(store, "runner");
        Contender side = Contender.of(callers, i -> () -> {
            life.live();
            return true;
        });
        return Alternation.of(lab.pace(), List.of(side)).get(0);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
