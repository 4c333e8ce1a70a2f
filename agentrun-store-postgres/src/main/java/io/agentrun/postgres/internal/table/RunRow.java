package io.agentrun.postgres.internal.table;

import io.agentrun.rules.RunGuard;
import io.agentrun.rules.RunHead;
import io.agentrun.run.Run;

/**
 * A run with the numbers that its next event and command go on from.
 *
 * <p>Immutable.
 *
 * @param eventSeq the number of the run's last event, 0 for none
 * @param commandSeq the number of the run's last command, 0 for none
 * @param slotted whether the run may have slots of limits
 */
public record RunRow(Run run, RunGuard guard, long eventSeq, long commandSeq, boolean slotted) {

    /** Returns what the rules see of the run. */
    public RunHead head() {
        return RunHead.of(run, guard);
    }
}
