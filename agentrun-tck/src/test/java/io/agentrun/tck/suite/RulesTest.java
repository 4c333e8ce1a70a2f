package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.rules.Rule;
import io.agentrun.tck.Proves;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Holds the suites against the rules. */
class RulesTest {

    private static List<Method> tests() {
        return Suites.all().stream()
                .flatMap(suite -> Arrays.stream(suite.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(Test.class))
                .toList();
    }

    /** The random scripts touch every rule, so that they count for none here. */
    @Test
    void every_rule_has_a_test_of_its_own() {
        Set<Rule> without = EnumSet.allOf(Rule.class);
        tests().stream()
                .filter(method -> method.getDeclaringClass() != DifferentialSuite.class)
                .map(method -> method.getAnnotation(Proves.class))
                .filter(proves -> proves != null)
                .forEach(proves -> List.of(proves.value()).forEach(without::remove));

        assertThat(without).as("rules without a test").isEmpty();
    }

    @Test
    void every_test_names_its_rules() {
        List<String> without = tests().stream()
                .filter(method -> !method.isAnnotationPresent(Proves.class)
                        || method.getAnnotation(Proves.class).value().length == 0)
                .map(method -> method.getDeclaringClass().getSimpleName() + "." + method.getName())
                .toList();

        assertThat(without).as("tests without a rule").isEmpty();
    }
}
