package io.agentrun.postgres.internal.query;

import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.QuestionTable;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import java.util.List;

/**
 * The statements that list questions. That a question is open stands in the statement as it does in the conditions of the indexes of
 * inboxes, which a parameter would not.
 *
 * <p>Thread-safe.
 */
public final class QuestionLists {

    private static final String LIST = "SELECT " + QuestionTable.COLUMNS + """
            FROM {schema}.agentrun_questions q
            WHERE true
            """;
    private static final String TENANT = "AND q.tenant_id = :tenant_id\n";
    private static final String PROJECT = "AND q.project_id = :project_id\n";
    private static final String RUN = "AND q.run_id = :run_id\n";
    private static final String SESSION = "AND q.session_id = :session_id\n";
    private static final String OPEN = "AND q.state = 'open'\n";
    private static final String STATE = "AND q.state = :state\n";
    private static final String AFTER_OLDEST = "AND (q.created_at, q.id) > (:after_at, :after_id)\n";
    private static final String AFTER_DUE = "AND (q.expires_at, q.id) > (:after_at, :after_id)\n";
    private static final String OLDEST = "ORDER BY q.created_at, q.id LIMIT :limit";
    private static final String DUE = "ORDER BY q.expires_at, q.id LIMIT :limit";

    private QuestionLists() {}

    /**
     * Adds one page of questions in the order of the query.
     *
     * @param after the keys of the last question that was shown: its time of creation or of expiry, and its id; none for the first page
     */
    public static Script.Rows<Question> list(Script script, QuestionQuery query, List<String> after, int limit) {
        StringBuilder sql = new StringBuilder(LIST);
        Scopes.add(script.bind("limit", limit), sql, query.scope(), TENANT, PROJECT);
        if (query.runId() != null) {
            sql.append(RUN);
            script.bind("run_id", query.runId());
        }
        if (query.sessionId() != null) {
            sql.append(SESSION);
            script.bind("session_id", query.sessionId());
        }
        QuestionState state = query.state();
        if (state == QuestionState.OPEN) {
            sql.append(OPEN);
        } else if (state != null) {
            sql.append(STATE);
            script.bind("state", state.wire());
        }
        String ordered = switch (query.order()) {
            case OLDEST -> (after.isEmpty() ? "" : AFTER_OLDEST) + OLDEST;
            case DUE -> (after.isEmpty() ? "" : AFTER_DUE) + DUE;
        };
        if (!after.isEmpty()) {
            AfterKeys.bind(script, after.get(0), after.get(1));
        }
        return script.page(sql.append(ordered).toString(), QuestionTable.OBJECTS, QuestionTable::question);
    }
}
