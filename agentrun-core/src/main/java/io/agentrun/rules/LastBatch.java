package io.agentrun.rules;

import io.agentrun.check.Require;

/**
 * The last numbered batch that was appended in a run's present epoch.
 *
 * <p>Immutable.
 *
 * @param number the number of the batch
 * @param firstSeq the number of its first event in the run
 * @param count how many events it has
 * @param hash the hash of its {@link BatchStamp}
 */
public record LastBatch(long number, long firstSeq, int count, String hash) {

    public LastBatch {
        Require.given("hash", hash);
    }
}
