package io.agentrun.event;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import java.util.List;

/**
 * Events of a run, by number, read at one moment.
 *
 * <p>Immutable.
 *
 * @param runId the run
 * @param items the events, by number; may be empty
 * @param nextAfterSeq what to ask the next page with: the number of the last event here, or what was asked with
 * @param ended whether the run has ended and nothing follows this page: the reader is done
 */
public record EventPage(String runId, List<RunEvent> items, long nextAfterSeq, boolean ended) {

    public EventPage {
        Texts.id("runId", runId);
        items = Require.items("items", items);
        Require.between("nextAfterSeq", nextAfterSeq, 0, Long.MAX_VALUE);
    }
}
