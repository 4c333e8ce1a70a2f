package io.agentrun.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.InvalidInputException;
import java.time.Instant;
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
