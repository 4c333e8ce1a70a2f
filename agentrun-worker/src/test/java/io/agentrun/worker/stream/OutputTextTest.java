package io.agentrun.worker.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutputTextTest {

    private static final String SMILE = "\uD83D\uDE00";

    @Test
    void a_plain_text_is_returned_as_the_instance_that_it_is() {
        String text = "plain, with umlauts \u00E4 and " + SMILE;

        assertThat(OutputText.clean(text)).isSameAs(text);
    }

    @Test
    void nul_and_lone_surrogates_are_replaced_so_that_json_can_hold_the_text() {
        String clean = OutputText.clean("a\u0000b\uD83Dc\uDE00d" + SMILE + "\uD83D");

        assertThat(clean).isEqualTo("a\uFFFDb\uFFFDc\uFFFDd" + SMILE + "\uFFFD");
        assertThat(JsonObject.of("text", clean).string("text")).contains(clean);
    }

    @Test
    void lines_end_with_lf_crlf_or_cr_and_their_ends_are_no_part_of_them() {
        assertThat(OutputText.standard().lines("a\nb\r\nc\rd\n\ne")).containsExactly("a", "b", "c", "d", "", "e");
        assertThat(OutputText.standard().lines("")).containsExactly("");
        assertThat(OutputText.standard().lines("\n")).containsExactly("");
    }

    @Test
    void a_long_line_is_cut_at_the_bound_and_never_inside_a_code_point() {
        OutputText text = OutputText.standard().withMaxLine(5);

        assertThat(text.lines("123456789")).containsExactly("12345", "6789");
        assertThat(text.lines("1234" + SMILE + "6")).containsExactly("1234", SMILE + "6");
        assertThat(text.lines("12345\n6")).containsExactly("12345", "6");
    }

    @Test
    void ansi_sequences_stay_unless_they_are_asked_to_go() {
        String coloured = "\u001B[1;31mred\u001B[0m \u001B]8;;http://x\u0007link\u001B]8;;\u001B\\ \u001B(Bend";

        assertThat(OutputText.standard().lines(coloured)).containsExactly(coloured);
        assertThat(OutputText.standard().withoutAnsi().lines(coloured)).containsExactly("red link end");
    }

    @Test
    void an_ansi_sequence_without_an_end_takes_no_more_than_its_line() {
        assertThat(OutputText.standard().withoutAnsi().lines("a\u001B]0;title\nb\u001B[31\nc"))
                .containsExactly("a", "b", "c");
        assertThat(OutputText.standard()
                        .withoutAnsi()
                        .withMaxLine(100_000)
                        .lines("\u001B]" + "x".repeat(10_000))
                        .get(0))
                .hasSizeBetween(5_000, 6_000);
    }

    @Test
    void a_decoder_gives_the_same_lines_whatever_the_chunks() {
        String text = "first\r\n\u00E4\u00F6\u00FC" + SMILE.repeat(20)
                + "\rprogress 1%\rprogress 2%\n\nlast\u0000 without end";
        List<String> whole = OutputText.standard().withMaxLine(7).lines(text);
        byte[] bytes = text.getBytes(UTF_8);
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            LineDecoder decoder = OutputText.standard().withMaxLine(7).decoder();
            List<String> lines = new ArrayList<>();
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(bytes.length - at, 1 + random.nextInt(6));
                lines.addAll(decoder.decode(bytes, at, length));
                at += length;
            }
            lines.addAll(decoder.finish());

            assertThat(lines).as("seed %d", seed).isEqualTo(whole);
        }
    }

    @Test
    void bytes_that_are_not_utf8_are_replaced() {
        LineDecoder decoder = OutputText.standard().decoder();

        assertThat(decoder.decode(new byte[] {'a', (byte) 0xFF, 'b', '\n', (byte) 0xE2, (byte) 0x82}, 0, 6))
                .containsExactly("a\uFFFDb");
        assertThat(decoder.finish()).containsExactly("\uFFFD");
        assertThat(decoder.finish()).isEmpty();
    }

    @Test
    void a_gigabyte_without_a_line_end_is_decoded_in_bounded_memory() {
        LineDecoder decoder = OutputText.standard().decoder();
        byte[] chunk = "x".repeat(64 * 1024).getBytes(UTF_8);
        long chars = 0;
        int longest = 0;
        for (int i = 0; i < 16 * 1024; i++) {
            for (String line : decoder.decode(chunk, 0, chunk.length)) {
                chars += line.length();
                longest = Math.max(longest, line.length());
            }
        }
        for (String line : decoder.finish()) {
            chars += line.length();
        }

        assertThat(chars).isEqualTo(1L << 30);
        assertThat(longest).isEqualTo(OutputText.DEFAULT_MAX_LINE);
    }

    @Test
    void bad_bounds_are_refused() {
        assertThatThrownBy(() -> OutputText.standard().withMaxLine(1)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> OutputText.standard().decoder().decode(new byte[3], 2, 2))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> OutputText.clean(null)).isInstanceOf(InvalidInputException.class);
    }
}
