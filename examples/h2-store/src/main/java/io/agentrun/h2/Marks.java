package io.agentrun.h2;

import io.agentrun.ReadMark;
import io.agentrun.rules.SessionRules;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What readers have read of records of one kind. */
record Marks(String kind) {

    /** The version up to which the reader has read; 0 for never or nobody. */
    long version(Tx tx, String subjectId, @Nullable String readerId) {
        return readerId == null
                ? 0
                : find(tx, subjectId, readerId).map(ReadMark::version).orElse(0L);
    }

    /** The mark, moved forward if that is forward. */
    ReadMark move(Tx tx, String subjectId, String readerId, long version, long current) {
        ReadMark stored = find(tx, subjectId, readerId).orElse(null);
        ReadMark mark = SessionRules.markRead(subjectId, readerId, version, current, stored, tx.now());
        if (!mark.equals(stored)) {
            tx.update("""
                MERGE INTO marks (kind, subject_id, reader_id, version, read_at) KEY (kind, subject_id, reader_id)
                VALUES (?, ?, ?, ?, ?)""", kind, subjectId, readerId, mark.version(), mark.readAt());
        }
        return mark;
    }

    private Optional<ReadMark> find(Tx tx, String subjectId, String readerId) {
        return tx
                .list(
                        row -> new ReadMark(subjectId, readerId, row.getLong(1), row.getObject(2, Instant.class)),
                        "SELECT version, read_at FROM marks WHERE kind = ? AND subject_id = ? AND reader_id = ?",
                        kind,
                        subjectId,
                        readerId)
                .stream()
                .findFirst();
    }
}
