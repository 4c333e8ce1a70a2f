package io.agentrun.rules;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RuleTest {

    @Test
    void each_rule_has_a_number_and_says_itself_in_a_sentence() {
        assertThat(Rule.L_4.number()).isEqualTo("L-4");
        assertThat(Rule.values()).allSatisfy(rule -> {
            assertThat(rule.number()).matches("[A-Z]-[0-9]{1,2}");
            assertThat(rule.sentence()).endsWith(".").hasSizeGreaterThan(20);
        });
        assertThat(Rule.values()).extracting(Rule::sentence).doesNotHaveDuplicates();
    }
}
