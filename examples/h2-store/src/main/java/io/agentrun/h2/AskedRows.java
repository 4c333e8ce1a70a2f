package io.agentrun.h2;

import static io.agentrun.h2.Table.QUESTIONS;

import io.agentrun.backend.StoreReads;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionOrder;
import io.agentrun.question.QuestionQuery;
import java.util.List;
import java.util.Optional;

/** Finds questions. Not thread-safe: one thread at a time. */
interface AskedRows extends StoreReads {

    Sql sql();

    @Override
    default Optional<Question> findQuestion(String questionId) {
        return QUESTIONS.find(sql(), "id = ?", questionId);
    }

    @Override
    default Optional<Question> findQuestion(String runId, String idempotencyKey) {
        return QUESTIONS.find(sql(), "run_id = ? AND idempotency_key = ?", runId, idempotencyKey);
    }

    @Override
    default List<Question> questions(QuestionQuery query, List<String> after, int limit) {
        String at = query.order() == QuestionOrder.DUE ? "expires_at" : "created_at";
        var questions = QUESTIONS.from(sql()).in(query.scope()).is("run_id", query.runId());
        questions.is("session_id", query.sessionId()).is("state", query.state());
        return questions
                .after(after, at + " >= ? AND (" + at + " > ? OR id > ?)")
                .list(at + ", id", limit);
    }
}
