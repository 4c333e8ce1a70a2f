package io.agentrun.inspect;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import java.time.Instant;

/**
 * Why a record does not move, as it was when it was looked at. A host passes on its {@link #text()}, or the whole as JSON.
 *
 * <p>Immutable.
 *
 * @param kind what kind of record
 * @param id its id
 * @param state the wire string of its state or status
 * @param since when the record last changed, by the store's clock; a heartbeat is no change
 * @param reason the one condition that holds it there
 */
public record Explanation(
        SubjectKind kind, String id, String state, @AsText Instant since, Reason reason) {

    /**
     * Checks that all is given.
     *
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids, or a component is null
     */
    public Explanation {
        Require.given("kind", kind);
        Texts.id("id", id);
        Require.given("state", state);
        since = Times.micros(Require.given("since", since));
        Require.given("reason", reason);
    }

    /** Returns what moves the record next. */
    public NextStep next() {
        return reason.next();
    }

    /** Returns the reason at the end of the chain: of the record with which this one moves, or of this one. */
    public Reason cause() {
        return reason instanceof Reason.With with ? with.other().cause() : reason;
    }

    /**
     * Returns everything as one line of English, such as {@code task qt_1 is pending since 2026-01-01T10:00:00Z: it is not due
     * before 2026-01-01T11:00:00Z}.
     */
    public String text() {
        return kind.wire() + " " + id + " is " + state + " since " + since + ": " + reason.text();
    }
}
