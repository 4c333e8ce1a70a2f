package io.agentrun.rules;

import io.agentrun.check.Require;

/**
 * What tells a numbered batch of events from others.
 *
 * <p>Immutable.
 *
 * @param number the number of the batch, 1 or more
 * @param hash the hash of its events as they were given, before redaction, made with the fence's token: so that the store
 *     keeps no hash of a secret that could be found by trying
 */
public record BatchStamp(long number, String hash) {

    public BatchStamp {
        Require.between("number", number, 1, Long.MAX_VALUE);
        Require.given("hash", hash);
    }
}
