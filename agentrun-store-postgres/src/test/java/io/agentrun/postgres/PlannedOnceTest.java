package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.postgres.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * The server keeps the plan of a statement that is executed again and again. Where the values that it is given let it expect fewer rows
 * than in general, as the length of a short array does, it plans each execution anew instead, which takes longer than the execution.
 */
class PlannedOnceTest {

    /** Some are executed once in a story; the driver prepares a statement at its fifth execution, the server plans five anew. */
    private static final int STORIES = 20;

    private static final String PLANNED_EACH_TIME = """
            SELECT left(statement, 300)
            FROM pg_prepared_statements
            WHERE generic_plans = 0 AND custom_plans > 8
            """;

    @Test
    void no_operation_is_planned_anew_each_time() throws SQLException {
        try (TestDatabase database = TestDatabase.migrated()) {
            for (String table : database.query(
                    "SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND relname ~ '^agentrun_'")) {
                // New statistics would have everything planned anew, and rightly so.
                database.execute("ALTER TABLE " + table + " SET (autovacuum_enabled = false)");
            }
            HikariDataSource one = database.pool(1);
            try (PostgresAgentRunStore store = CountedStore.on(one)) {
                for (int story = 0; story < STORIES; story++) {
                    new OperationStory(store, story, new OperationStory.Step() {
                                @Override
                                public <T> T take(String name, Supplier<T> call) {
                                    return call.get();
                                }
                            })
                            .tell();
                }

                assertThat(found(one, PLANNED_EACH_TIME)).isEmpty();
                assertThat(found(one, "SELECT 'kept' FROM pg_prepared_statements WHERE generic_plans > 0"))
                        .hasSizeGreaterThan(100);
            }
        }
    }

    private static List<String> found(HikariDataSource pool, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }
}
