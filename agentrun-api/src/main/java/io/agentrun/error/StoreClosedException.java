package io.agentrun.error;

import java.util.Map;

/**
 * The store was closed before the call, or while it waited. Code {@code store-closed}, status 503,
 * {@code infra-failed}, not retryable on this store.
 *
 * <p>Immutable.
 */
public final class StoreClosedException extends AgentRunException {
    private static final long serialVersionUID = 1L;

    /** Says that the store is closed. */
    public StoreClosedException() {
        super(FailureKind.INFRA_FAILED, 503, false, "the store is closed", Map.of(), null);
    }

    /** Returns {@code store-closed}. */
    @Override
    public String code() {
        return "store-closed";
    }
}
