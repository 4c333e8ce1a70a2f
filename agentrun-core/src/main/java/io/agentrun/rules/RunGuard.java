package io.agentrun.rules;

import io.agentrun.check.Require;
import io.agentrun.lease.Fence;
import org.jspecify.annotations.Nullable;

/**
 * What the store knows about the present epoch of a run and shows to nobody. It is part of a run's narrow row, and of no
 * record of the API.
 *
 * <p>Immutable.
 *
 * @param tokenHash the hash of the token in the only fence that holds in this epoch, as {@link Fence#tokenHash()} gives it;
 *     null where no fence holds: while the run is pending, after an end that is not its holder's, and for a lease that was
 *     taken over from before there were tokens
 * @param lastBatch the last numbered batch that was appended with this token; null if there was none
 */
public record RunGuard(@Nullable String tokenHash, @Nullable LastBatch lastBatch) {

    /** Nobody may write as the holder of the run. */
    public static final RunGuard NONE = new RunGuard(null, null);

    /** Returns the guard of a new epoch whose claim has the token with this hash. */
    public static RunGuard of(String tokenHash) {
        return new RunGuard(tokenHash, null);
    }

    /** Returns the same guard after another numbered batch. */
    RunGuard with(LastBatch batch) {
        return new RunGuard(tokenHash, batch);
    }

    /** Returns whether the fence has the token of this epoch. */
    public boolean admits(Fence fence) {
        return fence.tokenHash().equals(tokenHash);
    }

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
}
