package io.agentrun.tck.suite;

import io.agentrun.rules.Rule;
import io.agentrun.tck.Proves;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Counts what the suites of an adapter do, and says so when the last of them is done: tests, time, suites, rules, and what
 * the fixture declared.
 *
 * <p>It comes with {@link ConformanceSuite} and touches no other test of the host. Thread-safe.
 */
final class KitReport implements BeforeAllCallback, TestWatcher {

    /** The configuration parameter that keeps the report back if it says {@code false}. */
    private static final String SWITCH = "agentrun.tck.report";

    private static final Namespace NAMESPACE = Namespace.create(KitReport.class);

    KitReport() {}

    @Override
    public void beforeAll(ExtensionContext suite) {
        Store store = suite.getParent().orElse(suite).getStore(NAMESPACE);
        Tally tally = store.get(Tally.class, Tally.class);
        if (tally == null) {
            boolean silent = suite.getConfigurationParameter(SWITCH)
                    .filter("false"::equals)
                    .isPresent();
            tally = new Tally(silent);
            store.put(Tally.class, tally);
        }
        tally.suite(suite.getDisplayName());
    }

    @Override
    public void testSuccessful(ExtensionContext test) {
        tally(test).ifPresent(tally -> tally.passed(suite(test), rules(test)));
    }

    @Override
    public void testFailed(ExtensionContext test, @Nullable Throwable cause) {
        tally(test).ifPresent(tally -> tally.notPassed(suite(test)));
    }

    @Override
    public void testAborted(ExtensionContext test, @Nullable Throwable cause) {
        tally(test).ifPresent(tally -> tally.notPassed(suite(test)));
    }

    @Override
    public void testDisabled(ExtensionContext test, Optional<String> reason) {
        tally(test).ifPresent(tally -> tally.notPassed(suite(test)));
    }

    private static Optional<Tally> tally(ExtensionContext test) {
        return Optional.ofNullable(test.getStore(NAMESPACE).get(Tally.class, Tally.class));
    }

    private static Optional<ConformanceSuite> suite(ExtensionContext test) {
        return test.getTestInstance().filter(ConformanceSuite.class::isInstance).map(ConformanceSuite.class::cast);
    }

    private static Set<Rule> rules(ExtensionContext test) {
        return test.getTestMethod()
                .map(method -> method.getAnnotation(Proves.class))
                .map(proves -> Set.of(proves.value()))
                .orElse(Set.of());
    }

    /** What one adapter's class has come to; JUnit closes it after the last suite. */
    private static final class Tally implements AutoCloseable {

        private final Object lock = new Object();
        private final boolean silent;
        private final long start = System.nanoTime();
        private final Set<String> suites = new TreeSet<>();
        private final Set<String> declarations = new TreeSet<>();
        private final Set<Rule> proved = EnumSet.noneOf(Rule.class);
        private String store = "";
        private int passed;
        private int notPassed;

        private Tally(boolean silent) {
            this.silent = silent;
        }

        private void suite(String name) {
            synchronized (lock) {
                suites.add(name);
            }
        }

        private void passed(Optional<ConformanceSuite> by, Set<Rule> rules) {
            synchronized (lock) {
                by.ifPresent(this::note);
                passed++;
                proved.addAll(rules);
            }
        }

        private void notPassed(Optional<ConformanceSuite> by) {
            synchronized (lock) {
                by.ifPresent(this::note);
                notPassed++;
            }
        }

        private void note(ConformanceSuite suite) {
            if (!suite.storeName().isEmpty()) {
                store = suite.storeName();
            }
            declarations.addAll(suite.declarations());
        }

        @Override
        public void close() {
            synchronized (lock) {
                if (!silent) {
                    System.out.println(text());
                }
            }
        }

        private String text() {
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
            Set<Rule> open = EnumSet.allOf(Rule.class);
            open.removeAll(proved);
            String rest = open.isEmpty()
                    ? ""
                    : ", not proved: " + open.stream().map(Rule::number).collect(Collectors.joining(", "));
            return String.format(
                    """
                    agentrun conformance of %s
                      tests: %d passed, %d did not, in %d s
                      suites: %d of %d
                      rules: %d of %d proved%s
                      declarations: %s""",
                    store,
                    passed,
                    notPassed,
                    seconds,
                    suites.size(),
                    Suites.all().size(),
                    proved.size(),
                    Rule.values().length,
                    rest,
                    declarations.isEmpty() ? "none" : String.join("; ", declarations));
        }
    }
}
