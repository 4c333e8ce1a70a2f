package io.agentrun.rules;

import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.model.Idempotency;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Idempotency keys: the same key with equal content is a replay, with other content a conflict (I-1).
 *
 * <p>Pure functions. Thread-safe.
 */
public final class Keys {

    private Keys() {}

    /**
     * Returns the key with the hash of its content, or {@code null} without a key; the hash is computed only where needed.
     */
    public static @Nullable Idempotency of(@Nullable String key, Supplier<String> contentHash) {
        return key == null ? null : new Idempotency(key, contentHash.get());
    }

    /**
     * Refuses a key that was used before with other content.
     *
     * @param stored the key of the record that was found under it
     * @throws IdempotencyConflictException if the contents differ
     */
    public static void requireSameContent(Idempotency stored, String contentHash) {
        if (!stored.contentHash().equals(contentHash)) {
            throw new IdempotencyConflictException(stored.key());
        }
    }

    /**
     * Refuses a key that was used before with other content, in a call for many.
     *
     * @param stored the key of the record that was found under it
     * @param index the place of the item in the caller's list
     * @throws IdempotencyConflictException if the contents differ
     */
    public static void requireSameContent(Idempotency stored, String contentHash, int index) {
        if (!stored.contentHash().equals(contentHash)) {
            throw new IdempotencyConflictException(stored.key(), index);
        }
    }
}
