package io.agentrun.doctor;

import io.agentrun.AgentRunStore;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.inspect.Bounds;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The events of a run, read page by page and summed up. Immutable.
 *
 * @param count how many there are
 * @param fault the number at which an event is missing, repeated, or another run's; 0 for none
 * @param repeatedId an id that two of them have
 * @param ends how many are {@code terminal_status}
 * @param endStatus what the last of these says
 * @param endIsLast whether nothing follows it
 * @param ended whether the last page said that the stream has ended
 * @param complete whether all were read
 */
record EventScan(
        long count,
        long fault,
        @Nullable String repeatedId,
        int ends,
        @Nullable String endStatus,
        boolean endIsLast,
        boolean ended,
        boolean complete) {

    static EventScan of(AgentRunStore store, String runId, Bounds bounds) {
        long count = 0;
        long fault = 0;
        String repeated = null;
        int ends = 0;
        String endStatus = null;
        boolean endIsLast = false;
        Set<String> ids = new HashSet<>();
        long after = 0;
        while (true) {
            EventPage page = store.events().list(runId, after, bounds.page());
            for (RunEvent event : page.items()) {
                count++;
                if (fault == 0 && (event.seq() != count || !event.runId().equals(runId))) {
                    fault = count;
                }
                if (!ids.add(event.id())) {
                    repeated = event.id();
                }
                endIsLast = event.type() == EventType.TERMINAL_STATUS;
                if (endIsLast) {
                    ends++;
                    endStatus = event.payload().string("terminalStatus").orElse(null);
                }
            }
            boolean last = page.items().isEmpty() || page.ended();
            if (last || page.nextAfterSeq() <= after || count >= bounds.eventsPerRun()) {
                return new EventScan(count, fault, repeated, ends, endStatus, endIsLast, page.ended(), last);
            }
            after = page.nextAfterSeq();
        }
    }
}
