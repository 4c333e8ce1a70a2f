package io.agentrun.rules;

import io.agentrun.check.Texts;
import io.agentrun.command.Command;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TurnResult;
import io.agentrun.run.SessionRef;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Session;
import io.agentrun.session.SessionActivity;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionText;
import io.agentrun.session.SessionThread;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.SessionStorage;
import io.agentrun.text.PlainText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The transitions of a session: opened, changed by its host, moved by its turns, read.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class SessionRules {

    private static final int TITLE_FROM_PROMPT = 80;

    private SessionRules() {}

    /**
     * Returns the session as the host wants it; empty if nothing would change (S-1, S-2, S-10).
     *
     * @param stored the session as stored, {@code null} if it is new
     * @throws NotFoundException if a version is expected of a session that does not exist
     * @throws TenantPolicyException if the session is another owner's
     * @throws StateConflictException if another version is expected
     */
    public static Change upsert(SessionUpsert input, @Nullable Session stored, Instant now) {
        Session base = stored;
        Long expected = input.expectedVersion();
        if (base == null) {
            if (expected != null && expected > 0) {
                throw new NotFoundException("session", input.sessionId());
            }
            SessionRef ref = SessionRef.of(input.sessionId());
            base = open(ref, input.owner(), input.backendProfile(), now);
        } else {
            requireOwner(base, input.owner());
            if (expected != null && expected != base.version()) {
                throw conflict(base, "it has another version than the expected one");
            }
        }
        Session next = patched(base, input);
        if (stored != null && next.equals(stored)) {
            return Change.none();
        }
        Session dated = next.toBuilder().updatedAt(now).build();
        Change.Builder change = Change.builder();
        return (stored == null ? change.create(dated) : change.put(dated)).build();
    }

    /**
     * Returns the session without what it remembers in words; empty if it remembers none (S-10).
     *
     * @param expected what the caller takes it to be
     * @throws StateConflictException if it is something else
     */
    public static Change forget(Session stored, SessionText text, String expected, Instant now) {
        String known = text.of(stored);
        if (known == null) {
            return Change.none();
        }
        if (!known.equals(expected)) {
            throw conflict(stored, "it has another " + text.wire() + " than the expected one");
        }
        Session.Builder next = stored.toBuilder().updatedAt(now);
        switch (text) {
            case THREAD -> next.thread(stored.thread().withThreadId(null));
            case CONVERSATION -> next.thread(stored.thread().withConversationId(null));
            case TITLE -> next.title(null);
        }
        return Change.builder().put(next.build()).build();
    }

    private static StateConflictException conflict(Session session, String problem) {
        return new StateConflictException(
                "session", session.id(), session.activity().state().wire(), problem, false);
    }

    private static Session patched(Session base, SessionUpsert input) {
        SessionThread thread = base.thread();
        Session.Builder next = base.toBuilder()
                .backendProfile(input.backendProfile())
                .thread(new SessionThread(
                        or(input.conversationId(), thread.conversationId()), or(input.threadId(), thread.threadId())));
        JsonObject metadata = input.metadata();
        if (metadata != null) {
            next.metadata(metadata);
        }
        String title = input.title();
        if (title == null && base.title() == null && metadata != null) {
            title = titleOfMetadata(metadata);
        }
        next.title(or(title, base.title()));
        if (input.expiry() != null) {
            next.expiresAt(input.expiry().at());
        }
        if (input.rolloutSubdir() != null) {
            next.storage(StorageRules.withSubdir(base.storage(), input.rolloutSubdir()));
        }
        return next.build();
    }

    private static @Nullable String or(@Nullable String given, @Nullable String stored) {
        return given == null ? stored : given;
    }

    /** Returns a new idle session. */
    static Session open(SessionRef ref, Owner owner, BackendProfile profile, Instant now) {
        return Session.builder(ref.sessionId(), owner, profile)
                .thread(new SessionThread(ref.conversationId(), ref.threadId()))
                .title(titleOfMetadata(ref.metadata()))
                .metadata(ref.metadata())
                .activity(SessionActivity.idle())
                .storage(SessionStorage.none())
                .expiresAt(ref.expiresAt())
                .version(0)
                .createdAt(now)
                .updatedAt(now)
                .build();
    }

    /** Returns the session, if this owner may put a new run or turn into it (S-1, P-1). */
    static Session usable(Session session, Owner owner) {
        requireOwner(session, owner);
        StorageRules.requireUsable(session);
        return session;
    }

    /**
     * Refuses another owner's session (S-1).
     *
     * @throws TenantPolicyException if the session's tenant or project differs
     */
    public static void requireOwner(Session session, Owner owner) {
        if (!session.owner().equals(owner)) {
            throw new TenantPolicyException("session", session.id());
        }
    }

    static Session runCreated(Session session, String runId, Instant now) {
        SessionActivity a = session.activity();
        return with(
                session,
                new SessionActivity(
                        a.state(),
                        runId,
                        a.lastCommandId(),
                        a.activeRunId(),
                        a.activeCommandId(),
                        a.outcome(),
                        now,
                        a.turns()),
                now);
    }

    static Session turnStarted(Session session, Command turn, Instant now) {
        SessionActivity a = session.activity();
        SessionActivity running = new SessionActivity(
                ExecutionState.RUNNING, turn.runId(), turn.id(), turn.runId(), turn.id(), null, now, a.turns() + 1);
        return titled(with(session, running, now), turn);
    }

    static Session turnEnqueued(Session session, Command turn, Instant now) {
        SessionActivity a = session.activity();
        SessionActivity longer = new SessionActivity(
                a.state(),
                turn.runId(),
                turn.id(),
                a.activeRunId(),
                a.activeCommandId(),
                a.outcome(),
                now,
                a.turns() + 1);
        return titled(with(session, longer, now), turn);
    }

    /** Returns the session after its active turn: running the next one, or terminal (S-4). */
    static Session turnEnded(Session session, @Nullable CommandHead next, Outcome outcome, Instant now) {
        SessionActivity a = session.activity();
        SessionActivity after = next == null
                ? new SessionActivity(
                        ExecutionState.TERMINAL, a.lastRunId(), a.lastCommandId(), null, null, outcome, now, a.turns())
                : new SessionActivity(
                        ExecutionState.RUNNING,
                        a.lastRunId(),
                        a.lastCommandId(),
                        next.runId(),
                        next.id(),
                        null,
                        now,
                        a.turns());
        return with(session, after, now);
    }

    /** Returns the session with the thread that its backend reported; everything else stays (S-5). */
    static Session withThread(Session session, TurnResult result) {
        Session.Builder next =
                session.toBuilder().thread(new SessionThread(session.thread().conversationId(), result.threadId()));
        if (result.turnId() != null) {
            next.metadata(session.metadata().with("lastTurnId", result.turnId()));
        }
        return next.build();
    }

    /**
     * Returns whether a list with the given filter shows the session (S-7).
     *
     * @param readVersion the version up to which the list's reader has read, {@code 0} for never or no reader
     */
    public static boolean shows(SessionFilter filter, Session session, long readVersion) {
        ExecutionState state = session.activity().state();
        return switch (filter) {
            case ALL -> true;
            case DEFAULT -> state != ExecutionState.TERMINAL || session.version() > readVersion;
            case IDLE -> state == ExecutionState.IDLE;
            case RUNNING -> state == ExecutionState.RUNNING;
            case TERMINAL -> state == ExecutionState.TERMINAL;
            case UNREAD -> session.version() > readVersion;
        };
    }

    /**
     * Returns which run's events a trace shows when none is named (S-8): the active one, else the last one.
     */
    public static @Nullable String tracedRun(Session session) {
        SessionActivity activity = session.activity();
        return activity.activeRunId() == null ? activity.lastRunId() : activity.activeRunId();
    }

    /**
     * Returns whether a run's events belong to the session's trace (S-8).
     */
    public static boolean traces(Session session, RunHead run) {
        return session.id().equals(run.sessionId());
    }

    /**
     * Returns the mark of a reader, moved forward to the given version, or the stored one if that is as far already (S-6).
     *
     * @param current the version of the session or task now
     * @throws InvalidInputException if the version is below 1 or beyond the current one
     */
    public static ReadMark markRead(
            String subjectId, String readerId, long version, long current, @Nullable ReadMark stored, Instant now) {
        if (version < 1 || version > current) {
            throw new InvalidInputException("version", "must be a version that the reader has seen");
        }
        if (stored != null && stored.version() >= version) {
            return stored;
        }
        return new ReadMark(subjectId, readerId, version, now);
    }

    /**
     * Returns whether a purge of sessions that changed last at or before the given time deletes this session (S-12).
     *
     * @param inUse whether one of its runs, or a task that names it, has not ended
     */
    public static boolean purgeable(Session session, boolean inUse, Instant changedUntil) {
        boolean works = switch (session.activity().state()) {
            case IDLE, TERMINAL -> false;
            case RUNNING -> true;
        };
        boolean hasVolume = switch (session.storage().state()) {
            case NONE, EVICTED -> false;
            case PROVISIONING, READY, EVICTING, MISSING -> true;
        };
        return !works && !hasVolume && !inUse && !session.updatedAt().isAfter(changedUntil);
    }

    private static Session titled(Session session, Command turn) {
        if (session.title() != null) {
            return session;
        }
        String title =
                turn.payload().string("prompt").map(SessionRules::titleOfPrompt).orElse(null);
        return title == null ? session : session.toBuilder().title(title).build();
    }

    /** Returns the first words of a prompt: white space folded, cut after 80 characters. */
    static @Nullable String titleOfPrompt(String prompt) {
        return firstWords(prompt, TITLE_FROM_PROMPT);
    }

    private static @Nullable String firstWords(String prompt, int max) {
        StringBuilder title = new StringBuilder(TITLE_FROM_PROMPT);
        boolean gap = false;
        int length = 0;
        for (int i = 0; i < prompt.length() && length < max; ) {
            int c = prompt.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isWhitespace(c) || Character.isISOControl(c)) {
                gap = length > 0;
                continue;
            }
            if (PlainText.isHidden(c) && !PlainText.isJoiner(c)) {
                continue;
            }
            if (gap) {
                if (length + 1 >= max) {
                    break;
                }
                title.append(' ');
                length++;
                gap = false;
            }
            title.appendCodePoint(c);
            length++;
        }
        return length == 0 ? null : title.toString();
    }

    private static @Nullable String titleOfMetadata(JsonObject metadata) {
        return metadata.string("title")
                .map(title -> firstWords(title, Texts.MAX_TITLE))
                .orElse(null);
    }

    private static Session with(Session session, SessionActivity activity, Instant now) {
        return session.toBuilder().activity(activity).updatedAt(now).build();
    }
}
