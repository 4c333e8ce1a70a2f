package io.agentrun.tck.mutation;

import io.agentrun.tck.mutation.MutationTarget.TestClass;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Path;
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
import org.jspecify.annotations.Nullable;

/**
 * Applies the mutants of {@code src/test/mutants} one at a time, runs the tests that each names, up to the first failure, and prints
 * which were killed, by which test, and which survived. Before, the same tests run on the module as it is: what fails there kills
 * nothing.
 *
 * <p>All run in this one process: only what a mutant changes is compiled, and the module's classes and tests are loaded anew. System
 * properties: {@code mutants} is a regular expression for the names to run (all unless given), {@code mutants.baseline=false} leaves
 * the first run out, {@code mutants.work} is the folder for what is compiled ({@code target/mutation} unless given).
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class MutationProgram {

    private static final Path MUTANTS = Path.of("src", "test", "mutants");
    private static final String WORK = "target/mutation";
    private static final long MOST_MINUTES = 6;

    private final MutationTarget target;
    private final Path work = Path.of(System.getProperty("mutants.work", WORK));
    private final List<String> survivors = new ArrayList<>();
    private final List<String> unusable = new ArrayList<>();
    private final Map<String, String> equivalent = new LinkedHashMap<>();
    private int killed;

    private MutationProgram(MutationTarget target) {
        this.target = target;
    }

    /**
     * Runs the mutants of the module in whose folder the process was started, and prints what became of each.
     *
     * @return 0, or 1 if a mutant survived that is not listed as equivalent, or one could not be applied
     * @throws IOException when source or mutants cannot be read, or the copies not be written
     * @throws IllegalStateException when a test fails without a mutant
     */
    public static int run(MutationTarget target) throws IOException {
        Pattern only = Pattern.compile(System.getProperty("mutants", ""));
        List<Mutant> mutants = Mutant.readAll(MUTANTS).stream()
                .filter(mutant -> only.matcher(mutant.name()).find())
                .toList();
        MutationProgram program = new MutationProgram(target);
        if (!"false".equals(System.getProperty("mutants.baseline"))) {
            program.baseline(mutants);
        }
        for (int i = 0; i < mutants.size(); i++) {
            System.out.printf("[%d of %d] ", i + 1, mutants.size());
            program.run(mutants.get(i));
        }
        program.report();
        return program.survivors.isEmpty() && program.unusable.isEmpty() ? 0 : 1;
    }

    private void baseline(List<Mutant> mutants) throws IOException {
        List<Mutant> all =
                mutants.stream().filter(mutant -> mutant.equivalent() == null).toList();
        if (!all.isEmpty()) {
            TestRun.Result result = test(null, all);
            if (result.killedBy() != null) {
                throw new IllegalStateException("without a mutant: " + result.killedBy());
            }
            System.out.println("without a mutant: " + result.tests() + " tests are green");
        }
    }

    private void run(Mutant mutant) throws IOException {
        if (mutant.equivalent() != null) {
            equivalent.put(mutant.name(), mutant.equivalent());
            System.out.println("equivalent: " + mutant.name());
            return;
        }
        long start = System.nanoTime();
        TestRun.Result result;
        try {
            result = test(mutant, List.of(mutant));
        } catch (UnusableException e) {
            unusable.add(mutant.name() + ": " + e.getMessage());
            System.out.println("UNUSABLE: " + mutant.name() + ": " + e.getMessage());
            return;
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
        if (result.killedBy() == null) {
            survivors.add(mutant.name());
            System.out.printf("SURVIVED: %s (%d tests, %d s)%n", mutant.name(), result.tests(), seconds);
        } else {
            killed++;
            System.out.printf("killed: %s (%d s)%n    by %s%n", mutant.name(), seconds, result.killedBy());
        }
    }

    /** Says that a mutant does not fit the source any more. */
    private static final class UnusableException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private UnusableException(IllegalStateException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private MutatedModule module(@Nullable Mutant mutant) throws IOException {
        try {
            return MutatedModule.of(target.rootPackage(), mutant, work);
        } catch (IllegalStateException e) {
            throw new UnusableException(e);
        }
    }

    /** Runs the tests that the mutants name, on a thread of its own: a mutant that never ends is given up and counts as killed. */
    private TestRun.Result test(@Nullable Mutant applied, List<Mutant> naming) throws IOException {
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread daemon = new Thread(task, "mutant");
            daemon.setDaemon(true);
            return daemon;
        });
        try (URLClassLoader loader = module(applied).loader()) {
            try {
                Set<TestClass> tests = new LinkedHashSet<>();
                for (Mutant mutant : naming) {
                    tests.addAll(target.tests(mutant, loader));
                }
                Future<TestRun.Result> result = thread.submit(() -> {
                    Thread.currentThread().setContextClassLoader(loader);
                    return TestRun.of(List.copyOf(tests));
                });
                return await(result, applied != null);
            } finally {
                thread.shutdownNow();
                target.afterTests(loader);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the module's tests cannot be loaded", e);
        } finally {
            thread.shutdownNow();
        }
    }

    private static TestRun.Result await(Future<TestRun.Result> result, boolean mayHang) {
        try {
            return mayHang ? result.get(MOST_MINUTES, TimeUnit.MINUTES) : result.get();
        } catch (TimeoutException e) {
            return new TestRun.Result("it did not end within " + MOST_MINUTES + " minutes", 0);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the tests did not run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
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
