package io.agentrun.error;

import io.agentrun.FailureKind;

/**
 * An idempotency key that is known was used with other content. Status 409, {@code schema-invalid}, not retryable: use
 * another key, or send what was sent the first time.
 *
 * <p>Immutable.
 */
public final class IdempotencyConflictException extends ConflictException {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final String key;

    /**
     * Says that a key was used again with other content.
     *
     * @param what the kind of record in words: "run", "command", "runner job", "queue task"
     * @param key the idempotency key that the caller gave
     */
    public IdempotencyConflictException(String what, String key) {
        super(
                FailureKind.SCHEMA_INVALID,
                false,
                what + " idempotency key reused with different content",
                facts("what", what, "key", key));
        this.what = what;
        this.key = key;
    }

    /** The kind of record that the key belongs to, in words: "run", "command", "runner job", "queue task". */
    public String what() {
        return what;
    }

    /** The idempotency key that the caller gave. */
    public String key() {
        return key;
    }
}
