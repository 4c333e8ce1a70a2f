package io.agentrun;

import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.session.Session;
import io.agentrun.session.SessionEventPage;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionText;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.session.SessionUpsert;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sessions: upserted by the host, or made by the first run that names them; changed by their turns; read by people
 * through lists and marks, by programs through the feed of changes.
 *
 * <p>Every method may also throw {@link StoreClosedException} once the store is closed, and
 * {@link StoreUnavailableException} when it cannot be reached or used; a null argument is an
 * {@link InvalidInputException} that names it.
 *
 * <p>Thread-safe.
 */
public interface SessionStore {
    /**
     * Creates the session with what is given, or changes it in what is given and different. What is null
     * in the request stays. When nothing is different the record is returned as it is, with the same version; otherwise
     * its version and {@link Session#updatedAt()} are new. The owner never changes. A session without a title takes the
     * {@code title} of the metadata that are given.
     *
     * <p>With an {@link SessionUpsert#expectedVersion expected version} it is done only if the session has that version, 0 for
     * one that does not exist: of two hosts that have read the same version, the second is refused. A repeated call after a
     * lost answer is refused too, and reads what has become of the first.
     *
     * @throws InvalidInputException when the metadata are larger than the store allows (1 MiB unless set otherwise)
     * @throws NotFoundException when a version above 0 is expected and there is no such session
     * @throws TenantPolicyException when the session exists and belongs to another tenant or project
     * @throws StateConflictException when another version than the session's is expected
     */
    Session upsert(SessionUpsert session);

    /**
     * Forgets the thread, conversation or title of the session, if it is the expected one: so that a thread which the
     * agent's backend has lost is not resumed for ever. A session that remembers none is returned as it is, so that the call
     * can be repeated; otherwise its version and {@link Session#updatedAt()} are new. A turn that ends later may report
     * another thread.
     *
     * @throws InvalidInputException when the session id is not one of 1 to 200 plain characters, or the expected text is none
     *     that a session can have
     * @throws NotFoundException when there is no such session
     * @throws StateConflictException when the session remembers another text than the expected one
     */
    Session forget(String sessionId, SessionText text, String expected);

    /** Forgets the thread of the session, if it is the expected one; see {@link #forget}. */
    default Session forgetThread(String sessionId, String expected) {
        return forget(sessionId, SessionText.THREAD, expected);
    }

    /**
     * Returns the session, or nothing when there is none of that id.
     *
     * @throws InvalidInputException when the session id is not one of 1 to 200 plain characters
     */
    Optional<Session> find(String sessionId);

    /**
     * Returns the session.
     *
     * @throws InvalidInputException when the session id is not one of 1 to 200 plain characters
     * @throws NotFoundException when there is no such session
     */
    default Session get(String sessionId) {
        return find(sessionId).orElseThrow(() -> new NotFoundException("session", sessionId));
    }

    /**
     * Returns the session beside what the reader has read of it; for no reader (null) it is unread.
     *
     * @throws InvalidInputException when an id is not one of 1 to 200 plain characters
     * @throws NotFoundException when there is no such session
     */
    SessionSummary summary(String sessionId, @Nullable String readerId);

    /**
     * Returns a page of the sessions that the query asks for, changed last first, then by id. The filter works before
     * the page is cut, so that every page but the last is full. The pages are not one snapshot: a session that changes
     * while they are read moves to the front, where a later page does not show it; whoever must see every change reads
     * {@link #changes}.
     *
     * @throws InvalidInputException when the limit is over the store's largest page (500 unless set otherwise), or the
     *     cursor is not one of this list with the same scope, filter, backend and reader
     */
    Page<SessionSummary> list(SessionQuery query);

    /**
     * Returns sessions that changed after the cursor, each as it is now, those of one session in the order of
     * its versions; from the beginning without one
     * (null). A session appears once with its latest state, however often it changed. Whoever asks again with the
     * cursor of each answer misses no change and sees none out of order, whatever is being committed meanwhile. The
     * cursor is given also when nothing changed. After a restore or a failover the page says
     * {@link ChangePage#restarted() restarted}.
     *
     * @throws InvalidInputException when the limit is not from 1 to the store's largest page (500 unless set
     *     otherwise), or the cursor is not one of this feed with the same scope
     */
    ChangePage<Session> changes(TenantScope scope, @Nullable String cursor, int limit);

    /**
     * Returns a page of all events of one run of the session, oldest first. The run is the cursor's; without one the
     * query's; without either the session's active run, or its last. A session without a run has an empty page without
     * a cursor, not ended.
     *
     * @throws InvalidInputException when the limit is over the store's largest page (500 unless set otherwise), or the
     *     cursor is not one of this session's trace, or is of another run than the one named
     * @throws NotFoundException when there is no such session, or the run named is not one of it
     */
    SessionEventPage trace(SessionTraceQuery query);

    /**
     * Returns a page of the events that a user sees: every kind but {@code backend_status}. It is as {@link #trace}
     * otherwise; the kinds are chosen before the page is cut, so that an empty page means that there is no more now.
     *
     * @throws InvalidInputException when the limit is over the store's largest page (500 unless set otherwise), or the
     *     cursor is not one of this session's output, or is of another run than the one named
     * @throws NotFoundException when there is no such session, or the run named is not one of it
     */
    SessionEventPage output(SessionTraceQuery query);

    /**
     * Deletes sessions that changed last at least so long ago, the longest unchanged first: idle or terminal ones that have no volume and no
     * run that is open, and that no open task names. Their ended runs go with them, also the last one, which a purge of runs leaves; a
     * session with more than 100 runs is left until a purge of runs has deleted others of them. The id of a deleted session is as one that
     * was never used. What another caller has locked is passed over. The feed of changes does not tell of it.
     */
    PurgeResult purge(PurgeRequest request);

    /**
     * Marks the session as read by the reader up to the version, which it saw in a summary or a list. A mark only moves
     * forward: for the version marked already, or a lower one, the stored mark is returned and nothing changes. The
     * session itself never changes by it.
     *
     * @throws InvalidInputException when an id is not one of 1 to 200 plain characters, or the version is less than 1 or
     *     higher than the session's
     * @throws NotFoundException when there is no such session
     */
    ReadMark markRead(String sessionId, String readerId, long version);
}
