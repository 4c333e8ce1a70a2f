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

        List<String> missed = new ArrayList<>();
        for (Corpus.Case one : cases) {
            if (!isHit(one)) {
                missed.add(one.template() + "  ->  " + redacted(one));
            }
        }

        assertThat(cases)
                .hasSizeGreaterThanOrEqualTo(300)
                .allSatisfy(one -> assertThat(one.secrets()).as(one.template()).isNotEmpty());
        assertThat(missed.size() * 100).as("missed: %s", missed).isLessThanOrEqualTo(cases.size());
    }

    @Test
    void at_most_one_of_200_ordinary_lines_is_changed() {
        List<Corpus.Case> cases = Corpus.ordinary();

        List<String> changed = new ArrayList<>();
        for (Corpus.Case one : cases) {
            if (!STANDARD.redact(one.text()).equals(one.text())) {
                changed.add(one.template() + "  ->  " + STANDARD.redact(one.text()));
            }
        }

        assertThat(cases).hasSizeGreaterThanOrEqualTo(500);
        assertThat(changed.size() * 200).as("changed: %s", changed).isLessThanOrEqualTo(cases.size());
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
    void a_second_run_over_either_corpus_changes_nothing() {
        for (List<Corpus.Case> cases : List.of(Corpus.secrets(), Corpus.ordinary())) {
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
