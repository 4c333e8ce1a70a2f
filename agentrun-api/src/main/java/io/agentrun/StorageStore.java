package io.agentrun;

import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.SessionBusyException;
import io.agentrun.error.StateConflictException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.session.Session;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.SessionStorageException;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import java.util.List;

/**
 * The volume of a session, step by step. A caller that talks to the cluster writes its intent here first and the
 * cluster's answer afterwards: {@link #provision}, create the claim, {@link #ready}; {@link #beginEviction}, delete the
 * claim, see that it is gone, {@link #confirmEvicted}. What the cluster has lost is {@link #markMissing}.
 *
 * <p>Every step names the generation that it is about, so that one that was begun for an earlier volume cannot touch a
 * later one. Each change of the storage raises the session's version; a call that changes nothing does not.
 * {@code StateConflictException}s carry {@code session} and the storage state.
 *
 * <p>Every method may also throw {@link StoreClosedException} once the store is closed, and
 * {@link StoreUnavailableException} when it cannot be reached or used; a null argument is an
 * {@link InvalidInputException} that names it.
 *
 * <p>Thread-safe.
 */
public interface StorageStore {
    /**
     * Returns what is known of the session's volume.
     *
     * @throws InvalidInputException when the session id is not one of 1 to 200 plain characters
     * @throws NotFoundException when there is no such session
     */
    SessionStorage get(String sessionId);

    /**
     * Stores what was seen of the volume; what the refresh leaves out stays as it was. The state never changes by
     * it. A refresh that brings nothing new changes nothing.
     *
     * @throws NotFoundException when there is no such session
     * @throws StateConflictException when the session has no volume ({@code none})
     * @throws SessionStorageException when the volume is {@code evicted} or {@code missing}
     */
    Session refresh(StorageRefresh refresh);

    /**
     * Stores the intent to create a volume: from {@code none}, {@code evicted} or {@code missing} the state becomes
     * {@code provisioning}, the generation is one more, the names and the namespace's uid are remembered as given, and
     * the claim's uid and the contents are unknown again (the rollout directory stays). Create the claim in the cluster
     * after this call has returned. With the same names while {@code provisioning} or {@code ready}, nothing changes
     * and the session is returned as it is.
     *
     * @throws NotFoundException when there is no such session
     * @throws StateConflictException when the session is {@code provisioning} or {@code ready} under other names, or the
     *     namespace is remembered with another uid than the one that is given
     * @throws SessionStorageException when the volume is {@code evicting} ({@code session-storage-terminating})
     */
    Session provision(StorageIntent intent);

    /**
     * Makes the volume {@code ready} and stores the uid of its claim; from {@code provisioning} only. A second call
     * with the same uid changes nothing; a phase seen later is a {@link #refresh}.
     *
     * @throws NotFoundException when there is no such session
     * @throws StateConflictException when the generation is not the current one, the claim is remembered with another
     *     uid, or the state is neither {@code provisioning} nor {@code ready}
     */
    Session ready(StorageReady ready);

    /**
     * Refuses new runs and turns of the session from here on, so that its claim may be deleted: from
     * {@code provisioning}, {@code ready} or {@code missing} the state becomes {@code evicting}. A call while
     * {@code evicting} or {@code evicted} changes nothing. With {@link EvictionCause#EXPIRED} the session's expiry is
     * looked at once more, under the same lock as new runs take.
     *
     * @throws InvalidInputException when the session id is not one of 1 to 200 plain characters, or the generation less
     *     than 1
     * @throws NotFoundException when there is no such session
     * @throws StateConflictException when the generation is not the current one, the session has no volume, or the
     *     cause is expiry and the session does not expire or not yet
     * @throws SessionBusyException when a run of the session has not ended
     */
    Session beginEviction(String sessionId, long generation, EvictionCause cause);

    /**
     * Makes the volume {@code evicted}: from {@code evicting} only, and only to be called when the cluster has said that
     * the claim does not exist while its namespace does. Size, number of files and digest are forgotten, the claim's
     * names and uid kept for the record. A call while {@code evicted} changes nothing.
     *
     * @throws InvalidInputException when the session id is not one of 1 to 200 plain characters, or the generation less
     *     than 1
     * @throws NotFoundException when there is no such session
     * @throws StateConflictException when the generation is not the current one or the state is neither
     *     {@code evicting} nor {@code evicted}
     */
    Session confirmEvicted(String sessionId, long generation);

    /**
     * Makes the volume {@code missing}, which is lost: from {@code provisioning}, {@code ready} or {@code evicting} the
     * state becomes {@code missing}, and new runs and turns of the session are refused until it is provisioned again. A
     * call while {@code missing} changes nothing.
     *
     * @throws InvalidInputException when the session id is not one of 1 to 200 plain characters, or the generation less
     *     than 1
     * @throws NotFoundException when there is no such session
     * @throws StateConflictException when the generation is not the current one, or the state is {@code none} or
     *     {@code evicted}
     */
    Session markMissing(String sessionId, long generation);

    /**
     * Leases sessions to the caller, who alone may collect them until the lease ends. They are those {@code provisioning},
     * {@code ready} or {@code missing} whose expiry has come and of which every run has ended, and all that are
     * {@code evicting} (a collector may have died half-way), as far as their lease is free, over or the caller's own;
     * least recently updated first, then by id. A second call of the same collector returns its sessions again with a
     * new lease. No version is raised, and nobody waits for a session that another holds: it is passed over.
     *
     * @throws InvalidInputException when the lease is out of the store's bounds for leases (100 ms to 24 h unless set
     *     otherwise) or the limit over its largest page (500 unless set otherwise)
     */
    List<StorageClaim> claimExpired(StorageClaimRequest request);

    /**
     * Ends the collector's lease on the session. A lease of another collector, one that is over, or none, is
     * left as it is; a second call does nothing.
     *
     * @throws InvalidInputException when an id is not one of 1 to 200 plain characters
     * @throws NotFoundException when there is no such session
     */
    void releaseClaim(String sessionId, String collectorId);
}
