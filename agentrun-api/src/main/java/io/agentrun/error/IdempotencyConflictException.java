package io.agentrun.error;

/**
 * An idempotency key that is known was used with other content. Code {@code idempotency-conflict}, status 409,
 * {@code schema-invalid}, not retryable: use another key, or send what was sent the first time.
 *
 * <p>Immutable.
 */
public final class IdempotencyConflictException extends ConflictException {
    private static final long serialVersionUID = 1L;

    private final String key;

    /**
     * Says that a key was used again with other content.
     *
     * @param key the idempotency key that the caller gave
     */
    public IdempotencyConflictException(String key) {
        super(FailureKind.SCHEMA_INVALID, false, "idempotency key reused with different content", facts("key", key));
        this.key = key;
    }

    /**
     * Says that a key was used again with other content, in a call for many.
     *
     * @param key the idempotency key that the caller gave
     * @param index the place in the caller's list, from 0
     */
    public IdempotencyConflictException(String key, int index) {
        super(
                FailureKind.SCHEMA_INVALID,
                false,
                "item " + index + ": idempotency key reused with different content",
                facts("key", key, "index", index));
        this.key = key;
    }

    /** Returns the idempotency key that the caller gave. */
    public String key() {
        return key;
    }

    /** Returns {@code idempotency-conflict}. */
    @Override
    public String code() {
        return "idempotency-conflict";
    }
}
