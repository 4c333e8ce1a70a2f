package io.agentrun.postgres;

import io.agentrun.backend.StoreReads.EventSlice;
import io.agentrun.backend.StoreReads.TraceSlice;
import io.agentrun.event.RunEvent;
import io.agentrun.postgres.internal.query.SessionQueries.Traced;
import io.agentrun.postgres.internal.table.EventQueries.PageRow;
import io.agentrun.postgres.internal.table.EventQueries.RowOfRun;
import java.util.List;
import java.util.Objects;

/** Makes slices of events out of the rows of one run, of which there is one at least. Thread-safe. */
final class EventSlices {

    private EventSlices() {}

    static EventSlice of(List<PageRow> rows) {
        PageRow first = rows.get(0);
        List<RunEvent> items =
                rows.stream().map(PageRow::event).filter(Objects::nonNull).toList();
        return new EventSlice(items, first.terminal(), first.last(), first.found() > items.size());
    }

    static EventSlice ofRun(List<RowOfRun> rows) {
        return of(rows.stream().map(RowOfRun::row).toList());
    }

    static TraceSlice traced(List<Traced> rows) {
        Traced run = rows.get(0);
        if (!run.belongs()) {
            return new TraceSlice(run.runId(), false, null);
        }
        List<RunEvent> items =
                rows.stream().map(Traced::event).filter(Objects::nonNull).toList();
        EventSlice events = new EventSlice(items, run.ended(), run.eventSeq(), run.found() > items.size());
        return new TraceSlice(run.runId(), true, events);
    }
}
