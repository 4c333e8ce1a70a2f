package io.agentrun.tck.sabotage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.json.Redactor;
import io.agentrun.rules.Rule;
import io.agentrun.tck.script.Differential;
import io.agentrun.tck.script.Script;
import io.agentrun.tck.suite.Suites;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The kit fails on every store that is broken in one way, and passes the same store when it is not. */
class KitCatchesTest {

    /** It asks the values that every store is given, and no store. */
    private static final String VALUES_ONLY = "JsonSuite.what_no_database_could_keep_never_becomes_an_object";

    private static final Defect NONE = (store, clock) -> {};

    @TestFactory
    Stream<DynamicTest> a_broken_store_is_caught() {
        return Stream.of(
                        Sabotages.ALL,
                        InputSabotages.ALL,
                        PageSabotage.ALL,
                        BoundarySabotages.ALL,
                        WorkerSabotages.ALL,
                        InspectSabotages.ALL,
                        UnclaimedSabotages.ALL,
                        LimitSabotages.ALL,
                        QuestionSabotages.ALL,
                        ParkSabotages.ALL,
                        HistorySabotages.ALL,
                        TaskBatchSabotages.ALL,
                        TaskCareSabotages.ALL,
                        DeadlineSabotages.ALL,
                        ScheduleSabotages.ALL,
                        OutageSabotages.ALL,
                        ViewSabotages.ALL)
                .flatMap(List::stream)
                .map(sabotage -> DynamicTest.dynamicTest(sabotage.what(), () -> {
                    KitRun run = KitRun.of(sabotage.suites(), sabotage.fixtures());

                    Set<Rule> found = EnumSet.copyOf(sabotage.breaks());
                    found.retainAll(run.broken());
                    System.out.println(sabotage.what() + ": " + run.failed().keySet());
                    assertThat(found)
                            .as(
                                    "%s: none of the rules %s was found broken; failed: %s",
                                    sabotage, sabotage.breaks(), run.failed())
                            .isNotEmpty();
                }));
    }

    @Test
    void the_whole_store_passes_what_the_broken_ones_fail() {
        KitRun run = KitRun.of(Suites.all(), () -> new BrokenFixture(NONE, Redactor.standard()));

        assertThat(run.failed()).isEmpty();
        assertThat(run.passed()).hasSizeGreaterThan(400);
        assertThat(run.skipped()).isEmpty();
    }

    @Test
    void a_store_that_does_nothing_passes_no_test() {
        KitRun run = KitRun.of(Suites.all(), EmptyFixture::new);

        assertThat(run.passed()).containsOnly(VALUES_ONLY);
        assertThat(run.failed()).hasSizeGreaterThan(400);
    }

    @Test
    void random_scripts_find_what_is_broken_and_print_the_shortest_script_on_which_it_is() {
        Defect defect = FenceSabotage::append;

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> {
                    for (int seed = 1; seed <= 40; seed++) {
                        Differential.check(
                                Script.random(seed, 150), () -> new BrokenFixture(defect, Redactor.standard()));
                    }
                })
                .satisfies(error -> assertThat(error.getMessage().lines())
                        .hasSizeLessThan(16)
                        .anyMatch(line -> line.contains("-Dagentrun.tck.seed="))
                        .anyMatch(line -> line.contains("append to"))
                        .anyMatch(line -> line.contains("reference: {\"thrown\"")));
    }
}
