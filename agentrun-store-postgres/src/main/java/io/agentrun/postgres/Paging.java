package io.agentrun.postgres;

import io.agentrun.backend.PageBytes;
import io.agentrun.postgres.internal.db.PageSql;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import java.util.List;

/**
 * Reads lists in which a row that cannot be read hides no other, and pages that end by their bytes.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Paging {

    private final Tx tx;

    Paging(Tx tx) {
        this.tx = tx;
    }

    /** A statement that returns at most so many rows. */
    interface Limited<T> {
        Script.Rows<T> add(Script script, int limit);
    }

    /**
     * Returns the first rows that can be read. What cannot be read is passed over and counts for nothing: with a page that is
     * short for it a reader would stop before the rows behind.
     */
    <T> List<T> list(int limit, Limited<T> statement) {
        int size = limit;
        while (true) {
            Script script = new Script();
            Script.Rows<T> rows = statement.add(script, size);
            tx.read(script);
            tx.skipped(rows.unreadable());
            List<T> found = rows.readable();
            int unreadable = rows.unreadable().size();
            if (found.size() >= limit || found.size() + unreadable < size) {
                return found.size() > limit ? found.subList(0, limit) : found;
            }
            size = limit + 2 * unreadable;
        }
    }

    /**
     * Returns the first rows that can be read, as {@link #list(int, Limited)}, or enough of them that a page ends within them by
     * its bytes. The server counts otherwise than a page does: where it has ended too early, more are read.
     */
    <T> List<T> page(int limit, PageBytes<T> bytes, Limited<T> statement) {
        int size = limit;
        long most = PageSql.MOST;
        while (true) {
            Script script = new Script().bind("page_bytes", most);
            Script.Rows<T> rows = statement.add(script, size);
            tx.read(script);
            tx.skipped(rows.unreadable());
            List<T> found = rows.readable();
            int unreadable = rows.unreadable().size();
            if (found.size() >= limit) {
                return found.subList(0, limit);
            }
            if (rows.cut() ? bytes.tooMany(found) : found.size() + unreadable < size) {
                return found;
            }
            most = rows.cut() ? 8 * most : most;
            size = limit + 2 * unreadable;
        }
    }
}
