package io.agentrun.error;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The store could not do its work for a reason that is not the call's. Code {@code store-unavailable}, status 503,
 * {@code infra-failed}; whether a retry makes sense depends on {@link #reason()}.
 *
 * <p>A write that ends with this exception may have been done or not (a connection can break after the commit and
 * before the answer). Repeat it: with an idempotency key where it creates something, as it is everywhere else.
 *
 * <p>Immutable.
 */
public final class StoreUnavailableException extends AgentRunException {
    private static final long serialVersionUID = 1L;

    /** Why a store is unavailable; {@link #retryable()} says whether waiting helps. Immutable. */
    public enum Reason {
        /** The database or file cannot be reached, or the connection broke on the way. */
        UNREACHABLE(true),
        /** The database refused the credentials. */
        CREDENTIALS(false),
        /** The operation took longer than it may. */
        TIMEOUT(true),
        /** A lock was not granted in time. */
        LOCK_TIMEOUT(true),
        /** No connection was free in time. */
        POOL_EXHAUSTED(true),
        /** The store takes no writes at the moment: a standby, or a database that was set to read only. */
        READ_ONLY(true),
        /** The schema is missing, older than this library needs, or newer than it knows. */
        SCHEMA(false),
        /** The disk or the quota is full. */
        STORAGE_FULL(true),
        /** What is stored cannot be read back; nothing was touched. */
        CORRUPT(false),
        /** Another process, or another store of this process, has the file open. */
        IN_USE(false),
        /** After a failed write only opening the store again tells what it holds. */
        NEEDS_REOPEN(false),
        /** Transactions got in each other's way (deadlock, serialisation) more often than is retried inside. */
        CONFLICT(true),
        /** Something that should not happen did; the cause says more. */
        INTERNAL(true);

        private final boolean retryable;

        Reason(boolean retryable) {
            this.retryable = retryable;
        }

        /** Returns whether the same call may succeed later without anyone doing anything. */
        public boolean retryable() {
            return retryable;
        }

        /** Returns the name in JSON: lower case, words joined by hyphens ({@code pool-exhausted}). */
        public String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final Reason reason;
    private final @Nullable DatabaseError databaseError;

    /**
     * Says why the store could not do its work, where no database said more.
     *
     * @param reason what kind of trouble; decides {@link #retryable()}
     * @param message for people; no SQL, no bound value, no connection string
     * @param cause what led to it, or null; an adapter passes on only causes whose messages hold no bound value
     */
    public StoreUnavailableException(Reason reason, String message, @Nullable Throwable cause) {
        this(reason, message, null, cause);
    }

    /**
     * Says why the store could not do its work.
     *
     * @param reason what kind of trouble; decides {@link #retryable()}
     * @param message for people; no SQL, no bound value, no connection string
     * @param databaseError what the database said, or null; {@link #details()} shows what it names
     * @param cause what led to it, or null; an adapter passes on only causes whose messages hold no bound value
     */
    public StoreUnavailableException(
            Reason reason, String message, @Nullable DatabaseError databaseError, @Nullable Throwable cause) {
        super(FailureKind.INFRA_FAILED, 503, reason.retryable(), message, facts(reason, databaseError), cause);
        this.reason = reason;
        this.databaseError = databaseError;
    }

    private static Map<String, @Nullable Object> facts(Reason reason, @Nullable DatabaseError error) {
        DatabaseError said = error == null ? DatabaseError.ofState(null) : error;
        return facts(
                "reason",
                reason.wire(),
                "sqlState",
                said.sqlState(),
                "constraint",
                said.constraint(),
                "table",
                said.table(),
                "routine",
                said.routine());
    }

    /** Returns what kind of trouble it is. */
    public Reason reason() {
        return reason;
    }

    /** Returns what the database said, as far as it is safe to show; empty where no database answered. */
    public Optional<DatabaseError> databaseError() {
        return Optional.ofNullable(databaseError);
    }

    /** Returns {@code store-unavailable}. */
    @Override
    public String code() {
        return "store-unavailable";
    }
}
