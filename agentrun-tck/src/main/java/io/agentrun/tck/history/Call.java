package io.agentrun.tck.history;

import org.jspecify.annotations.Nullable;

/**
 * A call of a history, with what it answered inside its transition.
 *
 * <p>Immutable.
 *
 * @param what the call and its answer, for people
 * @param invoked when it began: a number from one counter for the whole history
 * @param returned when it ended, from the same counter; {@link #OPEN} if nobody knows whether it took effect
 * @param transition what the model says of it
 * @param <S> the state of the model
 */
public record Call<S>(String what, long invoked, long returned, Transition<S> transition) {

    /** Of a call whose answer is unknown: it may have taken effect, at any time since it began, or not. */
    public static final long OPEN = Long.MAX_VALUE;

    /** What the model says of a call. */
    public interface Transition<S> {
        /** Returns the state after the call; null if the model would have given another answer in this state. */
        @Nullable
        S apply(S before);
    }

    /** Returns whether its answer is unknown. */
    public boolean isOpen() {
        return returned == OPEN;
    }
}
