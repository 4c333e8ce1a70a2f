package io.agentrun.error;

/**
 * A record exists, and belongs to another tenant or project than the one the call acts for. Code
 * {@code tenant-policy-denied}, status 403, {@code tenant-policy-denied}, not retryable. Whose it is stays unsaid.
 *
 * <p>Immutable.
 */
public final class TenantPolicyException extends AgentRunException {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final String id;

    /**
     * Says that a record is another tenant's or project's.
     *
     * @param what the kind of record in words: "session"
     * @param id the id that the caller gave
     */
    public TenantPolicyException(String what, String id) {
        super(
                FailureKind.TENANT_POLICY_DENIED,
                403,
                false,
                what + " " + id + " belongs to another tenant or project",
                facts("what", what, "id", id),
                null);
        this.what = what;
        this.id = id;
    }

    /** Returns the kind of record, in words: "session". */
    public String what() {
        return what;
    }

    /** Returns the id that the caller gave. */
    public String id() {
        return id;
    }

    /** Returns {@code tenant-policy-denied}. */
    @Override
    public String code() {
        return "tenant-policy-denied";
    }
}
