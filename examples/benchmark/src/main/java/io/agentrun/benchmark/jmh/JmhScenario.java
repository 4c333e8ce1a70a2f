package io.agentrun.benchmark.jmh;

import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import java.io.File;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What JMH measures, each in a JVM of its own, on one thread. */
public final class JmhScenario implements Scenario {

    private static final String CLASS_PATH = "java.class.path";

    /** Room for what an iteration makes, so that what the store keeps is not copied about while it is measured. */
    private static final String[] HEAP = {"-Xms2g", "-Xmx2g", "-Xmn1400m"};

    private static final Map<String, String> LINES = Map.of(
            "MemoryBenchmark.life", Names.MEMORY_LIFE,
            "MemoryBenchmark.append", "memory: append 1 event",
            "MemoryBenchmark.createAndClaim", "memory: create a run and claim it",
            "PureBenchmark.parse", "pure: JSON to its canonical form",
            "PureBenchmark.hash", "pure: content hash",
            "PureBenchmark.redact", "pure: redaction",
            "PureBenchmark.heartbeatRule", "pure: the rule of a heartbeat");

    @Override
    public String key() {
        return "jmh";
    }

    @Override
    public String what() {
        return "the store in memory and the pure functions, by JMH";
    }

    @Override
    public void run(Lab lab) throws RunnerException, URISyntaxException {
        String before = System.getProperty(CLASS_PATH);
        System.setProperty(CLASS_PATH, classPath(before));
        try {
            for (RunResult result : new Runner(options(lab)).run()) {
                String name = result.getParams().getBenchmark();
                String line = LINES.get(name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1));
                if (line == null) {
                    throw new IllegalStateException("no line is for " + name);
                }
                lab.report(Result.ofRate(line, 1, result.getPrimaryResult().getScore()));
            }
        } finally {
            System.setProperty(CLASS_PATH, before);
        }
    }

    private static Options options(Lab lab) {
        TimeValue slice = TimeValue.milliseconds(lab.pace().slice().toMillis());
        return new OptionsBuilder()
                .include("io\\.agentrun\\.benchmark\\.jmh\\..*")
                .mode(Mode.Throughput)
                .timeUnit(TimeUnit.SECONDS)
                .forks(1)
                .threads(1)
                .warmupIterations(4)
                .warmupTime(slice)
                .measurementIterations(lab.pace().rounds() + 1)
                .measurementTime(slice)
                .jvmArgs(HEAP)
                .shouldDoGC(true)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();
    }

    /** JMH starts its JVMs with this JVM's class path, which is Maven's where Maven runs this program. */
    private static String classPath(String otherwise) throws URISyntaxException {
        if (!(JmhScenario.class.getClassLoader() instanceof URLClassLoader loader)) {
            return otherwise;
        }
        List<String> paths = new ArrayList<>();
        for (URL url : loader.getURLs()) {
            paths.add(Path.of(url.toURI()).toString());
        }
        return String.join(File.pathSeparator, paths);
    }
}
