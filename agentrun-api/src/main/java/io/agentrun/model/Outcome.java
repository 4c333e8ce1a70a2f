package io.agentrun.model;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * How something ended, and why. The message passes through the store's redactor before it is stored.
 *
 * <p>Immutable.
 *
 * @param status how it ended
 * @param failureKind what kind of failure it was; never with completed, always with cancelled ({@code cancelled} unless
 *     another is given), as known otherwise
 * @param message why, for people; 0 to 16384 characters, or null
 */
public record Outcome(
        TerminalStatus status,
        @Nullable FailureKind failureKind,
        @Nullable String message) {

    /**
     * Checks the parts against each other.
     *
     * @throws InvalidInputException if the status is missing, if a completed outcome has a failure kind, or if the message
     *     breaks the rule for messages
     */
    public Outcome {
        Require.given("status", status);
        Texts.messageOrNull("message", message);
        if (status == TerminalStatus.COMPLETED && failureKind != null) {
            throw new InvalidInputException("failureKind", "must not be given with a completed outcome");
        }
        if (status == TerminalStatus.CANCELLED && failureKind == null) {
            failureKind = FailureKind.CANCELLED;
        }
    }

    /** Returns the outcome that it did what it was asked to. */
    public static Outcome completed() {
        return new Outcome(TerminalStatus.COMPLETED, null, null);
    }

    /** Returns the outcome that it could not. */
    public static Outcome failed(FailureKind kind, @Nullable String message) {
        return new Outcome(TerminalStatus.FAILED, Require.given("failureKind", kind), message);
    }

    /** Returns the outcome that it cannot go on without somebody else. */
    public static Outcome blocked(FailureKind kind, @Nullable String message) {
        return new Outcome(TerminalStatus.BLOCKED, Require.given("failureKind", kind), message);
    }

    /** Returns the outcome that somebody asked for the end; the failure kind is {@code cancelled}. */
    public static Outcome cancelled(@Nullable String reason) {
        return new Outcome(TerminalStatus.CANCELLED, FailureKind.CANCELLED, reason);
    }

    /**
     * Returns the outcome that nobody claimed the run, so that nothing was begun: cancelled, with the failure kind {@code unclaimed}.
     */
    public static Outcome unclaimed(@Nullable String message) {
        return new Outcome(TerminalStatus.CANCELLED, FailureKind.UNCLAIMED, message);
    }

    /** Returns the outcome of a task that had not begun or ended by its deadline: cancelled, with the kind {@code deadline-exceeded}. */
    public static Outcome overdue(@Nullable String message) {
        return new Outcome(TerminalStatus.CANCELLED, FailureKind.DEADLINE_EXCEEDED, message);
    }

    /** Tells the length of the message, not the message. */
    @Override
    public String toString() {
        return "Outcome[status=" + status + ", failureKind=" + failureKind + ", message=" + Texts.size(message) + "]";
    }

    /** Returns the same outcome with another message; for the redactor. */
    public Outcome withMessage(@Nullable String other) {
        return new Outcome(status, failureKind, other);
    }
}
