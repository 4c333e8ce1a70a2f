package io.agentrun.redact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.InvalidInputException;
import io.agentrun.redact.internal.LinearPattern;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SecretRuleTest {

    private static final SecretFinder STANDARD = SecretFinder.standard();

    @Test
    void every_rule_of_the_table_has_a_name_of_its_own_and_masks_its_example() {
        assertThat(STANDARD.rules())
                .hasSizeGreaterThan(100)
                .extracting(SecretRule::name)
                .doesNotHaveDuplicates();
        for (SecretRule rule : STANDARD.rules()) {
            assertThat(STANDARD.mask(rule.example()))
                    .as(rule.name())
                    .contains(SecretFinder.MASK)
                    .hasSizeLessThan(rule.example().length());
        }
    }

    @Test
    void no_rule_of_the_table_changes_a_counter_example() {
        for (SecretRule rule : STANDARD.rules()) {
            assertThat(STANDARD.mask(rule.counterExample())).as(rule.name()).isEqualTo(rule.counterExample());
        }
    }

    @Test
    void a_pattern_means_what_the_same_regular_expression_means() {
        Random random = new Random(3);
        List<String> patterns = List.of("ab[0-9]{2,3}c", "x[a-c]y?z{2}", "\\$[0-9]\\$[a-z]{1,4}", "a[b-]{1,2}c");
        for (String pattern : patterns) {
            LinearPattern compiled = LinearPattern.compile(pattern);
            Pattern regex = Pattern.compile(pattern.replaceAll("(\\{\\d,?\\d?}|\\?)", "$1+"));
            for (int i = 0; i < 20_000; i++) {
                StringBuilder text = new StringBuilder();
                for (int k = 0; k < 8; k++) {
                    text.append("abcxyz012$-".charAt(random.nextInt(11)));
                }
                boolean expected = regex.matcher(text).lookingAt();

                assertThat(compiled.match(text, 0) >= 0)
                        .as("%s on %s", pattern, text)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void a_pattern_that_could_take_long_or_mean_two_things_is_refused() {
        List<String> refused = List.of(
                "",
                "a",
                "a+b",
                "(ab)c",
                "ab|cd",
                "ab.c",
                "a{0}bc",
                "ab{3,2}",
                "ab{x}",
                "ab[c",
                "ab{2",
                "ab[0-9]{2,}c",
                "ab[0-9]{300}",
                "a?bc",
                "abé");
        for (String pattern : refused) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .as(pattern)
                    .isThrownBy(() -> new SecretRule("x", pattern, "ab", "x"))
                    .matches(e -> e.field().equals("pattern"));
        }
    }

    @Test
    void a_rule_whose_examples_say_otherwise_is_refused() {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> new SecretRule("x", "acme_[0-9]{4,}", "acme_12", "acme"))
                .matches(e -> e.field().equals("example"));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> new SecretRule("x", "acme_[0-9]{4,}", "acme_1234", "see acme_9999"))
                .matches(e -> e.field().equals("counterExample"));
    }

    @Test
    void a_host_adds_rules_and_names_and_takes_away_what_is_wrong_for_it() {
        SecretFinder finder = SecretFinder.builder()
                .rule(new SecretRule("acme", "acme_[0-9]{4,}", "acme_1234", "acme_x"))
                .secretName("house_number")
                .harmlessName("dance-pass")
                .withoutRule("npm token")
                .build();

        assertThat(finder.mask("id acme_123456 and house_number=x17y"))
                .isEqualTo("id [redacted] and house_number=[redacted]");
        assertThat(finder.mask("DANCE_PASS=abc123def")).isEqualTo("DANCE_PASS=abc123def");
        assertThat(STANDARD.mask("DANCE_PASS=abc123def")).isEqualTo("DANCE_PASS=[redacted]");
        assertThat(finder.mask("npm_" + "a1".repeat(20))).startsWith("npm_");
        assertThat(finder.isSecretName("houseNumber")).isTrue();
        assertThat(STANDARD.isSecretName("houseNumber")).isFalse();
        assertThat(STANDARD.mask("id acme_123456")).isEqualTo("id acme_123456");
    }
}
