package io.agentrun.worker;

/**
 * What has become of a run that a worker has taken: held, to be given back, or over. Whichever is decided first counts.
 *
 * <p>Thread-safe.
 */
final class Holding {

    private enum State {
        HELD,
        /** To be given back by its thread once the agent has ended. */
        GIVING_BACK,
        /** Nothing more is written for it. */
        OVER
    }

    private final Object lock = new Object();
    private State state = State.HELD;
    private boolean leaving;

    boolean isHeld() {
        return is(State.HELD);
    }

    boolean isGivingBack() {
        return is(State.GIVING_BACK);
    }

    boolean isOver() {
        return is(State.OVER);
    }

    private boolean is(State wanted) {
        synchronized (lock) {
            return state == wanted;
        }
    }

    /** Decides that the run is given back; returns false if it is not held. */
    boolean giveBack() {
        synchronized (lock) {
            if (state != State.HELD) {
                return false;
            }
            state = State.GIVING_BACK;
            return true;
        }
    }

    /** Decides that nothing more is written. */
    void over() {
        synchronized (lock) {
            state = State.OVER;
        }
    }

    /** Says whether the run's own thread gives it away just now, so that a lost lease is no news. */
    void leaving(boolean now) {
        synchronized (lock) {
            leaving = now;
        }
    }

    /** Returns whether the run's own thread gives it away, or has just done so. */
    boolean isLeaving() {
        synchronized (lock) {
            return leaving;
        }
    }
}
