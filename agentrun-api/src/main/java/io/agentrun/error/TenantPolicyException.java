package io.agentrun.error;

/**
 * A record exists, and belongs to another tenant or project than the one the call acts for; or a tenant view was asked for a
 * new record of another owner, or for what belongs to no tenant. Code {@code tenant-policy-denied}, status 403,
 * {@code tenant-policy-denied}, not retryable. Whose an existing record is stays unsaid.
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

    private TenantPolicyException(String what, String id, String message) {
        super(FailureKind.TENANT_POLICY_DENIED, 403, false, message, facts("what", what, "id", id), null);
        this.what = what;
        this.id = id;
    }

    /**
     * Says that a new record would belong to an owner that a tenant view does not include.
     *
     * @param what the kind of record in words: "run", "session", "queue task"
     * @param tenantId the tenant that the caller gave
     * @param projectId the project that the caller gave
     */
    public static TenantPolicyException outside(String what, String tenantId, String projectId) {
        String id = tenantId + "/" + projectId;
        return new TenantPolicyException(
                what, id, "a new " + what + " of " + id + " is outside of the tenants and projects of this view");
    }

    /**
     * Says that a tenant view refuses what belongs to no tenant.
     *
     * @param what the kind of record in words: "runner", "backend"
     * @param id the id that the caller gave, or {@code *} where the call names none
     */
    public static TenantPolicyException ownerless(String what, String id) {
        return new TenantPolicyException(
                what, id, what + " " + id + " belongs to no tenant, so that a tenant view refuses it");
    }

    /** Returns the kind of record, in words: "session". */
    public String what() {
        return what;
    }

    /** Returns the id that the caller gave; of a new record, the tenant and the project that it was to belong to. */
    public String id() {
        return id;
    }

    /** Returns {@code tenant-policy-denied}. */
    @Override
    public String code() {
        return "tenant-policy-denied";
    }
}
