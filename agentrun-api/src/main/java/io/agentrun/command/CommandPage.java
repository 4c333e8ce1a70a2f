package io.agentrun.command;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import java.util.List;

/**
 * Commands of a run, by number.
 *
 * <p>Immutable.
 *
 * @param runId the run
 * @param items the commands, by number; may be empty
 * @param nextAfterSeq what to ask the next page with: the number of the last command here, or what was asked with
 */
public record CommandPage(String runId, List<Command> items, long nextAfterSeq) {

    public CommandPage {
        Texts.id("runId", runId);
        items = Require.items("items", items);
        Require.between("nextAfterSeq", nextAfterSeq, 0, Long.MAX_VALUE);
    }
}
