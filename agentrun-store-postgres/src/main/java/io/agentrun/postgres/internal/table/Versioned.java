package io.agentrun.postgres.internal.table;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;

/** The version that a session, a task or a question has got. Immutable. */
public record Versioned(String id, long version) {

    /** Returns what a row says in {@code id} and {@code version}. */
    public static Versioned row(ResultSet row, StatementContext context) throws SQLException {
        return new Versioned(Columns.text(row, "id"), row.getLong("version"));
    }
}
