package io.agentrun.postgres;

import io.agentrun.backend.StoreReads.EventSlice;
import io.agentrun.backend.StoreReads.TraceSlice;
import io.agentrun.backend.StoreReads.Visibility;
import io.agentrun.postgres.internal.db.PageSql;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.SessionQueries;
import io.agentrun.postgres.internal.query.SessionQueries.Traced;
import io.agentrun.postgres.internal.table.EventQueries;
import io.agentrun.postgres.internal.table.OwnerGuard;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads events, of one run, of many, and of a session's run.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class EventReads {

    private final Tx tx;
    private final OwnerGuard guard;

    EventReads(Tx tx, OwnerGuard guard) {
        this.tx = tx;
        this.guard = guard;
    }

    /** Returns the events of each of the runs that there are, after the number beside it. */
    Map<String, EventSlice> ofAll(Map<String, Long> after, int limit) {
        List<String> ids = List.copyOf(after.keySet());
        Script script = guard.bind(new Script())
                .bindArray("run_ids", "text", ids.toArray())
                .bindArray("after_seqs", "bigint", ids.stream().map(after::get).toArray())
                .bind("limit", limit)
                .bind("page_bytes", PageSql.MOST / Math.max(1, ids.size()));
        Script.Rows<EventQueries.RowOfRun> rows =
                script.query(guard.row(EventQueries.PAGES, "s.", "s.run_id = q.run_id"), EventQueries::rowOfRun);
        tx.read(script);
        Map<String, EventSlice> slices = new HashMap<>();
        rows.all().stream()
                .collect(Collectors.groupingBy(EventQueries.RowOfRun::runId))
                .forEach((id, found) -> slices.put(id, EventSlices.ofRun(found)));
        return slices;
    }

    /** Returns the run's events after the number. */
    Optional<EventSlice> of(String runId, long afterSeq, int limit, Visibility visibility) {
        Script script = guard.bind(new Script().bind("run_id", runId))
                .bind("after_seq", afterSeq)
                .bind("limit", limit)
                .bind("page_bytes", PageSql.MOST);
        String sql = switch (visibility) {
            case ALL -> EventQueries.PAGE;
            case OUTPUT -> EventQueries.VISIBLE_PAGE;
        };
        Script.Rows<EventQueries.PageRow> rows =
                script.query(guard.row(sql, "s.", "s.run_id = :run_id"), EventQueries::row);
        tx.read(script);
        return rows.first().map(row -> EventSlices.of(rows.all()));
    }

    /** Returns what a trace of the session shows. */
    Optional<TraceSlice> trace(
            String sessionId, @Nullable String runId, long afterSeq, int limit, Visibility visibility) {
        Script script = guard.bind(new Script().bind("session_id", sessionId))
                .bind("run_id", runId)
                .bind("after_seq", afterSeq)
                .bind("limit", limit)
                .bind("page_bytes", PageSql.MOST);
        String sql = switch (visibility) {
            case ALL -> SessionQueries.ALL_EVENTS;
            case OUTPUT -> SessionQueries.VISIBLE_EVENTS;
        };
        Script.Rows<Traced> rows =
                script.query(guard.row(sql, "s.", "s.session_id = :session_id"), SessionQueries::traced);
        tx.read(script);
        return rows.first().map(row -> EventSlices.traced(rows.all()));
    }
}
