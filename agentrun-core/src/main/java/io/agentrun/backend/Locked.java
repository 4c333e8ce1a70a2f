package io.agentrun.backend;

import io.agentrun.error.NotFoundException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a lock has found.
 *
 * <p>Immutable.
 */
public sealed interface Locked<T> {

    /** The record, locked until the transaction ends. */
    record Found<T>(T value) implements Locked<T> {}

    /** There is no such record. */
    record Missing<T>() implements Locked<T> {}

    /** Another transaction has it; only with {@link LockMode#SKIP}. Whether it exists is not said. */
    record Held<T>() implements Locked<T> {}

    /** Returns the answer for a record that may be missing. */
    static <T> Locked<T> of(@Nullable T value) {
        return value == null ? new Missing<>() : new Found<>(value);
    }

    /** Returns the answer for a record that was looked for. */
    static <T> Locked<T> of(Optional<T> found) {
        return of(found.orElse(null));
    }

    /** Returns the record, or null if it is missing or held. */
    default @Nullable T orNull() {
        return this instanceof Found<T> found ? found.value() : null;
    }

    /**
     * Returns the record.
     *
     * @throws NotFoundException if there is none
     * @throws IllegalStateException if it is held, which a waiting lock never answers: a defect of the backend
     */
    default T orThrow(String what, String id) {
        if (this instanceof Found<T> found) {
            return found.value();
        }
        if (this instanceof Held) {
            throw new IllegalStateException("a waiting lock was answered as held");
        }
        throw new NotFoundException(what, id);
    }
}
