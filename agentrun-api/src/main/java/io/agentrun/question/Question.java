package io.agentrun.question;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Owner;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A question as the store has it.
 *
 * <p>Immutable.
 *
 * @param id "qst_…", given by the store
 * @param runId the run in which it was asked
 * @param turnId the turn in which it was asked; the question is withdrawn when that ends
 * @param owner whose run it is
 * @param sessionId the run's session, or null
 * @param content what is asked
 * @param state where it stands
 * @param end what became of it; given exactly once it has ended
 * @param idempotency the key that it was asked with, or null
 * @param version moves with every stored change of any question; means something by order only
 * @param createdAt when it was asked
 * @param expiresAt until when it may be answered
 */
public record Question(
        String id,
        String runId,
        String turnId,
        Owner owner,
        @Nullable String sessionId,
        QuestionContent content,
        QuestionState state,
        @Nullable QuestionEnd end,
        @Nullable Idempotency idempotency,
        long version,
        @AsText Instant createdAt,
        @AsText Instant expiresAt) {

    /**
     * Checks that nothing is missing.
     *
     * @throws io.agentrun.error.InvalidInputException if a component is missing or breaks its rule
     */
    public Question {
        Texts.id("id", id);
        Texts.id("runId", runId);
        Texts.id("turnId", turnId);
        Require.given("owner", owner);
        Texts.idOrNull("sessionId", sessionId);
        Require.given("content", content);
        Require.given("state", state);
        Require.between("version", version, 0, Long.MAX_VALUE);
        createdAt = Times.micros(Require.given("createdAt", createdAt));
        expiresAt = Times.micros(Require.given("expiresAt", expiresAt));
    }

    /** Returns the same question with another version; for authors of stores. */
    public Question withVersion(long value) {
        return new Question(
                id, runId, turnId, owner, sessionId, content, state, end, idempotency, value, createdAt, expiresAt);
    }

    /** Returns the same question ended so; for authors of stores. */
    public Question ended(QuestionState as, QuestionEnd how) {
        return new Question(
                id, runId, turnId, owner, sessionId, content, as, how, idempotency, version, createdAt, expiresAt);
    }
}
