package io.agentrun.postgres;

import org.jspecify.annotations.Nullable;

/**
 * What one caller wants, and what became of it.
 *
 * <p>Not thread-safe: whoever settles it hands it back through {@link Line}.
 *
 * @param <I> what it wants
 * @param <O> what it gets
 */
final class Pending<I, O> {

    private final I input;
    private @Nullable O outcome;
    private @Nullable RuntimeException failure;

    Pending(I input) {
        this.input = input;
    }

    I input() {
        return input;
    }

    void succeed(@Nullable O value) {
        outcome = value;
    }

    void fail(RuntimeException reason) {
        failure = reason;
    }

    /**
     * What it got; null if the guard did not hold, or nobody could tell.
     *
     * @throws RuntimeException what it failed with
     */
    @Nullable
    O outcome() {
        if (failure != null) {
            throw failure;
        }
        return outcome;
    }
}
