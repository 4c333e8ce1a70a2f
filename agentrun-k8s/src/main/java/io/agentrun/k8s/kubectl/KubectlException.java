package io.agentrun.k8s.kubectl;

import io.agentrun.error.AgentRunException;
import io.agentrun.error.FailureKind;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The cluster refused a call, or could not be asked. Code {@code kubectl-failed}; the failure kind is
 * {@code infra-failed}; {@link #reason()} says which way it failed, {@link #retryable()} whether the same call may succeed
 * later, and the message holds the server's own words, masked and cut to one line of 500 characters, and the executable
 * that was run.
 *
 * <p>After {@link Reason#TIMEOUT} and {@link Reason#UNAVAILABLE} a write may have been done all the same: look before it
 * is repeated.
 *
 * <p>Immutable.
 */
public final class KubectlException extends AgentRunException {
    private static final long serialVersionUID = 1L;

    /** Which way a call failed. Immutable. */
    public enum Reason {
        /** The object, or its namespace, does not exist. */
        NOT_FOUND(404, false),
        /** An object of that name exists, perhaps one that is on its way out. */
        ALREADY_EXISTS(409, false),
        /** The object is another one (uid) or another version than was named, or a list's cursor is too old. */
        CONFLICT(409, true),
        /** The service account may not do this, a policy forbids it, or the namespace is on its way out. */
        FORBIDDEN(503, false),
        /** A quota of the namespace is used up; others may free it. */
        QUOTA_EXCEEDED(503, true),
        /** The cluster refused the content. */
        INVALID(400, false),
        /** The credentials are missing or bad, or the kubeconfig is. */
        UNAUTHORIZED(503, false),
        /** The API server asked to slow down. */
        THROTTLED(503, true),
        /** The API server, or kubectl itself, cannot be reached; or a part of the cluster failed. */
        UNAVAILABLE(503, true),
        /** No answer in time. */
        TIMEOUT(503, true),
        /** Anything else. */
        UNKNOWN(502, false);

        private final int httpStatus;
        private final boolean retryable;

        Reason(int httpStatus, boolean retryable) {
            this.httpStatus = httpStatus;
            this.retryable = retryable;
        }

        /** Returns whether a call that failed this way may succeed later, unless the exception says otherwise. */
        public boolean retryable() {
            return retryable;
        }

        /** Returns the name in JSON: lower case, words joined by hyphens ({@code quota-exceeded}). */
        public String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final Reason reason;
    private final String operation;
    private final @Nullable String executable;

    /**
     * Says that a call failed where no program was run, with the retryability of its reason.
     *
     * @param operation what was tried, in words: {@code create persistentvolumeclaims ns/name}
     * @param message the server's words; no secrets
     */
    public KubectlException(Reason reason, String operation, String message) {
        this(reason, reason.retryable(), operation, message, null, null);
    }

    /**
     * Says that a call failed.
     *
     * @param operation what was tried, in words: {@code create persistentvolumeclaims ns/name}
     * @param message the server's words; no secrets
     * @param executable the program that was run, as the options name it; null where none was
     * @param cause what led to it, or null; its message must hold no secret either
     */
    public KubectlException(
            Reason reason,
            boolean retryable,
            String operation,
            String message,
            @Nullable String executable,
            @Nullable Throwable cause) {
        super(
                FailureKind.INFRA_FAILED,
                reason.httpStatus,
                retryable,
                operation + ": " + reason.wire() + ": " + message + (executable == null ? "" : " [" + executable + "]"),
                facts("reason", reason.wire(), "operation", operation, "executable", executable),
                cause);
        this.reason = reason;
        this.operation = operation;
        this.executable = executable;
    }

    /** Returns {@code kubectl-failed}. */
    @Override
    public String code() {
        return "kubectl-failed";
    }

    /** Returns which way the call failed. */
    public Reason reason() {
        return reason;
    }

    /** Returns what was tried, in words. */
    public String operation() {
        return operation;
    }

    /** Returns the program that was run, as the options name it; empty where none was, as in memory. */
    public Optional<String> executable() {
        return Optional.ofNullable(executable);
    }

    /** Returns whether the call may have been done in spite of this failure. */
    public boolean outcomeUnknown() {
        return switch (reason) {
            case TIMEOUT, UNAVAILABLE, UNKNOWN -> true;
            case NOT_FOUND, ALREADY_EXISTS, CONFLICT, FORBIDDEN, QUOTA_EXCEEDED, INVALID, UNAUTHORIZED, THROTTLED ->
                false;
        };
    }
}
