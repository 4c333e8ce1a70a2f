package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * A statement that returns a row if the guard in it held, and none otherwise.
 *
 * <p>Thread-safe.
 */
final class SingleStatement {

    private SingleStatement() {}

    /** Executes the statement with the parameters of the script. Done with the row that it returned; refused without one. */
    static <T> Attempt<T> attempt(Tx tx, Script script, String sql, RowMapper<T> mapper) {
        Script.Rows<T> rows = script.query(sql, mapper);
        tx.execute(script);
        return answer(rows);
    }

    /** Does the same by {@link Tx#executeAlone}: for what one caller does many times a second. */
    static <T> Attempt<T> alone(Tx tx, Script script, String sql, RowMapper<T> mapper) {
        Script.Rows<T> rows = script.query(sql, mapper);
        tx.executeAlone(script);
        return answer(rows);
    }

    private static <T> Attempt<T> answer(Script.Rows<T> rows) {
        return rows.first().<Attempt<T>>map(Attempt::done).orElseGet(Attempt.Refused::new);
    }
}
