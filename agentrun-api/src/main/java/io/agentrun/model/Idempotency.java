package io.agentrun.model;

import io.agentrun.check.Texts;

/**
 * The key under which a record was created, and what it was created from: the same key with the same content returns the
 * record, with other content it is a conflict.
 *
 * <p>Immutable.
 *
 * @param key 1 to 255 characters; unique per tenant and project for runs and queue tasks, per run for commands and runner
 *     jobs
 * @param contentHash the hash of every stored input field, as {@code contentHash()} of the input made it
 */
public record Idempotency(String key, String contentHash) {

    public Idempotency {
        Texts.key("idempotencyKey", key);
        Texts.label("contentHash", contentHash);
    }
}
