package io.agentrun.postgres;

import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.query.FeedHorizon;
import io.agentrun.postgres.internal.query.FeedHorizon.Holder;
import io.agentrun.postgres.internal.query.FeedPosition;
import io.agentrun.text.PlainText;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells what keeps the change feeds from going on, and by how much they lag.
 *
 * <p>Thread-safe.
 */
final class FeedHealth {

    /** A transaction that is younger is no news: every writer holds the feeds back for a moment. */
    private static final Duration LONG = Duration.ofSeconds(10);

    private static final int MAX_NAME = 200;

    private volatile @Nullable Seen seen;

    /** A transaction that held the feeds back, and when that was first seen here. */
    private record Seen(long xid, Instant since) {}

    /**
     * Adds what is asked about the feeds.
     *
     * @return when the script has run, what the operator of a primary should know, or null
     */
    Supplier<@Nullable String> look(Script script) {
        Script.Rows<String> timeline = FeedHorizon.timeline(script);
        Script.Rows<Holder> holder = FeedHorizon.holder(script);
        return () -> {
            String held = held(holder.firstOrNull());
            if (held != null) {
                return held;
            }
            return timeline.first().orElse(FeedPosition.UNKNOWN).equals(FeedPosition.UNKNOWN)
                    ? "the server does not tell its timeline: after a failover change feeds may miss changes"
                    : null;
        };
    }

    private @Nullable String held(@Nullable Holder holder) {
        if (holder == null) {
            seen = null;
            return null;
        }
        Seen before = seen;
        Seen now = before != null && before.xid() == holder.xid() ? before : new Seen(holder.xid(), holder.now());
        seen = now;
        // The server tells the beginning of another user's transaction only to whom it trusts with it.
        Instant since = holder.since() == null ? now.since() : holder.since();
        Duration age = Duration.between(since, holder.now());
        if (age.compareTo(LONG) < 0) {
            return null;
        }
        return "change feeds show nothing of the last " + holder.lag() + " transactions: " + name(holder)
                + " has not ended for " + age.toSeconds() + " s";
    }

    private static String name(Holder holder) {
        if (holder.gid() != null) {
            return "the prepared transaction '" + shown(holder.gid()) + "'";
        }
        if (holder.pid() == null) {
            return "transaction " + holder.xid() + " of an unknown process";
        }
        String application = holder.application();
        return "the transaction of process " + holder.pid()
                + (application == null || application.isEmpty() ? "" : " (application '" + shown(application) + "')");
    }

    /** Returns a name that a stranger may have chosen, fit for one line of a message. */
    static String shown(String name) {
        int[] visible = name.codePoints()
                .limit(MAX_NAME)
                .map(c -> Character.isISOControl(c) || PlainText.isHidden(c) ? '?' : c)
                .toArray();
        return new String(visible, 0, visible.length);
    }
}
