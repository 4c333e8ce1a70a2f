package io.agentrun.postgres.internal.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.sql.SQLException;
import org.jdbi.v3.core.ConnectionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the states of PostgreSQL mean to a caller. */
class SqlErrorsTest {

    /** Each state that is told by itself, and some of each class that is told as one. */
    @ParameterizedTest
    @CsvSource({
        "57014, TIMEOUT",
        "55P03, LOCK_TIMEOUT",
        "53300, POOL_EXHAUSTED",
        "53400, POOL_EXHAUSTED",
        "53100, STORAGE_FULL",
        "53000, STORAGE_FULL",
        "53200, INTERNAL",
        "25006, READ_ONLY",
        "42501, CREDENTIALS",
        "28P01, CREDENTIALS",
        "28000, CREDENTIALS",
        "40001, CONFLICT",
        "40P01, CONFLICT",
        "23505, CONFLICT",
        "42P01, SCHEMA",
        "42703, SCHEMA",
        "42883, SCHEMA",
        "3F000, SCHEMA",
        "57P01, UNREACHABLE",
        "57P02, UNREACHABLE",
        "57P03, UNREACHABLE",
        "08006, UNREACHABLE",
        "08001, UNREACHABLE",
        "3D000, UNREACHABLE",
        "XX001, CORRUPT",
        "XX000, CORRUPT",
        "22012, INTERNAL",
    })
    void a_state_is_told_as_what_a_caller_can_do_about_it(String state, Reason reason) {
        SQLException said = new SQLException("secret content", state);

        assertThat(SqlErrors.translated(new ConnectionException(said)))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageNotContaining("secret")
                .extracting(translated -> ((StoreUnavailableException) translated).reason())
                .isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource({"57P01, true", "08006, true", "40001, true", "42P01, false", "28P01, false"})
    void what_may_pass_by_itself_can_be_tried_again(String state, boolean retryable) {
        assertThat(((StoreUnavailableException)
                                SqlErrors.translated(new ConnectionException(new SQLException("no", state))))
                        .retryable())
                .isEqualTo(retryable);
    }
}
