package io.agentrun.tck.sabotage;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.tck.suite.StoreConformance;
import io.agentrun.tck.suite.Suites;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * The guide's commands for one suite and for one test select just these. Surefire finds the adapter's class by the first
 * pattern, discovers all tests of it, and keeps those whose declaring class and method fit one of the patterns.
 */
class SelectionTest {

    private static final Pattern COMMAND =
            Pattern.compile("mvn test -Dtest='MyConformanceTest,(StoreConformance\\$\\w+)#(\\S+)'");

    @Test
    void a_nested_class_is_named_like_its_suite() {
        assertThat(Suites.nestedIn(StoreConformance.class).stream().map(nested -> nested.getSimpleName() + "Suite"))
                .containsExactlyInAnyOrderElementsOf(
                        Suites.all().stream().map(Class::getSimpleName).toList());
    }

    @Test
    void the_commands_of_the_guide_select_one_suite_and_one_test() throws IOException {
        List<List<String>> commands = commands();
        assertThat(commands).hasSize(2);

        Set<String> suite = selected(commands.get(0));
        Set<String> test = selected(commands.get(1));

        assertThat(suite).hasSizeGreaterThan(5).allMatch(name -> name.startsWith("Lease#"));
        assertThat(test).containsExactly("Lease#" + commands.get(1).get(1));
    }

    private static List<List<String>> commands() throws IOException {
        Matcher matcher = COMMAND.matcher(Files.readString(Path.of("..", "docs", "writing-a-store.md")));
        return matcher.results()
                .map(found -> List.of(found.group(1), found.group(2)))
                .toList();
    }

    /** The tests that Surefire's filter leaves. */
    private static Set<String> selected(List<String> pattern) {
        PostDiscoveryFilter surefire = test -> FilterResult.includedIf(test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(MethodSource.class::cast)
                .map(source -> source.getClassName().endsWith("." + pattern.get(0))
                        && (pattern.get(1).equals("*") || source.getMethodName().equals(pattern.get(1))))
                .orElse(true));
        TestPlan plan = LauncherFactory.create()
                .discover(LauncherDiscoveryRequestBuilder.request()
                        .selectors(DiscoverySelectors.selectClass(KitOnTrial.class))
                        .filters(surefire)
                        .build());
        Set<String> selected = new TreeSet<>();
        plan.getRoots()
                .forEach(root -> plan.getDescendants(root).stream()
                        .flatMap(test -> test.getSource().stream())
                        .filter(MethodSource.class::isInstance)
                        .map(MethodSource.class::cast)
                        .map(source -> source.getJavaClass().getSimpleName() + "#" + source.getMethodName())
                        .forEach(selected::add));
        return selected;
    }
}
