package io.agentrun.postgres;

import io.agentrun.error.NotFoundException;
import io.agentrun.model.ReadMark;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.register.SessionMarkTable;
import io.agentrun.postgres.internal.register.TaskMarkTable;
import io.agentrun.rules.SessionRules;
import java.time.Instant;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;

/** Moves read marks forward; versions only rise, so that a version that was there once may be marked without a lock. */
final class Marks {

    static final Kind OF_SESSION =
            new Kind("session", SessionMarkTable.MOVE, SessionMarkTable.GET, SessionMarkTable::mark);
    static final Kind OF_TASK = new Kind("queue task", TaskMarkTable.MOVE, TaskMarkTable.GET, TaskMarkTable::mark);

    private Marks() {}

    /** What is marked, and how. Immutable. */
    record Kind(String what, String move, String get, RowMapper<ReadMark> mapper) {}

    private record Moved(long subjectVersion, @Nullable ReadMark mark) {}

    /** The mark, moved to the version or as far already; one round trip where it moves. */
    static ReadMark move(Database database, Kind kind, String subjectId, String readerId, long version) {
        return database.once(tx -> {
            Script script = named(subjectId, readerId).bind("version", version);
            Script.Rows<Moved> rows = script.query(kind.move(), (row, context) -> {
                boolean moved = row.getString("subject_id") != null;
                ReadMark mark = moved ? kind.mapper().map(row, context) : null;
                return new Moved(row.getLong("subject_version"), mark);
            });
            tx.execute(script);
            Moved result = rows.first().orElseThrow(() -> new NotFoundException(kind.what(), subjectId));
            ReadMark mark = result.mark();
            return mark != null ? mark : stored(tx, kind, subjectId, readerId, version, result.subjectVersion());
        });
    }

    private static ReadMark stored(
            Tx tx, Kind kind, String subjectId, String readerId, long version, long subjectVersion) {
        Script script = named(subjectId, readerId);
        Script.Rows<ReadMark> found = script.query(kind.get(), kind.mapper());
        tx.execute(script);
        return SessionRules.markRead(subjectId, readerId, version, subjectVersion, found.firstOrNull(), Instant.EPOCH);
    }

    private static Script named(String subjectId, String readerId) {
        return new Script().bind("subject_id", subjectId).bind("reader_id", readerId);
    }
}
