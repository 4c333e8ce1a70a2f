package io.agentrun.engine;

import io.agentrun.QuestionStore;
import io.agentrun.backend.Cursors;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.PageBytes;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.StoredRun;
import io.agentrun.check.Require;
import io.agentrun.engine.report.Failures;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.id.IdSource;
import io.agentrun.lease.Fence;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionOrder;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.rules.Change;
import io.agentrun.rules.Keys;
import io.agentrun.rules.QuestionRules;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The questions of every store. */
final class Questions implements QuestionStore {

    /** How many questions one pass ends because their time is over. */
    private static final int MOST_EXPIRED = 500;

    /** How many of them are read at once. */
    private static final int PORTION = 50;

    private static final Pages<Question> OLDEST = new Pages<>(
            "questions", 2, PageBytes.QUESTIONS, question -> List.of(Cursors.key(question.createdAt()), question.id()));
    private static final Pages<Question> DUE = new Pages<>(
            "questions", 2, PageBytes.QUESTIONS, question -> List.of(Cursors.key(question.expiresAt()), question.id()));
    private static final Pages.Feeds<Question> FEED =
            new Pages.Feeds<>("question-changes", StoreReads::questionChanges);

    private final Context context;

    Questions(Context context) {
        this.context = context;
    }

    @Override
    public Question ask(Fence fence, NewQuestion question) {
        Fence given = Require.given("fence", fence);
        NewQuestion checked = context.intake().question(question);
        String id = context.ids().next(IdSource.QUESTION);
        return context.backend().write(tx -> ask(tx, given, checked, id));
    }

    private Question ask(StoreTx tx, Fence fence, NewQuestion input, String id) {
        StoredRun run = tx.lockRun(fence.runId(), LockMode.WAIT).orThrow("run", fence.runId());
        String key = input.idempotencyKey();
        Question first =
                key == null ? null : tx.findQuestion(fence.runId(), key).orElse(null);
        if (first != null) {
            Keys.requireSameContent(Require.given("idempotency", first.idempotency()), input.contentHash());
            return first;
        }
        Change change =
                QuestionRules.ask(run.run(), run.head(), tx.openCommands(fence.runId()), fence, input, id, tx.now());
        return tx.write(change, context.ids()).questions().get(0);
    }

    @Override
    public Question get(String questionId) {
        String id = context.intake().id("questionId", questionId);
        return context.backend()
                .read(reads -> reads.findQuestion(id))
                .orElseThrow(() -> new NotFoundException("question", id));
    }

    @Override
    public Page<Question> list(QuestionQuery query) {
        QuestionQuery given = Require.given("query", query);
        Pages<Question> pages = switch (given.order()) {
            case OLDEST -> OLDEST;
            case DUE -> DUE;
        };
        return pages.read(
                context,
                context.scope().narrow(given.scope()).map(given::withScope),
                QuestionQuery::fingerprint,
                given.cursor(),
                given.limit(),
                StoreReads::questions);
    }

    @Override
    public ChangePage<Question> changes(TenantScope scope, @Nullable String cursor, int limit) {
        return FEED.page(context, scope, cursor, limit);
    }

    @Override
    public Question answer(String questionId, Reply reply, String answeredBy) {
        String id = context.intake().id("questionId", questionId);
        Reply kept = context.intake().reply(reply);
        String person = context.intake().id("answeredBy", answeredBy);
        String commandId = context.ids().next(IdSource.COMMAND);
        return end(id, (view, now) -> QuestionRules.answer(view, kept, person, commandId, now));
    }

    @Override
    public Question withdraw(String questionId, String reason) {
        String id = context.intake().id("questionId", questionId);
        String kept = context.intake().reason(reason);
        String commandId = context.ids().next(IdSource.COMMAND);
        return end(id, (view, now) -> QuestionRules.withdraw(view, kept, commandId, now));
    }

    /** Writes what the rule decides about the question; returns it as it is then. */
    private Question end(String questionId, BiFunction<QuestionRules.View, Instant, Change> rule) {
        return context.backend().write(tx -> {
            QuestionRules.View view = tx.lockQuestion(questionId).orThrow("question", questionId);
            Change change = rule.apply(view, tx.now());
            List<Question> written = tx.write(change, context.ids()).questions();
            return written.isEmpty() ? view.question() : written.get(0);
        });
    }

    /** What became of a question that may be over. */
    private enum Expiry {
        ENDED,
        LEFT,
        NOT_OVER
    }

    /**
     * Ends open questions whose time is over, the longest over first, each in a step of its own, and returns how many. What cannot be ended
     * now is left to a later pass. Where no question is open, it is one read. Within a transaction of the host it does nothing: the questions
     * would be locked until that ends.
     */
    int expire() {
        if (!context.backend().commitsSteps()) {
            return 0;
        }
        QuestionQuery open = QuestionQuery.in(TenantScope.all())
                .withState(QuestionState.OPEN)
                .withOrder(QuestionOrder.DUE);
        int ended = 0;
        int examined = 0;
        List<String> after = List.of();
        while (examined < MOST_EXPIRED) {
            List<String> from = after;
            int size = examined == 0 ? 1 : PORTION;
            List<Question> found = context.backend().read(reads -> reads.questions(open, from, size));
            for (Question question : found) {
                Expiry expiry = expire(question.id());
                if (expiry == Expiry.NOT_OVER) {
                    return ended;
                }
                ended += expiry == Expiry.ENDED ? 1 : 0;
            }
            if (PageBytes.QUESTIONS.areLast(found, size)) {
                return ended;
            }
            examined += size;
            after = DUE.keysOf().apply(found.get(found.size() - 1));
        }
        return ended;
    }

    private Expiry expire(String id) {
        String commandId = context.ids().next(IdSource.COMMAND);
        try {
            return context.backend().write(tx -> {
                QuestionRules.View view = tx.lockQuestion(id).orThrow("question", id);
                Change change = QuestionRules.expire(view, commandId, tx.now());
                tx.write(change, context.ids());
                return !change.isEmpty()
                        ? Expiry.ENDED
                        : view.question().state() == QuestionState.OPEN ? Expiry.NOT_OVER : Expiry.LEFT;
            });
        } catch (NotFoundException purged) {
            return Expiry.LEFT;
        } catch (StoreUnavailableException e) {
            if (Failures.isOfOneItem(e)) {
                return Expiry.LEFT;
            }
            throw e;
        }
    }
}
