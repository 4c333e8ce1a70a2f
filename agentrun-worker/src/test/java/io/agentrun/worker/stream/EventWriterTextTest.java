package io.agentrun.worker.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.worker.testing.Background;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Text that a writer puts together, cleans, redacts and cuts. */
class EventWriterTextTest extends EventWriterScenario {

    private static final String KEY = "-----BEGIN RSA PRIVATE KEY-----";

    @Test
    void a_key_that_comes_line_by_line_is_masked_as_one() throws Exception {
        EventWriter writer = writer().build();
        writer.line("before");
        writer.line(KEY);
        pass(300);
        assertThat(run.texts()).containsExactly("before");
        for (int i = 0; i < 20; i++) {
            writer.line("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo" + i);
            pass(300);
        }
        writer.line("-----END RSA PRIVATE KEY-----");
        writer.line("after");
        pass(300);

        assertThat(run.texts()).containsExactly("before", "[redacted]", "after");
    }

    @Test
    void a_key_that_stops_in_the_middle_is_shown_as_a_mask_and_its_rest_is_masked_when_it_comes() throws Exception {
        EventWriter writer = writer().build();
        writer.line("before");
        writer.line(KEY);
        writer.line("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo");
        pass(5_000);
        assertThat(run.texts()).containsExactly("before", "[redacted]");
        writer.line("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo2");
        pass(5_000);
        writer.line("-----END RSA PRIVATE KEY-----");
        writer.line("after");
        pass(5_000);

        assertThat(String.join("\n", run.texts()))
                .doesNotContain("QUJD")
                .startsWith("before\n[redacted]")
                .endsWith("after");
    }

    @Test
    void a_token_that_two_pieces_share_is_masked_and_pieces_that_come_together_are_one_event() throws Exception {
        EventWriter writer = writer().build();
        TextStream answer = writer.pieces(EventType.ASSISTANT_MESSAGE, text -> JsonObject.of("text", text));

        answer.write("The answer has gh");
        pass(300);
        answer.write("p_" + "Ab3".repeat(6));
        pass(300);
        answer.write("Ab3".repeat(6) + " and");
        answer.write(" that is all");
        pass(300);
        pass(1_000);

        assertThat(String.join("", run.texts())).isEqualTo("The answer has [redacted] and that is all");
        assertThat(run.texts()).first().isEqualTo("The answer has ");
        assertThat(run.output()).allMatch(event -> event.type() == EventType.ASSISTANT_MESSAGE);
    }

    @Test
    void nothing_passes_text_that_is_held_back() throws Exception {
        EventWriter writer = writer().build();
        TextStream answer = writer.pieces(EventType.ASSISTANT_MESSAGE, text -> JsonObject.of("text", text));

        answer.write("half a wo");
        writer.write(new NewEvent(EventType.TOOL_CALL, JsonObject.of("text", "tool")));
        answer.write("rd");
        writer.line("line");
        pass(5_000);

        assertThat(run.texts()).containsExactly("half a wo", "tool", "rd", "line");
    }

    @Test
    void a_surrogate_pair_that_two_pieces_share_stays_whole() throws Exception {
        EventWriter writer = writer().build();
        TextStream answer = writer.pieces(EventType.ASSISTANT_MESSAGE, text -> JsonObject.of("text", text));

        answer.write("smile \uD83D");
        pass(300);
        answer.write("\uDE00 end");
        pass(5_000);

        assertThat(String.join("", run.texts())).isEqualTo("smile \uD83D\uDE00 end");
    }

    @Test
    void a_process_that_floods_is_read_in_bounded_memory_and_its_lines_arrive() throws Exception {
        EventWriter writer = writer().buffer(100_000).batch(1_000, 1 << 20).build();
        int lines = 20_000;
        Background<Boolean> copy = Background.run(() -> writer.output().copy(numbers(lines)));
        Background.until(() -> {
            time.run();
            return copy.isDone();
        });
        copy.get();
        pass(1_000);

        assertThat(run.texts())
                .containsExactlyElementsOf(
                        IntStream.range(0, lines).mapToObj(i -> "line " + i).toList());
    }

    private static InputStream numbers(int count) {
        String lines =
                IntStream.range(0, count).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());
        return new ByteArrayInputStream(lines.getBytes(UTF_8));
    }

    @Test
    void output_without_a_line_end_is_stored_in_pieces_and_a_secret_where_it_is_cut_is_masked() throws Exception {
        EventWriter writer =
                writer().text(OutputText.standard().withMaxLine(100)).build();
        String word = "word ".repeat(19) + "ghp_" + "Ab3".repeat(12) + " " + "word ".repeat(100);
        Background<Boolean> copy =
                Background.run(() -> writer.output().copy(new ByteArrayInputStream(word.getBytes(UTF_8))));
        copy.get();
        pass(5_000);

        String all = String.join("", run.texts());
        assertThat(all).isEqualTo("word ".repeat(19) + "[redacted] " + "word ".repeat(100));
        assertThat(run.texts()).allMatch(text -> text.length() <= 100);
    }

    @Test
    void colours_go_before_secrets_are_looked_for() throws Exception {
        EventWriter writer = writer().text(OutputText.standard().withoutAnsi()).build();
        writer.line("token \u001B[31mghp_\u001B[0m" + "Ab3".repeat(12));
        pass(5_000);

        assertThat(run.texts()).isEqualTo(List.of("token [redacted]"));
    }

    @Test
    void an_event_that_the_store_refuses_is_replaced_by_a_word_of_it_and_stops_no_other() throws Exception {
        EventWriter writer = writer().build();
        for (int i = 0; i < 5; i++) {
            writer.line("line " + i);
            if (i == 2) {
                writer.write(new NewEvent(EventType.DIFF, JsonObject.of("text", "x".repeat(2 << 20))));
            }
        }
        pass(1_000);

        assertThat(run.texts())
                .hasSize(6)
                .startsWith("line 0", "line 1", "line 2")
                .endsWith("line 3", "line 4");
        RunEvent word = run.output().get(3);
        assertThat(word.type()).isEqualTo(EventType.ERROR);
        assertThat(word.payload().string("refused")).contains("diff");
    }
}
