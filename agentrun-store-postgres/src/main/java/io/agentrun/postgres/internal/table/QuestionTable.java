package io.agentrun.postgres.internal.table;

import io.agentrun.model.Idempotency;
import io.agentrun.model.Owner;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionContent;
import io.agentrun.question.QuestionEnd;
import io.agentrun.question.QuestionState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * {@code agentrun_questions}. What is asked and what became of it are JSON in one column each, as the API writes them. Whoever writes to
 * a question holds the lock of its run.
 *
 * <p>Thread-safe.
 */
public final class QuestionTable {

    /** The columns of a question, from {@code q}. */
    public static final String COLUMNS = """
            q.id, q.run_id, q.turn_id, q.tenant_id, q.project_id, q.session_id, q.content, q.state, q.ended,
            q.idempotency_key, q.content_hash, q.version, q.created_at, q.expires_at
            """;

    /** The columns of a question that hold JSON of any size. */
    public static final List<String> OBJECTS = List.of("content", "ended");

    /** The question with the id {@code :question_id}. */
    public static final String GET = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_questions q
            WHERE q.id = :question_id
            """;

    /** The question of the run {@code :run_id} that was asked under {@code :idempotency_key}. */
    public static final String BY_KEY = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_questions q
            WHERE q.run_id = :run_id AND q.idempotency_key = :idempotency_key
            """;

    /** The open questions of the run {@code :run_id}, the first asked first. No inbox is read for them: see {@link PlanGuards}. */
    public static final String OPEN = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_questions q
            WHERE q.run_id = :run_id AND q.state || '' = 'open'
            ORDER BY q.created_at, q.id
            """;

    /** New questions, each with the next version. */
    public static final String INSERT = """
            INSERT INTO {schema}.agentrun_questions AS q (
                id, run_id, turn_id, tenant_id, project_id, session_id, content, state, idempotency_key, content_hash,
                version, created_at, expires_at)
            SELECT
                n.id, n.run_id, n.turn_id, n.tenant_id, n.project_id, n.session_id, CAST(n.content AS jsonb), n.state,
                n.idempotency_key, n.content_hash, pg_catalog.nextval('{schema}.agentrun_question_version_seq'),
                n.created_at, n.expires_at
            FROM unnest(
                    :new_question_id, :new_question_run_id, :new_question_turn_id, :new_question_tenant_id,
                    :new_question_project_id, :new_question_session_id, :new_question_content, :new_question_state,
                    :new_question_key, :new_question_hash, :new_question_created_at, :new_question_expires_at)
                AS n (id, run_id, turn_id, tenant_id, project_id, session_id, content, state, idempotency_key,
                    content_hash, created_at, expires_at)
            RETURNING q.id, q.version
            """;

    /**
     * Everything of questions that may change, each with the next version; its place in the feed moves with it. The limit is for the plan:
     * as in {@link AppendStatements#TOGETHER}.
     */
    public static final String UPDATE = """
            UPDATE {schema}.agentrun_questions q
            SET state = n.state,
                ended = CAST(n.ended AS jsonb),
                version = pg_catalog.nextval('{schema}.agentrun_question_version_seq'),
                feed_xid = pg_catalog.pg_current_xact_id()
            FROM (
                SELECT *
                FROM unnest(:question_id, :question_state, :question_ended) AS n (id, state, ended)
                LIMIT (SELECT pg_catalog.cardinality(:question_id))
            ) n
            WHERE q.id = n.id
            RETURNING q.id, q.version
            """;

    private QuestionTable() {}

    /** Gives {@link #INSERT} its parameters. */
    public static void bindNew(Script script, List<Question> questions) {
        text(script, "new_question_id", questions, Question::id);
        text(script, "new_question_run_id", questions, Question::runId);
        text(script, "new_question_turn_id", questions, Question::turnId);
        text(
                script,
                "new_question_tenant_id",
                questions,
                question -> question.owner().tenantId());
        text(
                script,
                "new_question_project_id",
                questions,
                question -> question.owner().projectId());
        text(script, "new_question_session_id", questions, Question::sessionId);
        text(script, "new_question_content", questions, question -> Columns.part(question.content()));
        text(
                script,
                "new_question_state",
                questions,
                question -> question.state().wire());
        text(script, "new_question_key", questions, question -> key(question.idempotency(), Idempotency::key));
        text(script, "new_question_hash", questions, question -> key(question.idempotency(), Idempotency::contentHash));
        times(script, "new_question_created_at", questions, Question::createdAt);
        times(script, "new_question_expires_at", questions, Question::expiresAt);
    }

    /** Gives {@link #UPDATE} its parameters. */
    public static void bindChanged(Script script, List<Question> questions) {
        text(script, "question_id", questions, Question::id);
        text(script, "question_state", questions, question -> question.state().wire());
        text(script, "question_ended", questions, question -> Columns.part(question.end()));
    }

    private static @Nullable String key(@Nullable Idempotency idempotency, Function<Idempotency, String> part) {
        return idempotency == null ? null : part.apply(idempotency);
    }

    private static void text(
            Script script, String name, List<Question> questions, Function<Question, @Nullable String> value) {
        script.bindArray(name, "text", questions.stream().map(value).toArray());
    }

    private static void times(
            Script script, String name, List<Question> questions, Function<Question, @Nullable Instant> value) {
        script.bindTimes(name, questions.stream().map(value).toList());
    }

    /** Returns the question in the row. */
    public static Question question(ResultSet row, StatementContext context) throws SQLException {
        return new Question(
                Columns.text(row, "id"),
                Columns.text(row, "run_id"),
                Columns.text(row, "turn_id"),
                new Owner(Columns.text(row, "tenant_id"), Columns.text(row, "project_id")),
                row.getString("session_id"),
                Columns.json(row, "content").to(QuestionContent.class),
                QuestionState.fromWire("state", Columns.text(row, "state")),
                Columns.partOrNull(row, "ended", QuestionEnd.class),
                Columns.idempotency(row, "content_hash"),
                row.getLong("version"),
                Columns.instant(row, "created_at"),
                Columns.instant(row, "expires_at"));
    }
}
