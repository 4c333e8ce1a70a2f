package io.agentrun.example.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogTailTest {
    private final LogTail tail = new LogTail();

    private static String lines(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());
    }

    @Test
    void a_growing_log_shows_each_line_once() {
        assertThat(tail.fresh("", false)).isEmpty();
        assertThat(tail.fresh("a\nb\n", false)).containsExactly("a", "b");
        assertThat(tail.fresh("a\nb\n", false)).isEmpty();
        assertThat(tail.fresh("a\nb\nb\n", false)).containsExactly("b");
        assertThat(tail.fresh("a\nb\nb\nc", true)).containsExactly("c");
    }

    @Test
    void a_line_without_its_end_waits_until_nothing_follows() {
        assertThat(tail.fresh("a\nhal", false)).containsExactly("a");
        assertThat(tail.fresh("a\nhalf", false)).isEmpty();
        assertThat(tail.fresh("a\nhalf\nb", true)).containsExactly("half", "b");
    }

    @Test
    void a_log_that_is_longer_than_what_is_read_goes_on_where_it_was() {
        assertThat(tail.fresh(lines(0, LogTail.LINES), false)).hasSize(LogTail.LINES);

        List<String> fresh = tail.fresh(lines(3, LogTail.LINES + 3), false);

        assertThat(fresh).containsExactly("line 2000", "line 2001", "line 2002");
        assertThat(tail.fresh(lines(9_000, 9_002), false)).containsExactly("line 9000", "line 9001");
    }

    @Test
    void what_a_store_cannot_keep_is_replaced_or_cut() {
        List<String> fresh = tail.fresh("a\0b\n" + "x".repeat(7_999) + "\uD83D\uDE00y\n\n", false);

        assertThat(fresh).containsExactly("a\uFFFDb", "x".repeat(7_999), "\uD83D\uDE00y", "");
    }
}
