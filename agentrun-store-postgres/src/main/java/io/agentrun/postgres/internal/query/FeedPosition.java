package io.agentrun.postgres.internal.query;

import io.agentrun.backend.Cursors;
import io.agentrun.error.InvalidInputException;
import java.util.regex.Pattern;

/**
 * A position in a change feed. Immutable.
 *
 * @param generation of the feed; a position of another generation means nothing
 * @param timeline of the server that gave it out; on another one it may be too far ahead
 * @param xid the transaction that wrote the record at the position
 * @param version the version of that record; 0 is before all records of the transaction
 */
public record FeedPosition(long generation, String timeline, long xid, long version) {

    /** The timeline of a server that does not tell its own. */
    public static final String UNKNOWN = "unknown";

    /** The timeline of a position that was given out before positions had one. */
    private static final String NONE = "";

    private static final Pattern SEPARATOR = Pattern.compile("/", Pattern.LITERAL);
    private static final Pattern TIMELINE = Pattern.compile("[0-9A-F]{8}|" + UNKNOWN);

    /** Returns the position before everything. */
    public static FeedPosition start(long generation, String timeline) {
        return new FeedPosition(generation, timeline, 0, 0);
    }

    /**
     * Returns the position of the text.
     *
     * @throws InvalidInputException naming {@code cursor} if {@link #text} has not written it
     */
    public static FeedPosition parse(String text) {
        String[] parts = SEPARATOR.split(text, -1);
        if (parts.length == 3
                || (parts.length == 4 && TIMELINE.matcher(parts[3]).matches())) {
            FeedPosition position = new FeedPosition(
                    Cursors.number(parts[0]),
                    parts.length == 3 ? NONE : parts[3],
                    Cursors.number(parts[1]),
                    Cursors.number(parts[2]));
            if (position.xid >= 0) {
                return position;
            }
        }
        throw new InvalidInputException("cursor", "must be one that this store gave out, unchanged");
    }

    /** Returns the position as text. */
    public String text() {
        return Cursors.key(generation) + "/" + Cursors.key(xid) + "/" + Cursors.key(version) + "/" + timeline;
    }

    /** Returns whether this is behind the other position of the same generation. */
    public boolean isAfter(FeedPosition other) {
        return xid > other.xid || (xid == other.xid && version > other.version);
    }
}
