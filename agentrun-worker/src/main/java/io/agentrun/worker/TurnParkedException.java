package io.agentrun.worker;

import java.util.List;

/**
 * The turn is parked: its run waits for answers, and this worker holds it no more. {@link Turn#ask} throws it; the agent lets it pass and
 * ends. It is no failure. Once the questions have ended, a worker gets the turn with {@link Turn#resumed}.
 *
 * <p>Immutable.
 */
public final class TurnParkedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String[] questionIds;

    TurnParkedException(List<String> questionIds) {
        super("the turn is parked until its questions have ended", null, false, false);
        this.questionIds = questionIds.toArray(String[]::new);
    }

    /** Returns the questions that the run waits for. */
    public List<String> questionIds() {
        return List.of(questionIds);
    }
}
