package io.agentrun.redact;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.json.JsonObject;
import io.agentrun.json.Redactor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorpusTest {

    private static final Redactor STANDARD = Redactor.standard();

    @Test
    void at_least_99_of_100_secrets_are_masked() {
        List<Corpus.Case> cases = Corpus.secrets();

        List<String> missed = missed(cases);

        assertThat(cases).hasSizeGreaterThanOrEqualTo(300);
        assertThat(missed.size() * 100).as("missed: %s", missed).isLessThanOrEqualTo(cases.size());
    }

    /**
     * Before a rule was changed for them, 211 of 250, 166 of 211, 143 of 164, 317 of 360, 481 of 539, 87 of 101, 207 of 220,
     * 188 of 199 and 190 of 200 were found: 84.4, 78.7, 87.2, 88.1, 89.2, 86.1, 94.1, 94.5 and 95.0 of 100. The sixth has only kinds
     * that no set before it had; for the last nothing was changed. The two before it end with lines that were written after the
     * rules had been changed for the 220 and the 199. What is missed today is a secret by its place alone, or an answer that
     * nothing announces.
     */
    @Test
    void at_least_95_of_100_secrets_of_the_sets_that_came_after_the_rules_are_masked() {
        for (List<Corpus.Case> cases : Corpus.unseenSecrets()) {
            List<String> missed = missed(cases);

            assertThat(cases).hasSizeGreaterThanOrEqualTo(100);
            assertThat(missed.size() * 20).as("missed: %s", missed).isLessThanOrEqualTo(cases.size());
        }
    }

    /** Before a rule was changed for them, 10 of 841, 18 of 752, 8 of 299, 7 of 500, 6 of 400 and 0 of 300 lines of the last six sets were. */
    @Test
    void at_most_one_of_200_ordinary_lines_is_changed() {
        List<Corpus.Case> cases = Corpus.ordinary();

        assertThat(cases).hasSizeGreaterThanOrEqualTo(500);
        assertFewChanged(cases);
        Corpus.unseenOrdinary().forEach(CorpusTest::assertFewChanged);
    }

    private static void assertFewChanged(List<Corpus.Case> cases) {
        List<String> changed = new ArrayList<>();
        for (Corpus.Case one : cases) {
            String text = one.isObject() ? JsonObject.parse(one.text()).toJson() : one.text();
            if (!redacted(one).equals(text)) {
                changed.add(one.template() + "  ->  " + redacted(one));
            }
        }

        assertThat(changed.size() * 200).as("changed: %s", changed).isLessThanOrEqualTo(cases.size());
    }

    private static List<String> missed(List<Corpus.Case> cases) {
        List<String> missed = new ArrayList<>();
        for (Corpus.Case one : cases) {
            assertThat(one.secrets()).as(one.template()).isNotEmpty();
            if (!isHit(one)) {
                missed.add(one.template() + "  ->  " + redacted(one));
            }
        }
        return missed;
    }

    @Test
    void a_secret_is_masked_as_well_inside_other_text_and_inside_json() {
        List<String> missed = new ArrayList<>();
        for (Corpus.Case one : Corpus.secrets()) {
            if (one.isObject() || !isHit(one)) {
                continue;
            }
            String framed = STANDARD.redact("2024-05-01 first line\n" + one.text() + "\nlast line");
            String inJson = STANDARD.redact(JsonObject.of("text", one.text())).toJson();
            if (one.secrets().stream().anyMatch(secret -> framed.contains(secret) || inJson.contains(secret))) {
                missed.add(one.template());
            }
        }

        assertThat(missed).isEmpty();
    }

    @Test
    void a_second_run_over_any_corpus_changes_nothing() {
        for (List<Corpus.Case> cases : Corpus.all()) {
            for (Corpus.Case one : cases) {
                String once = STANDARD.redact(one.text());

                assertThat(STANDARD.redact(once)).as(one.template()).isSameAs(once);
            }
        }
    }

    private static boolean isHit(Corpus.Case one) {
        String redacted = redacted(one);
        return one.secrets().stream()
                .noneMatch(secret -> redacted.contains(secret)
                        || redacted.contains(secret.substring(secret.length() - Math.min(secret.length(), 8))));
    }

    private static String redacted(Corpus.Case one) {
        return one.isObject() ? STANDARD.redact(JsonObject.parse(one.text())).toJson() : STANDARD.redact(one.text());
    }
}
