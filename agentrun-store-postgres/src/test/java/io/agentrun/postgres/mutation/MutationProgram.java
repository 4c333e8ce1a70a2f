package io.agentrun.postgres.mutation;

import io.agentrun.postgres.testing.TestServer;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Applies the mutants of {@code src/test/mutants} one at a time to a copy of the module, runs the suites of the conformance kit
 * that each names, up to the first failure, and prints which were killed, by which test, and which survived. Before, the suites
 * run on the module as it is: what fails there kills nothing.
 *
 * <p>All run in this one process, on one PostgreSQL server: the copy and the module's tests are loaded anew for each mutant. System
 * properties: {@code mutants} is a regular expression for the names to run (all unless given), {@code mutants.baseline=false} leaves
 * the first run out. Ends with status 1 if a mutant survived that is not listed as equivalent.
 */
public final class MutationProgram {

    private static final Path MUTANTS = Path.of("src", "test", "mutants");
    private static final Path WORK = Path.of("target", "mutation");
    private static final long MOST_MINUTES = 6;

    private final Path work;
    private final List<String> survivors = new ArrayList<>();
    private final List<String> unusable = new ArrayList<>();
    private final Map<String, String> equivalent = new LinkedHashMap<>();
    private int killed;

    private MutationProgram(Path work) {
        this.work = work;
    }

    /** Runs the program. */
    public static void main(String[] args) throws IOException, SQLException {
        Pattern only = Pattern.compile(System.getProperty("mutants", ""));
        List<Mutant> mutants = Mutant.readAll(MUTANTS).stream()
                .filter(mutant -> only.matcher(mutant.name()).find())
                .toList();
        System.setProperty("agentrun.test.jdbc-url", TestServer.url("postgres"));
        MutationProgram program = new MutationProgram(Path.of(System.getProperty("mutants.work", WORK.toString())));
        if (!"false".equals(System.getProperty("mutants.baseline"))) {
            program.baseline(mutants);
        }
        for (int i = 0; i < mutants.size(); i++) {
            System.out.printf("[%d of %d] ", i + 1, mutants.size());
            program.run(mutants.get(i));
        }
        program.report();
        System.exit(program.survivors.isEmpty() ? 0 : 1);
    }

    private void baseline(List<Mutant> mutants) throws IOException, SQLException {
        for (boolean plain : new boolean[] {false, true}) {
            Set<String> suites = new LinkedHashSet<>();
            mutants.stream()
                    .filter(mutant -> mutant.plain() == plain && mutant.equivalent() == null)
                    .forEach(mutant -> suites.addAll(mutant.suites()));
            if (!suites.isEmpty()) {
                KitRun.Result result = kit(MutatedModule.of(null, work), plain, List.copyOf(suites));
                if (result.killedBy() != null) {
                    throw new IllegalStateException("without a mutant: " + result.killedBy());
                }
                System.out.println("without a mutant: " + result.tests() + " tests are green");
            }
        }
    }

    private void run(Mutant mutant) throws IOException, SQLException {
        if (mutant.equivalent() != null) {
            equivalent.put(mutant.name(), mutant.equivalent());
            System.out.println("equivalent: " + mutant.name());
            return;
        }
        long start = System.nanoTime();
        MutatedModule module;
        try {
            module = MutatedModule.of(mutant, work);
        } catch (IllegalStateException e) {
            unusable.add(mutant.name() + ": " + e.getMessage());
            System.out.println("UNUSABLE: " + mutant.name() + ": " + e.getMessage());
            return;
        }
        KitRun.Result result = kit(module, mutant.plain(), mutant.suites());
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
        if (result.killedBy() == null) {
            survivors.add(mutant.name());
            System.out.printf("SURVIVED: %s (%d tests, %d s)%n", mutant.name(), result.tests(), seconds);
        } else {
            killed++;
            System.out.printf("killed: %s (%d s)%n    by %s%n", mutant.name(), seconds, result.killedBy());
        }
    }

    /** On a thread of its own, so that a mutant that never ends is given up: it counts as killed. */
    private static KitRun.Result kit(MutatedModule module, boolean plain, List<String> suites)
            throws IOException, SQLException {
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread daemon = new Thread(task, "mutant");
            daemon.setDaemon(true);
            return daemon;
        });
        try (URLClassLoader loader = module.loader()) {
            String adapter = plain ? "PostgresWithoutShortcutsConformanceTest" : "PostgresConformanceTest";
            Class<?> type = loader.loadClass("io.agentrun.postgres." + adapter);
            Future<KitRun.Result> result = thread.submit(() -> {
                Thread.currentThread().setContextClassLoader(loader);
                return KitRun.of(type, suites);
            });
            KitRun.Result found = await(result);
            loader.loadClass("io.agentrun.postgres.testing.PostgresFixture")
                    .getMethod("closeFree")
                    .invoke(null);
            return found;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the module's tests cannot be loaded", e);
        } finally {
            thread.shutdownNow();
            dropDatabases();
        }
    }

    private static KitRun.Result await(Future<KitRun.Result> result) {
        try {
            return result.get(MOST_MINUTES, TimeUnit.MINUTES);
        } catch (TimeoutException e) {
            return new KitRun.Result("it did not end within " + MOST_MINUTES + " minutes", 0);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the kit did not run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Drops what the fixtures of one mutant have left, and ends its connections. */
    private static void dropDatabases() throws SQLException {
        try (Connection connection = TestServer.connect("postgres");
                Statement statement = connection.createStatement()) {
            List<String> names = new ArrayList<>();
            try (ResultSet rows =
                    statement.executeQuery("SELECT datname FROM pg_database WHERE datname LIKE 'agentrun\\_%'")) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            for (String name : names) {
                statement.execute("DROP DATABASE IF EXISTS \"" + name + "\" WITH (FORCE)");
            }
        }
    }

    private void report() {
        int run = killed + survivors.size();
        System.out.printf(
                "%nkilled %d of %d (%.1f %%), equivalent %d, unusable %d%n",
                killed, run, run == 0 ? 100.0 : 100.0 * killed / run, equivalent.size(), unusable.size());
        print("survived", survivors);
        print("unusable", unusable);
        equivalent.forEach((name, why) -> System.out.println("  equivalent: " + name + ": " + why));
    }

    private static void print(String title, List<String> lines) {
        lines.forEach(line -> System.out.println("  " + title + ": " + line));
    }
}
