package io.agentrun.postgres.internal.query;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.agentrun.backend.Cursors;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.postgres.internal.db.Script;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Keys in a cursor that somebody has made: what the server would refuse is refused before. */
class AfterKeysTest {

    private static final Instant NOW = Instant.parse("2024-05-01T12:00:00Z");

    @Test
    void a_time_and_an_id_that_the_server_does_not_know_are_refused() {
        for (List<String> forged : List.of(
                List.of(text(Instant.parse("-4713-01-01T00:00:00Z")), "run_1"),
                List.of(text(Times.MIN.minusNanos(1_000)), "run_1"),
                List.of(text(NOW), "run_\0"))) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> AfterKeys.bind(new Script(), forged.get(0), forged.get(1)))
                    .matches(refused -> refused.field().equals("cursor"));
        }
        assertThatNoException().isThrownBy(() -> AfterKeys.bind(new Script(), text(Times.MIN), "run_1"));
    }

    private static String text(Instant time) {
        return Cursors.key(time);
    }
}
