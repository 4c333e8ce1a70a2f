package io.agentrun.backend;

/**
 * What became of a shortcut. A shortcut decides, and never explains: why it was refused, the engine asks the rule.
 *
 * <p>Immutable.
 */
public sealed interface Attempt<T> {

    /** It is done, and committed as every write is. */
    record Done<T>(T value) implements Attempt<T> {}

    /** The guard was false on the row that the statement saw. Nothing was written. */
    record Refused<T>() implements Attempt<T> {}

    /** Another transaction was in the way, so that the guard was not evaluated. Nothing was written. */
    record Contended<T>() implements Attempt<T> {}

    /** This backend has no such shortcut. */
    record Unsupported<T>() implements Attempt<T> {}

    /** Returns an attempt that is done. */
    static <T> Attempt<T> done(T value) {
        return new Done<>(value);
    }

    /** Returns an attempt of a backend without this shortcut. */
    static <T> Attempt<T> unsupported() {
        return new Unsupported<>();
    }
}
