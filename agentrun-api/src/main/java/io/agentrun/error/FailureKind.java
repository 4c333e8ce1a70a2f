package io.agentrun.error;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.text.PlainText;
import java.io.Serializable;

/**
 * What kind of failure it was, by its wire string. The set is open: a host reports its own with {@link #of}, and an
 * unknown one that was read from a database is kept as it is.
 *
 * <p>Immutable.
 *
 * @param wire 1 to 200 characters; compared exactly
 */
public record FailureKind(String wire) implements Serializable {
    /** The call or its input is not acceptable. */
    public static final FailureKind SCHEMA_INVALID = new FailureKind("schema-invalid");
    /** The record is another tenant's or project's. */
    public static final FailureKind TENANT_POLICY_DENIED = new FailureKind("tenant-policy-denied");
    /** The caller's lease is over, or another runner holds one. */
    public static final FailureKind RUNNER_LEASE_CONFLICT = new FailureKind("runner-lease-conflict");
    /** The runner's lease ran out and no attempt was left. */
    public static final FailureKind RUNNER_LOST = new FailureKind("runner-lost");
    /** The store, the cluster or the network failed. */
    public static final FailureKind INFRA_FAILED = new FailureKind("infra-failed");
    /** The agent backend failed. */
    public static final FailureKind BACKEND_FAILED = new FailureKind("backend-failed");
    /** Nobody claimed the run in its time, and nothing of it was begun. */
    public static final FailureKind UNCLAIMED = new FailureKind("unclaimed");
    /** It had not begun or ended by its deadline. */
    public static final FailureKind DEADLINE_EXCEEDED = new FailureKind("deadline-exceeded");
    /** Somebody asked for the end. */
    public static final FailureKind CANCELLED = new FailureKind("cancelled");
    /** The session's files were evicted. */
    public static final FailureKind SESSION_STORE_EVICTED = new FailureKind("session-store-evicted");
    /** The session's files are being evicted. */
    public static final FailureKind SESSION_STORAGE_TERMINATING = new FailureKind("session-storage-terminating");
    /** The cluster has lost the session's files. */
    public static final FailureKind SESSION_STORAGE_MISSING = new FailureKind("session-storage-missing");

    private static final int MAX_LENGTH = 200;

    /**
     * Checks the string.
     *
     * @throws InvalidInputException if it is null or breaks the rule for labels
     */
    public FailureKind {
        String problem = wire == null ? "must be given" : PlainText.problemOfName(wire, MAX_LENGTH);
        if (problem != null) {
            throw new InvalidInputException("failureKind", problem);
        }
    }

    /**
     * Returns the kind with the given wire string, known or not.
     *
     * @throws InvalidInputException if the text breaks the rule for labels
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static FailureKind of(String wire) {
        return new FailureKind(wire);
    }

    /** Returns the string in JSON and in the database. */
    @Override
    @JsonValue
    public String wire() {
        return wire;
    }

    @Override
    public String toString() {
        return wire;
    }
}
