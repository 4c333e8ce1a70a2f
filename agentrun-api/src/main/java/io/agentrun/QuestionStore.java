package io.agentrun;

import io.agentrun.lease.Fence;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.Reply;
import org.jspecify.annotations.Nullable;

/**
 * Questions that agents ask in the middle of a turn, and the answers of people.
 *
 * <p>A runner asks ({@link #ask}) and keeps its lease; a host shows what is open ({@link #list}, {@link #changes}) and gives the answer of a
 * person ({@link #answer}), or takes the question back ({@link #withdraw}). The runner hears of it from
 * {@code CommandStore.await} by a command of the type {@code answer}, whose payload is a
 * {@link io.agentrun.question.QuestionResult}. A question ends once, and what ends it first counts: an answer; its time, judged by every
 * answer and written by {@link AgentRunStore#upkeep()}; the host; or the end of its turn or run, which withdraws it in the same change. What becomes
 * of a question outlives the runner: after a release or recovery the command is delivered to the next holder, and a question that is
 * asked again under its key is returned with its answer.
 *
 * <p>A runner that can go on elsewhere need not wait: {@code LeaseStore.park} gives the run away until questions have ended, and the turn is
 * then delivered with what became of them, and no command tells of it.
 *
 * <p>Asking writes the event {@code question_asked} {@code {questionId, turnId, text, expiresAt}}, the end of a question
 * {@code question_answered} {@code {questionId, state, answeredBy}}. Neither holds the answer.
 *
 * <p>What every operation checks first, and what each may throw besides, says {@link io.agentrun.AgentRunStore}.
 *
 * <p>Thread-safe.
 */
public interface QuestionStore {

    /** The most questions that a run may have open at one time. */
    int MAX_OPEN = 100;

    /**
     * Asks a question for the acknowledged turn of the run, which its runner holds. The lease goes on as it is.
     *
     * <p>With an idempotency key that is known in the run, the first question is returned as it is now, answered or not, also when the run
     * has ended since or has another holder, and nothing is changed; callers at the same moment get the same question.
     *
     * @return the new question, or the first one of the key
     * @throws io.agentrun.error.InvalidInputException if a parameter is null, or the content has more bytes as JSON than the store's
     *     {@code maxPayloadBytes}
     * @throws io.agentrun.error.NotFoundException if there is no such run
     * @throws io.agentrun.error.IdempotencyConflictException if the key is known with other content
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold
     * @throws io.agentrun.error.AlreadyTerminalException if the run has ended
     * @throws io.agentrun.error.StateConflictException if a cancel of the run was asked for, if no turn of it is acknowledged and open, or if
     *     {@value #MAX_OPEN} of its questions are open
     */
    Question ask(Fence fence, NewQuestion question);

    /**
     * Returns the question as it is now. One whose time is over is open until that was written.
     *
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids
     * @throws io.agentrun.error.NotFoundException if there is no such question, or its run was purged
     */
    Question get(String questionId);

    /**
     * Returns one page of the questions that the query asks for, in its order.
     *
     * @throws io.agentrun.error.InvalidInputException if the query is null, its cursor is not one of this list, or its limit is over the
     *     store's {@code maxPage}
     */
    Page<Question> list(QuestionQuery query);

    /**
     * Returns the questions that have changed since the cursor, each in its latest state, for an inbox that stays up to date; as
     * {@code SessionStore.changes} does for sessions. Purged questions are not among them.
     *
     * @param cursor {@code nextCursor} of the page before; null begins with everything
     * @param limit the most questions, 1 to the store's {@code maxPage} (500 unless set otherwise)
     * @throws io.agentrun.error.InvalidInputException if the scope is null, the cursor is not one of this feed and scope, or the limit is
     *     out of range
     */
    ChangePage<Question> changes(TenantScope scope, @Nullable String cursor, int limit);

    /**
     * Answers an open question. The same answer by the same person, given again, returns the question as it is and changes nothing.
     *
     * @param reply the answer: one of the options where the question has some, or declined
     * @param answeredBy who answers, 1 to 200 characters; it is kept and shown
     * @throws io.agentrun.error.InvalidInputException if the id or {@code answeredBy} break the rule for ids, the reply is null or its
     *     content is over the store's {@code maxPayloadBytes}, or the reply is no answer to this question
     * @throws io.agentrun.error.NotFoundException if there is no such question
     * @throws io.agentrun.error.AlreadyTerminalException if the question has ended otherwise, or its time is over
     */
    Question answer(String questionId, Reply reply, String answeredBy);

    /**
     * Takes an open question back, and returns it; one whose time is over ends by that instead. A question that has ended is returned as
     * stored and nothing changes.
     *
     * @param reason for people, 0 to 16384 characters
     * @throws io.agentrun.error.InvalidInputException if the id or the reason break their rules
     * @throws io.agentrun.error.NotFoundException if there is no such question
     */
    Question withdraw(String questionId, String reason);
}
