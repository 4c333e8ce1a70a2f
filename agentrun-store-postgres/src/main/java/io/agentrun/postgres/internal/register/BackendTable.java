package io.agentrun.postgres.internal.register;

import io.agentrun.model.BackendProfile;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.runner.Backend;
import io.agentrun.runner.NewBackend;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * {@code agentrun_backends}; the migration puts in those that every store starts with.
 *
 * <p>Thread-safe.
 */
public final class BackendTable {

    private static final String COLUMNS = "b.profile, b.capabilities, b.capacity, b.health, b.updated_at\n";

    /** All backends, by name. */
    public static final String LIST = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_backends b
            ORDER BY b.profile
            """;

    /** The backend as it is described now. */
    public static final String SAVE = """
            INSERT INTO {schema}.agentrun_backends AS b (profile, capabilities, capacity, health, updated_at)
            VALUES (
                :profile, CAST(:capabilities AS jsonb), CAST(:capacity AS jsonb), CAST(:health AS jsonb),
                {schema}.agentrun_now())
            ON CONFLICT (profile) DO UPDATE
            SET capabilities = EXCLUDED.capabilities,
                capacity = EXCLUDED.capacity,
                health = EXCLUDED.health,
                updated_at = EXCLUDED.updated_at
            """ + "RETURNING " + COLUMNS;

    /** The backend, inserted or replaced, with the time that it has. */
    public static final String PUT = """
            INSERT INTO {schema}.agentrun_backends (profile, capabilities, capacity, health, updated_at)
            VALUES (
                :profile, CAST(:capabilities AS jsonb), CAST(:capacity AS jsonb), CAST(:health AS jsonb), :updated_at)
            ON CONFLICT (profile) DO UPDATE
            SET capabilities = EXCLUDED.capabilities,
                capacity = EXCLUDED.capacity,
                health = EXCLUDED.health,
                updated_at = EXCLUDED.updated_at
            """;

    private BackendTable() {}

    /** Gives {@link #PUT} its parameters. */
    public static Script bind(Script script, Backend backend) {
        return script.bind("profile", backend.profile().wire())
                .bind("capabilities", backend.capabilities())
                .bind("capacity", backend.capacity())
                .bind("health", backend.health())
                .bind("updated_at", backend.updatedAt());
    }

    /** Gives {@link #SAVE} its parameters. */
    public static Script bind(Script script, NewBackend backend) {
        return script.bind("profile", backend.profile().wire())
                .bind("capabilities", backend.capabilities())
                .bind("capacity", backend.capacity())
                .bind("health", backend.health());
    }

    /** Returns the backend in the row. */
    public static Backend backend(ResultSet row, StatementContext context) throws SQLException {
        return new Backend(
                BackendProfile.of(Columns.text(row, "profile")),
                Columns.json(row, "capabilities"),
                Columns.json(row, "capacity"),
                Columns.json(row, "health"),
                Columns.instant(row, "updated_at"));
    }
}
