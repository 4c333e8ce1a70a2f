package io.agentrun.engine.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OperatorLogTest {

    private final List<String> written = new ArrayList<>();
    private long now = -5;

    private final OperatorLog log = new OperatorLog(
            new System.Logger() {
                @Override
                public String getName() {
                    return "test";
                }

                @Override
                public boolean isLoggable(Level level) {
                    return true;
                }

                @Override
                public void log(
                        Level level, @Nullable ResourceBundle bundle, String message, @Nullable Throwable thrown) {
                    written.add(level + " " + message + (thrown == null ? "" : " " + thrown.getMessage()));
                }

                @Override
                public void log(
                        Level level, @Nullable ResourceBundle bundle, String format, @Nullable Object... parameters) {
                    log(level, bundle, format, (Throwable) null);
                }
            },
            () -> now);

    @Test
    void a_text_is_logged_at_most_once_a_minute_and_then_with_how_often_it_was_left_out() {
        log.warn("lost");
        now += Duration.ofSeconds(59).toNanos();
        log.warn("lost");
        log.warn("lost", new IllegalStateException("cause"));
        assertThat(written).containsExactly("WARNING lost");

        now += Duration.ofSeconds(1).toNanos();
        log.warn("lost", new IllegalStateException("cause"));
        log.warn("lost");

        assertThat(written)
                .containsExactly("WARNING lost", "WARNING lost (and 2 times since it was last logged) cause");
    }

    @Test
    void each_text_has_its_own_minute() {
        log.warn("lost");
        log.info("back");
        now += Duration.ofMinutes(1).toNanos();
        log.warn("lost");

        assertThat(written).containsExactly("WARNING lost", "INFO back", "WARNING lost");
    }
}
