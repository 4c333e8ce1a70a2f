package io.agentrun.tck.sabotage;

import io.agentrun.QuestionStore;
import io.agentrun.lease.Fence;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.Reply;
import org.jspecify.annotations.Nullable;

/** Passes every call on; a sabotage overrides one. */
class PassingQuestions implements QuestionStore {

    final QuestionStore real;

    PassingQuestions(QuestionStore real) {
        this.real = real;
    }

    @Override
    public Question ask(Fence fence, NewQuestion question) {
        return real.ask(fence, question);
    }

    @Override
    public Question get(String questionId) {
        return real.get(questionId);
    }

    @Override
    public Page<Question> list(QuestionQuery query) {
        return real.list(query);
    }

    @Override
    public ChangePage<Question> changes(TenantScope scope, @Nullable String cursor, int limit) {
        return real.changes(scope, cursor, limit);
    }

    @Override
    public Question answer(String questionId, Reply reply, String answeredBy) {
        return real.answer(questionId, reply, answeredBy);
    }

    @Override
    public Question withdraw(String questionId, String reason) {
        return real.withdraw(questionId, reason);
    }
}
