package io.agentrun.postgres.soak;

import io.agentrun.postgres.testing.ServerPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One of the processes, through all its deaths: each time it begins anew it has another name and another journal.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class SoakChild {

    private static final int PATIENCE_SECONDS = 120;

    private final String url;
    private final Path directory;
    private final String name;
    private final long seed;
    private final List<Path> journals = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private Process process;

    SoakChild(String url, Path directory, String name, long seed) throws IOException {
        this.url = url;
        this.directory = directory;
        this.name = name;
        this.seed = seed;
        this.process = begin();
    }

    private Process begin() throws IOException {
        int life = journals.size() + 1;
        String own = name + life;
        Path journal = directory.resolve(own + ".journal");
        journals.add(journal);
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx192m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SoakProcess.class.getName(),
                        url,
                        own,
                        journal.toString(),
                        String.valueOf(seed + 1_000L * life))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(own + ".out").toFile())
                .start();
    }

    /** Returns when the process has written down something since it began. */
    void awaitWork() {
        Path journal = journals.get(journals.size() - 1);
        ServerPair.until(() -> !process.isAlive() || journal.toFile().length() > 0);
    }

    /** Kills it, and begins it anew. */
    void kill() throws IOException, InterruptedException {
        if (!process.isAlive()) {
            faults.add("process " + journals.get(journals.size() - 1) + " ended by itself with " + process.exitValue());
        }
        process.destroyForcibly().waitFor();
        process = begin();
    }

    /** Tells it that the soak is over, and waits for its end. */
    void stop() throws IOException, InterruptedException {
        if (process.isAlive()) {
            process.getOutputStream().close();
        }
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            faults.add("process " + journals.get(journals.size() - 1) + " does not stop");
            process.destroyForcibly().waitFor();
        } else if (process.exitValue() != 0) {
            faults.add("process " + journals.get(journals.size() - 1) + " ended with " + process.exitValue());
        }
    }

    List<Path> journals() {
        return journals;
    }

    List<String> faults() {
        return faults;
    }
}
