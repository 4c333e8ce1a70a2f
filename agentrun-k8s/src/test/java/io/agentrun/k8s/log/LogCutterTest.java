package io.agentrun.k8s.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.k8s.log.LogEnd.Continuity;
import io.agentrun.k8s.log.LogEnd.Rest;
import io.agentrun.k8s.log.LogLine.Part;
import io.agentrun.k8s.log.LogSink.Next;
import io.agentrun.k8s.object.ObjectRef;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Answers of API servers, cut into lines. */
class LogCutterTest {

    private static final LogQuery ALL = LogQuery.of(new ObjectRef("default", "pod-a"), "runner");

    private final List<String> texts = new ArrayList<>();
    private final List<LogLine> lines = new ArrayList<>();
    private @Nullable String foreign;

    private static String at(String time, String text) {
        return "2026-03-01T12:00:" + time + "Z " + text + "\n";
    }

    private LogEnd read(LogQuery query, String answer) {
        return read(query, answer, 7);
    }

    private LogEnd read(LogQuery query, String answer, int chunk) {
        LogCutter cutter = new LogCutter(query, line -> {
            texts.add(line.text());
            lines.add(line);
            return Next.GO_ON;
        });
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from < bytes.length; from += chunk) {
            byte[] part = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + chunk));
            assertThat(cutter.take(part, part.length)).isTrue();
        }
        LogEnd end = cutter.finish();
        foreign = cutter.foreign();
        return end;
    }

    @Test
    void lines_whose_times_are_in_disorder_are_all_read_once() {
        String one = at("01.950000000", "a") + at("02.010000000", "b");
        LogEnd first = read(ALL, one);
        // The other output of the container was written a little later with an earlier time.
        LogEnd second = read(ALL.after(first.position()), one + at("01.999999000", "c") + at("02.020000000", "d"));
        LogEnd third = read(
                ALL.after(second.position()),
                one + at("01.999999000", "c") + at("02.020000000", "d") + at("02.500000000", "e"));

        assertThat(texts).containsExactly("a", "b", "c", "d", "e");
        assertThat(third.continuity()).isEqualTo(Continuity.WHOLE);
        assertThat(third.rest()).isEqualTo(Rest.NONE);
        assertThat(Objects.requireNonNull(third.position()).since()).hasToString("2026-03-01T12:00:02Z");
    }

    @Test
    void a_position_counts_from_its_second_on() {
        LogEnd first = read(ALL, at("01.500000000", "a") + at("05.500000000", "b") + at("05.600000000", "c"));

        LogPosition position = Objects.requireNonNull(first.position());
        assertThat(position.since()).hasToString("2026-03-01T12:00:05Z");
        assertThat(position.lines()).isEqualTo(2);
        assertThat(position.first()).hasToString("2026-03-01T12:00:05.500Z");
        assertThat(position.last()).hasToString("2026-03-01T12:00:05.600Z");
    }

    @Test
    void a_position_after_the_last_lines_alone_counts_no_second_that_was_not_read() {
        LogEnd tail = read(ALL.withLastLines(1), at("05.050000000", "b"));
        String both = at("05.050000000", "b") + at("05.060000000", "c");
        LogEnd next = read(ALL.after(tail.position()), both);

        assertThat(texts).containsExactly("b", "c");
        assertThat(Objects.requireNonNull(next.position()).since()).hasToString("2026-03-01T12:00:05Z");
        assertThat(read(ALL.after(next.position()), both).continuity()).isEqualTo(Continuity.WHOLE);
    }

    @Test
    void a_time_of_another_zone_is_the_same_time() {
        LogEnd first = read(ALL, "2026-03-01T14:00:05.5+02:00 a\n");
        read(ALL.after(first.position()), at("05.500000000", "a") + at("05.700000000", "b"));

        assertThat(texts).containsExactly("a", "b");
    }

    @Test
    void a_line_of_a_megabyte_comes_in_pieces_and_no_character_is_cut() {
        String text = "ä€𝄞".repeat(120_000);
        LogEnd end = read(ALL, at("01.000000000", text) + at("02.500000000", "next"), 4_096);

        assertThat(String.join("", texts.subList(0, texts.size() - 1))).isEqualTo(text);
        assertThat(lines.subList(0, lines.size() - 2))
                .hasSizeGreaterThan(2)
                .allSatisfy(line -> assertThat(line.part()).isEqualTo(Part.PIECE));
        assertThat(lines.get(lines.size() - 2).part()).isEqualTo(Part.END);
        assertThat(texts).endsWith("next");
        assertThat(read(ALL.after(end.position()), at("02.500000000", "next")).continuity())
                .isEqualTo(Continuity.WHOLE);
        assertThat(texts).endsWith("next").filteredOn("next"::equals).hasSize(1);
    }

    @Test
    void a_piece_leaves_the_position_before_its_line() {
        LogEnd first = read(ALL, at("01.000000000", "a"));
        read(ALL.after(first.position()), at("01.000000000", "a") + at("02.000000000", "x".repeat(600_000)), 4_096);

        assertThat(lines.get(1).part()).isEqualTo(Part.PIECE);
        assertThat(lines.get(1).position()).isEqualTo(first.position());
    }

    @Test
    void an_error_text_of_a_node_in_place_of_a_log_is_not_a_line() {
        for (LogQuery query : List.of(ALL, ALL.withWriter(LogQuery.Writer.ENDED))) {
            LogEnd end = read(query, "unable to retrieve container logs for containerd://abc");

            assertThat(foreign).isEqualTo("unable to retrieve container logs for containerd://abc");
            assertThat(end.position()).isNull();
        }
        assertThat(texts).isEmpty();
        read(ALL, at("01.000000000", "a") + "2026-03-01T12:0");
        assertThat(foreign).isNull();
        assertThat(texts).containsExactly("a");
    }

    @Test
    void empty_lines_and_blanks_are_kept() {
        read(ALL, at("01.000000000", "") + at("01.100000000", "  two  "));

        assertThat(texts).containsExactly("", "  two  ");
    }

    @Test
    void a_log_whose_first_line_is_the_same_and_whose_last_one_is_not_was_rotated() {
        LogEnd first = read(ALL, at("01.100000000", "a") + at("01.200000000", "b"));

        LogEnd second = read(ALL.after(first.position()), at("01.100000000", "a") + at("01.300000000", "c"));

        assertThat(texts).containsExactly("a", "b", "c");
        assertThat(first.continuity()).isEqualTo(Continuity.WHOLE);
        assertThat(second.continuity()).isEqualTo(Continuity.ROTATED);
    }
}
