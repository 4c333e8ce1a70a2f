package io.agentrun.limit;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import java.time.Instant;

/**
 * An attempt that counts towards a limit of what runs at once.
 *
 * <p>Immutable.
 *
 * @param runId its run
 * @param since from when it counts: from its dispatch, or, if it was under way then, from when the limit was set
 */
public record LimitHolder(String runId, @AsText Instant since) {

    /**
     * Checks what is given.
     *
     * @throws io.agentrun.error.InvalidInputException when a component is missing
     */
    public LimitHolder {
        Texts.id("runId", runId);
        since = Times.micros(Require.given("since", since));
    }
}
