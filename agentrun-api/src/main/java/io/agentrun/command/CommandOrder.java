package io.agentrun.command;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import org.jspecify.annotations.Nullable;

/**
 * When a command's time comes.
 *
 * <p>Immutable.
 *
 * @param ordinal the position of a turn among the turns of its session, or, on a run without one, its number in the run; 0
 *     for a steer or interrupt
 * @param deliverable whether {@code await} gives it out; false for a turn that waits behind another
 * @param targetCommandId the turn that a steer or interrupt is for; null for a turn
 */
public record CommandOrder(
        long ordinal, boolean deliverable, @Nullable String targetCommandId) {

    public CommandOrder {
        Require.between("ordinal", ordinal, 0, Long.MAX_VALUE);
        Texts.idOrNull("targetCommandId", targetCommandId);
    }
}
