package io.agentrun.worker.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.InvalidInputException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When cron expressions occur, also where the clocks change. */
class CronOccurrencesTest {

    private final CronOccurrences cron = new CronOccurrences();

    private List<String> occurrences(String rule, String zone, String after, int count) {
        List<String> found = new ArrayList<>();
        Instant at = Instant.parse(after);
        for (int i = 0; i < count; i++) {
            at = cron.next(rule, ZoneId.of(zone), at).orElseThrow();
            found.add(at.toString());
        }
        return found;
    }

    @Test
    void it_occurs_at_the_time_on_the_wall() {
        assertThat(occurrences("30 2 * * *", "Europe/Berlin", "2026-01-10T00:00:00Z", 2))
                .containsExactly("2026-01-10T01:30:00Z", "2026-01-11T01:30:00Z");
        assertThat(occurrences("30 2 * * *", "Europe/Berlin", "2026-07-10T00:00:00Z", 2))
                .containsExactly("2026-07-10T00:30:00Z", "2026-07-11T00:30:00Z");
        assertThat(occurrences("0 12 * * 1", "UTC", "2026-01-10T00:00:00Z", 2))
                .containsExactly("2026-01-12T12:00:00Z", "2026-01-19T12:00:00Z");
    }

    @Test
    void the_time_itself_is_not_later_than_itself() {
        assertThat(occurrences("30 2 * * *", "UTC", "2026-01-10T02:30:00Z", 1)).containsExactly("2026-01-11T02:30:00Z");
        assertThat(occurrences("30 2 * * *", "UTC", "2026-01-10T02:29:59.999999Z", 1))
                .containsExactly("2026-01-10T02:30:00Z");
    }

    /** The clocks go forward: from 2:00 to 3:00, from 2:00 to 3:00, from 2:00 to 2:30. */
    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, 15 2 * * *, 2026-03-28T02:00:00Z, 2026-03-29T01:00:00Z, 2026-03-30T00:15:00Z",
        "America/New_York, 15 2 * * *, 2026-03-07T08:00:00Z, 2026-03-08T07:00:00Z, 2026-03-09T06:15:00Z",
        "Australia/Lord_Howe, 15 2 * * *, 2026-10-03T00:00:00Z, 2026-10-03T15:30:00Z, 2026-10-04T15:15:00Z"
    })
    void what_would_be_in_the_gap_is_at_the_first_moment_after_it(
            String zone, String rule, String after, String first, String second) {
        assertThat(occurrences(rule, zone, after, 2)).containsExactly(first, second);
    }

    /** The clocks go back: from 3:00 to 2:00, from 2:00 to 1:00, from 2:00 to 1:30. */
    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, 30 2 * * *, 2026-10-24T12:00:00Z, 2026-10-25T00:30:00Z, 2026-10-26T01:30:00Z",
        "America/New_York, 30 1 * * *, 2026-10-31T12:00:00Z, 2026-11-01T05:30:00Z, 2026-11-02T06:30:00Z",
        "Australia/Lord_Howe, 45 1 * * *, 2026-04-04T00:00:00Z, 2026-04-04T14:45:00Z, 2026-04-05T15:15:00Z"
    })
    void what_is_in_the_hour_that_comes_twice_is_once(
            String zone, String rule, String after, String first, String second) {
        assertThat(occurrences(rule, zone, after, 2)).containsExactly(first, second);
    }

    @Test
    void a_search_that_begins_in_the_second_pass_finds_nothing_of_it() {
        // 2:10 for the second time; 2:30 was there the first time.
        assertThat(occurrences("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", 1))
                .containsExactly("2026-10-26T01:30:00Z");
        assertThat(occurrences("30 3 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", 1))
                .containsExactly("2026-10-25T02:30:00Z");
        assertThat(occurrences("0 3 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", 1))
                .containsExactly("2026-10-25T02:00:00Z");
    }

    @Test
    void times_rise_without_end_over_a_year_of_changes() {
        for (String zone : List.of("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")) {
            Instant at = Instant.parse("2026-01-01T00:00:00Z");
            Instant end = at.plus(Duration.ofDays(366));
            int count = 0;
            while (at.isBefore(end)) {
                Instant next = cron.next("*/30 * * * *", ZoneId.of(zone), at).orElseThrow();
                assertThat(next).isAfter(at);
                assertThat(Duration.between(at, next)).isLessThanOrEqualTo(Duration.ofMinutes(90));
                at = next;
                count++;
            }
            assertThat(count).as(zone).isBetween(366 * 48 - 4, 366 * 48);
        }
    }

    @Test
    void an_impossible_date_has_no_occurrence() {
        assertThat(cron.next("0 2 30 2 *", ZoneId.of("UTC"), Instant.parse("2026-01-01T00:00:00Z")))
                .isEmpty();
    }

    @Test
    void a_leap_day_is_found_years_ahead() {
        assertThat(occurrences("0 2 29 2 *", "UTC", "2026-01-01T00:00:00Z", 1)).containsExactly("2028-02-29T02:00:00Z");
    }

    @Test
    void what_is_no_cron_expression_is_refused() {
        for (String rule : List.of("nightly", "0 25 * * *", "* * * *", "0 0 2 * * * *")) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> cron.next(rule, ZoneId.of("UTC"), Instant.EPOCH))
                    .satisfies(refusal -> assertThat(refusal.field()).isEqualTo("rule"));
        }
    }
}
