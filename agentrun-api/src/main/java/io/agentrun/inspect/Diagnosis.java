package io.agentrun.inspect;

import io.agentrun.check.Require;
import java.util.List;

/**
 * What an examination of a store came to: {@code InspectStore.doctor}.
 *
 * <p>Immutable.
 *
 * @param findings what does not hold, in the order in which it was found
 * @param unsettled the ids of records that looked wrong while others changed them, each time that they were read; look again
 * @param runs how many runs were examined
 * @param sessions how many sessions were examined
 * @param tasks how many tasks were examined
 * @param complete whether the bounds left nothing out
 */
public record Diagnosis(
        List<Finding> findings, List<String> unsettled, long runs, long sessions, long tasks, boolean complete) {

    /**
     * Copies the lists.
     *
     * @throws io.agentrun.error.InvalidInputException if one is missing
     */
    public Diagnosis {
        findings = Require.items("findings", findings);
        unsettled = Require.items("unsettled", unsettled);
    }

    /** Returns whether nothing was found; what is unsettled is no finding. */
    public boolean healthy() {
        return findings.isEmpty();
    }
}
