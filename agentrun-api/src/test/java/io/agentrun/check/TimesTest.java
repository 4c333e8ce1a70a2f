package io.agentrun.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.InvalidInputException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimesTest {

    @Test
    void instants_are_cut_to_microseconds_and_never_rounded() {
        Instant whole = Instant.parse("2026-01-01T00:00:00.000001Z");

        assertThat(Times.micros(Instant.parse("2026-01-01T00:00:00.000001999Z")))
                .isEqualTo(whole);
        assertThat(Times.micros(whole)).isSameAs(whole);
        assertThat(Times.micros(Instant.parse("1969-12-31T23:59:59.999999999Z")))
                .isEqualTo(Instant.parse("1969-12-31T23:59:59.999999Z"));
        assertThat(Times.microsOrNull(null)).isNull();
    }

    @Test
    void instants_are_read_as_the_library_reads_them() {
        Random random = new Random(7);
        List<String> texts = new ArrayList<>(List.of(
                "2026-01-01T00:00:00Z",
                "2026-12-31T23:59:59.999999999Z",
                "2026-01-31T00:00:00.1Z",
                "2024-02-29T12:00:00Z",
                "2026-06-30T23:59:60Z",
                "2026-01-01T24:00:00Z",
                "0000-03-01T00:00:00Z",
                "1582-10-10T00:00:00.000001Z",
                "2026-01-01T00:00:00+01:00",
                "2026-01-01t00:00:00z",
                "-0044-03-15T12:00:00Z",
                "+12026-01-01T00:00:00Z",
                "2026-01-01T00:00:00.Z"));
        for (int i = 0; i < 20_000; i++) {
            long seconds = random.nextLong(Times.MIN.getEpochSecond(), Times.MAX.getEpochSecond());
            long unit = List.of(1L, 1_000L, 1_000_000L, 1_000_000_000L).get(i % 4);
            texts.add(Instant.ofEpochSecond(seconds, random.nextInt(1_000_000_000) / unit * unit)
                    .toString());
        }

        for (String text : texts) {
            assertThat(Times.parse(text)).as(text).isEqualTo(Instant.parse(text));
        }
    }

    @Test
    void what_the_library_refuses_is_refused() {
        for (String text : List.of(
                "",
                "Z",
                "2026-01-01T00:00:00",
                "2026-01-01T00:00Z",
                "2026-01-01T00:00:00.0000000001Z",
                "2026-01-01T00:00:00,5Z",
                "2026-01-01T00:00:00.5 Z",
                "2026-01-01T00:00:00.-1Z",
                "2026-13-01T00:00:00Z",
                "2026-00-01T00:00:00Z",
                "2026-01-00T00:00:00Z",
                "2026-02-29T00:00:00Z",
                "2026-04-31T00:00:00Z",
                "2026-01-01T25:00:00Z",
                "2026-01-01T00:60:00Z",
                "2026-01-01T00:00:61Z",
                "2026-01-01 00:00:00Z",
                "2026/01/01T00:00:00Z",
                "2o26-01-01T00:00:00Z",
                "\u0662026-01-01T00:00:00Z")) {
            assertThatExceptionOfType(DateTimeParseException.class).as(text).isThrownBy(() -> Instant.parse(text));
            assertThatExceptionOfType(DateTimeParseException.class).as(text).isThrownBy(() -> Times.parse(text));
        }
    }

    @Test
    void the_bounds_are_in_range_themselves() {
        assertThat(Times.requireInRange("at", Times.MIN)).isEqualTo(Times.MIN);
        assertThat(Times.requireInRange("at", Times.MAX)).isEqualTo(Times.MAX);
        assertThat(Times.requireInRange("at", Times.MAX.plusNanos(999))).isEqualTo(Times.MAX);
        assertThat(Times.requireInRangeOrNull("at", null)).isNull();
    }

    @Test
    void instants_out_of_range_are_refused_by_the_name_of_their_field() {
        for (Instant bad :
                new Instant[] {null, Times.MIN.minusNanos(1), Times.MAX.plusNanos(1_000), Instant.MIN, Instant.MAX}) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> Times.requireInRange("expiresAt", bad))
                    .satisfies(e -> assertThat(e.field()).isEqualTo("expiresAt"));
        }
    }
}
