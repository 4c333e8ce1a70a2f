package io.agentrun;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a store is at one moment, fit to be shown on a host's health page: no address, no user, no secret.
 *
 * <p>Immutable.
 *
 * @param adapter which implementation it is: "memory", "file", "postgres"
 * @param ready whether operations can be expected to work: reachable and migrated
 * @param reachable whether the database or file answers
 * @param migrationReady whether its schema is the one that this library needs
 * @param migrationId the newest schema change that is in place, or null if there is none or it cannot be told
 * @param failureKind what is wrong; null exactly if ready
 * @param message what is wrong, for people; if ready, what may become wrong, null for nothing
 * @param unreadable what names stored records that cannot be read and that lists have left out since this store was opened, a hundred
 *     at most; empty in a tenant view
 */
public record StoreHealth(
        String adapter,
        boolean ready,
        boolean reachable,
        boolean migrationReady,
        @Nullable String migrationId,
        @Nullable FailureKind failureKind,
        @Nullable String message,
        List<String> unreadable) {

    public StoreHealth {
        Texts.label("adapter", adapter);
        Texts.labelOrNull("migrationId", migrationId);
        Texts.messageOrNull("message", message);
        if (ready && !(reachable && migrationReady)) {
            throw new InvalidInputException("ready", "must be false for a store that is unreachable or not migrated");
        }
        if (ready != (failureKind == null)) {
            throw new InvalidInputException("failureKind", "must be given exactly if the store is not ready");
        }
        if (!ready && message == null) {
            throw new InvalidInputException("message", "must be given if the store is not ready");
        }
        unreadable = unreadable == null ? List.of() : Require.items("unreadable", unreadable);
    }

    /** Makes the health of a store in which everything could be read. */
    public StoreHealth(
            String adapter,
            boolean ready,
            boolean reachable,
            boolean migrationReady,
            @Nullable String migrationId,
            @Nullable FailureKind failureKind,
            @Nullable String message) {
        this(adapter, ready, reachable, migrationReady, migrationId, failureKind, message, List.of());
    }

    /** Returns the health of a store that works. */
    public static StoreHealth ready(String adapter, @Nullable String migrationId) {
        return new StoreHealth(adapter, true, true, true, migrationId, null, null);
    }

    /** Returns the health of a store that cannot be reached: {@code infra-failed}, with the given message. */
    public static StoreHealth unreachable(String adapter, String message) {
        return new StoreHealth(adapter, false, false, false, null, FailureKind.INFRA_FAILED, message);
    }

    /** Returns the same health with other unreadable records. */
    public StoreHealth withUnreadable(List<String> value) {
        return new StoreHealth(adapter, ready, reachable, migrationReady, migrationId, failureKind, message, value);
    }
}
