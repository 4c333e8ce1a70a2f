package io.agentrun.tck.sabotage;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.json.Redactor;
import io.agentrun.rules.Rule;
import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.suite.ConformanceSuite;
import io.agentrun.tck.suite.MomentSuite;
import io.agentrun.tck.suite.RunListSuite;
import io.agentrun.tck.suite.Suites;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What the kit says when it is done. */
class KitReportTest {

    private static final List<Class<? extends ConformanceSuite>> TWO = List.of(RunListSuite.class, MomentSuite.class);

    @Test
    void the_report_tells_tests_time_suites_rules_and_declarations() {
        String report = printed(Map.of(), KitReportTest::whole);

        assertThat(report.lines()).hasSize(5);
        assertThat(report)
                .contains("agentrun conformance of broken\n")
                .containsPattern("tests: [1-9][0-9]* passed, 0 did not, in [0-9]+ s\n")
                .contains("suites: 2 of " + Suites.all().size() + "\n")
                .containsPattern("rules: [0-9]{1,2} of " + Rule.values().length + " proved, not proved: .*Q-1, ")
                .contains("declarations: none\n");
    }

    @Test
    void a_declaration_is_repeated_once_and_leaves_nothing_out() {
        String report = printed(Map.of(), () -> new Declared(whole()));

        assertThat(report)
                .contains("declarations: its time passes by itself\n")
                .contains("suites: 2 of " + Suites.all().size() + "\n");
    }

    @Test
    void failed_tests_are_counted_and_prove_nothing() {
        String report = printed(Map.of(), EmptyFixture::new);

        assertThat(report)
                .containsPattern("tests: 0 passed, [1-9][0-9]* did not")
                .contains("rules: 0 of " + Rule.values().length + " proved");
    }

    @Test
    void a_parameter_keeps_the_report_back() {
        assertThat(printed(Map.of("agentrun.tck.report", "false"), KitReportTest::whole))
                .isEmpty();
    }

    private static StoreFixture whole() {
        return new BrokenFixture((store, clock) -> {}, Redactor.standard());
    }

    private static String printed(Map<String, String> parameters, Supplier<StoreFixture> fixtures) {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            KitRun.of(TWO, fixtures, parameters);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    private record Declared(StoreFixture whole) implements StoreFixture {
        @Override
        public String name() {
            return whole.name();
        }

        @Override
        public AgentRunStore store() {
            return whole.store();
        }

        @Override
        public AgentRunStore second() {
            return whole.second();
        }

        @Override
        public void advance(Duration by) {
            whole.advance(by);
        }

        @Override
        public List<String> declarations() {
            return List.of("its time passes by itself");
        }

        @Override
        public void close() {
            whole.close();
        }
    }
}
