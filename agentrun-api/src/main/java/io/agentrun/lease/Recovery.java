package io.agentrun.lease;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.run.Run;

/**
 * What a recovery did, and the run as it is since.
 *
 * <p>Immutable.
 *
 * @param runId the run
 * @param outcome what was done
 * @param run the run afterwards
 */
public record Recovery(String runId, RecoveryOutcome outcome, Run run) {

    public Recovery {
        Texts.id("runId", runId);
        Require.given("outcome", outcome);
        Require.given("run", run);
    }
}
