package io.agentrun.micrometer;

/**
 * Tells the handlers of an observation that something failed, by a code: the message of the real exception may hold what an agent said,
 * and where observations go nobody redacts.
 *
 * <p>Immutable.
 */
final class ObservedFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ObservedFailure(String code) {
        super(code, null, false, false);
    }
}
