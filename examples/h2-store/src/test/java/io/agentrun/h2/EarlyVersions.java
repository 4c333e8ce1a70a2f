package io.agentrun.h2;

import io.agentrun.tck.StoreFixture;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.UnaryOperator;

/** Takes a writer's version from the sequence before the writer has the lock, so that versions do not rise by commits. */
final class EarlyVersions implements UnaryOperator<String> {

    private static final String NEXT = "SELECT NEXT VALUE FOR session_version";

    private final String database;
    private final ThreadLocal<Long> taken = new ThreadLocal<>();

    private EarlyVersions(String database) {
        this.database = database;
    }

    static StoreFixture fixture() {
        String name = H2Fixture.newName();
        return H2Fixture.of(
                H2AgentRunStore.inMemory(name).statements(new EarlyVersions(name)),
                H2AgentRunStore.inMemory(name).statements(new EarlyVersions(name)));
    }

    @Override
    public String apply(String sql) {
        if (sql.contains("FOR UPDATE")) {
            taken.set(fromSequence());
        } else if (sql.equals(NEXT) && taken.get() != null) {
            String early = "SELECT " + taken.get();
            taken.remove();
            return early;
        }
        return sql;
    }

    private long fromSequence() {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:" + database, "sa", "");
                Statement statement = connection.createStatement();
                var row = statement.executeQuery(NEXT)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
