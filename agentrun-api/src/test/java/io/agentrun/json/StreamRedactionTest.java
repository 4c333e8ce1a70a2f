package io.agentrun.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.redact.Corpus;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamRedactionTest {

    private static final Redactor STANDARD = Redactor.standard();

    @Test
    void a_secret_is_masked_wherever_a_chunk_ends_in_it() {
        String text = "before ghp_" + "Ab3".repeat(12) + " after\npassword=hunter22\nand more\n";

        for (int cut = 0; cut <= text.length(); cut++) {
            StreamRedaction stream = new StreamRedaction(STANDARD);

            String out = stream.append(text.substring(0, cut)) + stream.append(text.substring(cut)) + stream.finish();

            assertThat(out).as("cut at %d", cut).isEqualTo("before [redacted] after\npassword=[redacted]\nand more\n");
        }
    }

    @Test
    void chunks_of_any_size_give_no_secret_of_the_corpus_away() {
        List<Corpus.Case> cases =
                Corpus.secrets().stream().filter(one -> !one.isObject()).toList();
        List<Corpus.Case> ordinary = Corpus.ordinary();
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            List<String> secrets = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                text.append(ordinary.get(random.nextInt(200)).text()).append("\n\n");
                Corpus.Case one = cases.get(random.nextInt(cases.size()));
                boolean found = one.secrets().stream().noneMatch(STANDARD.redact(one.text())::contains);
                if (found && !one.template().contains("PRIVATE KEY-----⏎{b64:64}⏎{b64:40}")) {
                    text.append(one.text()).append("\n\n");
                    secrets.addAll(one.secrets());
                }
            }

            String out = inChunks(text.toString(), random, 1 + random.nextInt(300));

            assertThat(secrets.stream().filter(secret -> secret.length() > 8 && out.contains(secret)))
                    .as("seed %d", seed)
                    .isEmpty();
        }
    }

    @Test
    void ordinary_text_comes_out_as_it_is_and_soon() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            text.append("line ").append(i).append(" of an ordinary log\n");
        }
        StreamRedaction stream = new StreamRedaction(STANDARD);
        StringBuilder out = new StringBuilder();
        int most = 0;
        for (int i = 0; i < text.length(); i++) {
            out.append(stream.append(text.substring(i, i + 1)));
            most = Math.max(most, i + 1 - out.length());
        }
        out.append(stream.finish());

        assertThat(out).hasToString(text.toString());
        assertThat(most).isLessThan(4 * StreamRedaction.LOOK_BACK);
    }

    @Test
    void a_private_key_longer_than_what_is_held_is_masked_to_its_end_and_not_further() {
        StringBuilder key = new StringBuilder("first line\n-----BEGIN RSA PRIVATE KEY-----\n");
        for (int i = 0; i < 2_000; i++) {
            key.append("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo").append(i).append('\n');
        }
        String text = key + "-----END RSA PRIVATE KEY-----\nlast line\n";

        String out = inChunks(text, new Random(1), 100);

        assertThat(text.length()).isGreaterThan(3 * StreamRedaction.MAX_HELD);
        assertThat(out).isEqualTo("first line\n[redacted]\nlast line\n");
    }

    @Test
    void a_word_without_an_end_is_given_away_when_it_is_longer_than_what_is_held() {
        String text = "x".repeat(5 * StreamRedaction.MAX_HELD);

        assertThat(inChunks(text, new Random(1), 1_000)).isEqualTo(text);
    }

    @Test
    void a_secret_that_the_line_before_announces_is_masked_when_each_line_comes_alone() {
        String secret = "tR4kw7ZpQ9xLm2Vb";
        for (String text : List.of(
                "Password:\n" + secret + "\n",
                "The new password:\n\n    \"" + secret + "\"\n",
                "$ pass show work/vpn\n" + secret + "\nlogin: bob\n",
                "Recovery codes:\n- tR4kw-7ZpQ9\n- " + "xLm2V-" + secret.substring(0, 5) + "\n",
                "variable \"pager_token\" {\n  type = string\n  default = \"" + secret + "\"\n}\n",
                "<Password>\n  <Value>" + secret + "</Value>\n</Password>\n")) {
            StreamRedaction stream = new StreamRedaction(STANDARD);
            StringBuilder out = new StringBuilder();

            for (String line : ("first\n" + text + "last words\n").split("(?<=\n)")) {
                out.append(stream.appendLines(line)).append(stream.settle());
            }
            out.append(stream.finish());

            assertThat(out)
                    .asString()
                    .isEqualTo(STANDARD.redact("first\n" + text + "last words\n"))
                    .contains("[redacted]")
                    .doesNotContain(secret, secret.substring(0, 5));
        }
    }

    @Test
    void a_stream_begins_anew_after_its_end() {
        StreamRedaction stream = new StreamRedaction(STANDARD);
        stream.append("password=");

        assertThat(stream.finish()).isEqualTo("password=");
        assertThat(stream.append("hunter22") + stream.finish()).isEqualTo("hunter22");
    }

    @Test
    void whole_lines_are_given_at_once_unless_a_secret_may_go_on_in_the_next() {
        StreamRedaction stream = new StreamRedaction(STANDARD);

        assertThat(stream.appendLines("compiled 3 files\n")).isEqualTo("compiled 3 files\n");
        assertThat(stream.holds()).isFalse();
        assertThat(stream.appendLines("see below\n-----BEGIN RSA PRIVATE KEY-----\n"))
                .isEqualTo("see below\n");
        assertThat(stream.holds()).isTrue();
        assertThat(stream.appendLines("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo\n")).isEmpty();
        assertThat(stream.appendLines("-----END RSA PRIVATE KEY-----\nthe next line\n"))
                .isEqualTo("[redacted]\nthe next line\n");
        assertThat(stream.holds()).isFalse();
    }

    @Test
    void a_secret_that_is_open_when_all_is_asked_for_is_masked_to_its_end() {
        StreamRedaction stream = new StreamRedaction(STANDARD);
        StringBuilder out = new StringBuilder();

        out.append(stream.appendLines("first\n-----BEGIN RSA PRIVATE KEY-----\nQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo\n"))
                .append(stream.release());
        assertThat(stream.holds()).isFalse();
        for (int i = 0; i < 50; i++) {
            out.append(stream.appendLines("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo" + i + "\n"))
                    .append(stream.release());
        }
        out.append(stream.appendLines("-----END RSA PRIVATE KEY-----\nlast\n")).append(stream.finish());

        assertThat(out).hasToString("first\n[redacted]\nlast\n");
    }

    @Test
    void words_are_given_at_once_but_not_the_one_that_is_under_way() {
        StreamRedaction stream = new StreamRedaction(STANDARD);

        assertThat(stream.append("The answer is gh") + stream.settle()).isEqualTo("The answer is ");
        assertThat(stream.append("p_" + "Ab3".repeat(12)) + stream.settle()).isEmpty();
        assertThat(stream.append(" and more ") + stream.settle()).isEqualTo("[redacted] and more ");
        assertThat(stream.append("Authorization: Bearer ") + stream.settle()).isEmpty();
        assertThat(stream.append("Xk39fjd8Qwe82jdLs0 x") + stream.settle())
                .contains("[redacted]")
                .doesNotContain("Xk39");
    }

    @Test
    void the_second_half_of_a_word_is_masked_though_the_first_had_to_be_given() {
        StreamRedaction stream = new StreamRedaction(STANDARD);

        String first = stream.append("token ghp_Ab3") + stream.release();
        String second = stream.append("Ab3".repeat(11) + " end\n") + stream.settle();

        assertThat(first).isEqualTo("token ghp_Ab3");
        assertThat(second).isEqualTo("[redacted] end\n");
    }

    @Test
    void pauses_anywhere_lose_nothing_and_give_no_secret_of_one_line_away() {
        // How a secret may be spread over lines is for the tests above.
        List<Corpus.Case> cases = Corpus.secrets().stream()
                .filter(one -> !one.isObject() && !one.text().contains("\n"))
                .toList();
        for (int seed = 0; seed < 10; seed++) {
            Random random = new Random(seed);
            StreamRedaction stream = new StreamRedaction(STANDARD);
            StringBuilder out = new StringBuilder();
            List<String> secrets = new ArrayList<>();
            List<String> marks = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                Corpus.Case one = cases.get(random.nextInt(cases.size()));
                if (one.secrets().stream().noneMatch(STANDARD.redact(one.text())::contains)) {
                    marks.add("mark " + i + " here");
                    secrets.addAll(one.secrets());
                    for (String line : ("mark " + i + " here\n\n" + one.text() + "\n\n").split("(?<=\n)")) {
                        out.append(stream.appendLines(line));
                        if (random.nextBoolean()) {
                            out.append(stream.settle());
                        }
                    }
                }
            }
            out.append(stream.finish());

            assertThat(marks).isNotEmpty().allSatisfy(mark -> assertThat(out).containsOnlyOnce(mark));
            assertThat(secrets.stream().filter(secret -> secret.length() > 8 && out.indexOf(secret) >= 0))
                    .as("seed %d", seed)
                    .isEmpty();
        }
    }

    @Test
    void a_redactor_that_masks_everything_holds_nothing_up() {
        Redactor all = new Redactor() {
            @Override
            public JsonObject redact(JsonObject payload) {
                return payload;
            }

            @Override
            public String redact(String text) {
                return text.replaceAll("[a-z0-9A-Z]", "*");
            }
        };
        StreamRedaction stream = new StreamRedaction(all);

        assertThat(stream.appendLines("some words\n")).isEqualTo("**** *****\n");
        assertThat(stream.holds()).isFalse();
    }

    private static String inChunks(String text, Random random, int most) {
        StreamRedaction stream = new StreamRedaction(STANDARD);
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < text.length(); ) {
            int end = Math.min(text.length(), at + 1 + random.nextInt(most));
            out.append(stream.append(text.substring(at, end)));
            at = end;
        }
        return out.append(stream.finish()).toString();
    }
}
