package io.agentrun.rules;

import io.agentrun.error.SessionBusyException;
import io.agentrun.error.StateConflictException;
import io.agentrun.session.Session;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.SessionStorageException;
import io.agentrun.storage.StorageContents;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import io.agentrun.storage.StorageState;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The transitions of a session's storage: provisioned, ready, refreshed, evicted, missing.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class StorageRules {

    private StorageRules() {}

    /**
     * Refuses a new run or turn on storage that is going, gone or lost; expiry alone refuses nothing (P-1).
     *
     * @throws SessionStorageException if the state is evicting, evicted or missing
     */
    public static void requireUsable(Session session) {
        StorageState state = session.storage().state();
        switch (state) {
            case NONE, PROVISIONING, READY -> {}
            case EVICTING, EVICTED, MISSING -> throw new SessionStorageException(session.id(), state);
        }
    }

    /**
     * Returns the intent to create a claim, before the cluster is called; empty if it stands already (P-2).
     *
     * @throws StateConflictException if the session has, or is getting, a claim of another name, or one in a namespace
     *     of another uid
     * @throws SessionStorageException if its storage is being evicted
     */
    public static Change provision(Session session, StorageIntent intent, Instant now) {
        SessionStorage storage = session.storage();
        return switch (storage.state()) {
            case NONE, EVICTED, MISSING ->
                store(
                        session,
                        new SessionStorage(
                                StorageState.PROVISIONING,
                                storage.generation() + 1,
                                PvcRef.named(intent.namespace(), intent.pvcName())
                                        .withNamespaceUid(intent.namespaceUid()),
                                storage.contents().emptied(),
                                now,
                                null),
                        now);
            case PROVISIONING, READY -> {
                PvcRef pvc = storage.pvc();
                if (pvc == null
                        || !pvc.namespace().equals(intent.namespace())
                        || !pvc.name().equals(intent.pvcName())) {
                    throw conflict(session, "it has a claim of another name");
                }
                if (pvc.namespaceUid() != null
                        && intent.namespaceUid() != null
                        && !pvc.namespaceUid().equals(intent.namespaceUid())) {
                    throw conflict(session, "its claim is in a namespace of another uid");
                }
                yield Change.none();
            }
            case EVICTING -> throw new SessionStorageException(session.id(), storage.state());
        };
    }

    /**
     * Returns the storage with its claim created and the uid of the claim; empty if that is known (P-3).
     *
     * @throws StateConflictException if the generation is another, the claim has another uid, or nothing is being
     *     provisioned
     */
    public static Change ready(Session session, StorageReady input, Instant now) {
        SessionStorage storage = session.storage();
        requireGeneration(session, input.generation());
        PvcRef pvc = storage.pvc();
        return switch (storage.state()) {
            case PROVISIONING, READY -> {
                if (pvc == null) {
                    throw conflict(session, "it has no claim");
                }
                if (pvc.uid() != null && !pvc.uid().equals(input.pvcUid())) {
                    throw conflict(session, "its claim has another uid");
                }
                if (storage.state() == StorageState.READY && pvc.uid() != null) {
                    yield Change.none();
                }
                PvcRef known = pvc.withUid(input.pvcUid()).withPhase(input.pvcPhase());
                yield store(session, moved(storage, StorageState.READY, known, now), now);
            }
            case NONE, EVICTING, EVICTED, MISSING -> throw conflict(session, "nothing is being provisioned");
        };
    }

    /**
     * Returns the storage with what the runner reports of it; what is not mentioned stays, the state too; empty if
     * nothing is new (P-4).
     *
     * @throws StateConflictException if the session has no storage
     * @throws SessionStorageException if its storage is evicted or missing
     */
    public static Change refresh(Session session, StorageRefresh input, Instant now) {
        SessionStorage storage = session.storage();
        return switch (storage.state()) {
            case PROVISIONING, READY, EVICTING -> {
                StorageContents old = storage.contents();
                StorageContents contents = new StorageContents(
                        or(input.sizeBytes(), old.sizeBytes()),
                        or(input.filesCount(), old.filesCount()),
                        or(input.sha256(), old.sha256()),
                        input.rolloutSubdir() == null ? old.rolloutSubdir() : input.rolloutSubdir());
                PvcRef pvc = storage.pvc();
                if (pvc != null && input.pvcPhase() != null) {
                    pvc = pvc.withPhase(input.pvcPhase());
                }
                if (contents.equals(old) && Objects.equals(pvc, storage.pvc())) {
                    yield Change.none();
                }
                yield store(
                        session,
                        new SessionStorage(
                                storage.state(), storage.generation(), pvc, contents, now, storage.evictedAt()),
                        now);
            }
            case NONE -> throw conflict(session, "it has no storage");
            case EVICTED, MISSING -> throw new SessionStorageException(session.id(), storage.state());
        };
    }

    /**
     * Returns the intent to delete the claim, before the cluster is called; empty if it stands already (P-5).
     *
     * @param inUse whether any run of the session has not ended
     * @throws SessionBusyException if the session is in use
     * @throws StateConflictException if the generation is another, there is no claim, or the cause is expiry and the
     *     session has not expired
     */
    public static Change beginEviction(
            Session session, long generation, EvictionCause cause, boolean inUse, Instant now) {
        SessionStorage storage = session.storage();
        requireGeneration(session, generation);
        return switch (storage.state()) {
            case PROVISIONING, READY, MISSING -> {
                if (inUse) {
                    throw new SessionBusyException(
                            session.id(), session.activity().activeCommandId());
                }
                if (cause == EvictionCause.EXPIRED && !expired(session, now)) {
                    throw conflict(session, "it has not expired");
                }
                yield store(session, moved(storage, StorageState.EVICTING, storage.pvc(), now), now);
            }
            case EVICTING, EVICTED -> Change.none();
            case NONE -> throw conflict(session, "it has no storage");
        };
    }

    /**
     * Returns the storage without its claim, which is gone as the cluster said; empty if that is known (P-6).
     *
     * @throws StateConflictException if the generation is another or nothing is being evicted
     */
    public static Change confirmEvicted(Session session, long generation, Instant now) {
        SessionStorage storage = session.storage();
        requireGeneration(session, generation);
        return switch (storage.state()) {
            case EVICTING ->
                store(
                        session,
                        new SessionStorage(
                                StorageState.EVICTED,
                                storage.generation(),
                                storage.pvc(),
                                storage.contents().emptied(),
                                now,
                                now),
                        now);
            case EVICTED -> Change.none();
            case NONE, PROVISIONING, READY, MISSING -> throw conflict(session, "nothing is being evicted");
        };
    }

    /**
     * Returns the storage as missing: the cluster has lost the claim, or holds another under its name; empty if that is
     * known (P-7).
     *
     * @throws StateConflictException if the generation is another or there is no claim
     */
    public static Change markMissing(Session session, long generation, Instant now) {
        SessionStorage storage = session.storage();
        requireGeneration(session, generation);
        return switch (storage.state()) {
            case PROVISIONING, READY, EVICTING ->
                store(session, moved(storage, StorageState.MISSING, storage.pvc(), now), now);
            case MISSING -> Change.none();
            case NONE, EVICTED -> throw conflict(session, "it has no claim");
        };
    }

    /**
     * Returns whether a collector has something to do (P-8): an eviction to carry on, or an expired session that is not in
     * use.
     *
     * @param inUse whether any run of the session has not ended
     */
    public static boolean collectable(Session session, boolean inUse, Instant now) {
        return switch (session.storage().state()) {
            case EVICTING -> true;
            case PROVISIONING, READY, MISSING -> expired(session, now) && !inUse;
            case NONE, EVICTED -> false;
        };
    }

    /** Returns whether the session's expiry has come; a session without one never expires. */
    public static boolean expired(Session session, Instant now) {
        Instant at = session.expiresAt();
        return at != null && !at.isAfter(now);
    }

    static SessionStorage withSubdir(SessionStorage storage, String subdir) {
        StorageContents c = storage.contents();
        return new SessionStorage(
                storage.state(),
                storage.generation(),
                storage.pvc(),
                new StorageContents(c.sizeBytes(), c.filesCount(), c.sha256(), subdir),
                storage.updatedAt(),
                storage.evictedAt());
    }

    private static SessionStorage moved(SessionStorage storage, StorageState state, @Nullable PvcRef pvc, Instant now) {
        return new SessionStorage(state, storage.generation(), pvc, storage.contents(), now, storage.evictedAt());
    }

    private static Change store(Session session, SessionStorage storage, Instant now) {
        return Change.builder()
                .put(session.toBuilder().storage(storage).updatedAt(now).build())
                .build();
    }

    private static void requireGeneration(Session session, long generation) {
        if (session.storage().generation() != generation) {
            throw conflict(session, "its storage is of another generation");
        }
    }

    private static StateConflictException conflict(Session session, String why) {
        return new StateConflictException(
                "session storage", session.id(), session.storage().state().wire(), why, false);
    }

    private static <T> @Nullable T or(@Nullable T given, @Nullable T stored) {
        return given == null ? stored : given;
    }
}
