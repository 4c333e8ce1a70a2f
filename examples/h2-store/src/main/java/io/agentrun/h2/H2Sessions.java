package io.agentrun.h2;

import static io.agentrun.h2.H2Runs.RUNS;

import io.agentrun.*;
import io.agentrun.check.*;
import io.agentrun.error.*;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.id.*;
import io.agentrun.json.*;
import io.agentrun.model.*;
import io.agentrun.rules.*;
import io.agentrun.session.*;
import io.agentrun.storage.*;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The room of sessions, and that of their storage. Thread-safe. */
record H2Sessions(Database db, Intake in) implements SessionStore {

    static final Table<Session> SESSIONS = new Table<>("sessions", "session", Session.class, Session::id)
            .owned(Session::owner)
            .with("backend VARCHAR", session -> session.backendProfile().wire())
            .with("state VARCHAR", session -> session.activity().state().wire())
            .with("storage_state VARCHAR", session -> session.storage().state().wire())
            .with("version BIGINT UNIQUE", Session::version)
            .indexed("storage_state", "expires_at")
            .with("expires_at" + Table.TIME, Session::expiresAt)
            .with("updated_at" + Table.TIME, Session::updatedAt)
            .listed("place", session -> Table.rank(-Table.micros(session.updatedAt())) + session.id())
            .and("collector_id VARCHAR, collector_until" + Table.TIME);

    static final Table<ReadMark> MARKS = Tx.marks("session_marks");

    private static final String UNREAD = "version > COALESCE((SELECT m.version FROM session_marks m"
            + " WHERE m.id = sessions.id || CHAR(10) || ?), 0)";

    @Override
    public Session upsert(SessionUpsert given) {
        SessionUpsert input = in.session(given);
        return db.write(tx -> {
            var stored = SESSIONS.find(tx, input.sessionId()).orElse(null);
            return SESSIONS.after(tx, SessionRules.upsert(input, stored, tx.now()), input.sessionId());
        });
    }

    @Override
    public Optional<Session> find(String sessionId) {
        return db.read(tx -> SESSIONS.find(tx, in.id("sessionId", sessionId)));
    }

    @Override
    public SessionSummary summary(String sessionId, @Nullable String readerId) {
        String reader = readerId == null ? null : in.id("readerId", readerId);
        return db.read(tx -> summary(tx, SESSIONS.get(tx, sessionId), reader));
    }

    private static SessionSummary summary(Tx tx, Session session, @Nullable String readerId) {
        var mark = tx.mark(MARKS, session.id(), readerId);
        return SessionSummary.of(session, readerId, mark.map(ReadMark::version).orElse(0L));
    }

    @Override
    public Page<SessionSummary> list(SessionQuery query) {
        String reader = Require.given("query", query).readerId();
        int limit = in.page(query.limit());
        var where = SESSIONS.where().in(query.scope()).is("backend", query.backendProfile(), BackendProfile::wire);
        // What SessionRules.shows says, for the list to be filtered before it is cut.
        switch (query.filter()) {
            case ALL -> {}
            case DEFAULT -> where.and("(state <> 'terminal' OR " + UNREAD + ")", reader);
            case UNREAD -> where.and(UNREAD, reader);
            case IDLE, RUNNING, TERMINAL -> where.is("state", query.filter().wire());
        }
        return where.page(db, query.fingerprint(), query.cursor(), limit, (tx, shown) -> summary(tx, shown, reader));
    }

    @Override
    public ChangePage<Session> changes(TenantScope scope, @Nullable String cursor, int limit) {
        return SESSIONS.changes(db, scope, cursor, in.page(limit), Session::version);
    }

    @Override
    public SessionEventPage trace(SessionTraceQuery query) {
        return events("trace", "TRUE", query);
    }

    @Override
    public SessionEventPage output(SessionTraceQuery query) {
        return events("output", "is_output", query);
    }

    private SessionEventPage events(String kind, String condition, SessionTraceQuery query) {
        int limit = in.page(Require.given("query", query).limit());
        String id = query.sessionId();
        List<String> keys = query.cursor() == null ? List.of() : Cursors.decode(kind, id, 2, query.cursor());
        if (!keys.isEmpty() && query.runId() != null && !query.runId().equals(keys.get(0))) {
            throw new InvalidInputException("cursor", "must be of the run that is named");
        }
        String named = keys.isEmpty() ? query.runId() : keys.get(0);
        long after = keys.isEmpty() ? 0 : Cursors.number(keys.get(1));
        return db.read(tx -> {
            var session = SESSIONS.get(tx, id);
            String runId = named == null ? SessionRules.tracedRun(session) : named;
            if (runId == null) {
                return SessionEventPage.withoutRun(id);
            }
            if (!SessionRules.traces(session, RUNS.get(tx, runId))) {
                throw new NotFoundException("run", runId);
            }
            var which = H2Runs.after(runId, after).and(condition).first(limit, "seq");
            var page = H2Runs.page(tx, runId, which, after);
            String cursor = Cursors.encode(kind, id, List.of(runId, Cursors.key(page.nextAfterSeq())));
            return new SessionEventPage(id, runId, page.items(), cursor, page.ended());
        });
    }

    @Override
    public ReadMark markRead(String sessionId, String readerId, long version) {
        String reader = in.id("readerId", readerId);
        return db.write(tx -> tx.markRead(
                MARKS, sessionId, reader, version, SESSIONS.get(tx, sessionId).version()));
    }

    /** The other one, apart because both have a {@code get}. Thread-safe. */
    record Storage(Database db, Intake in) implements StorageStore {
        @Override
        public SessionStorage get(String sessionId) {
            return db.read(tx -> SESSIONS.get(tx, sessionId).storage());
        }

        @Override
        public Session refresh(StorageRefresh refresh) {
            String id = Require.given("refresh", refresh).sessionId();
            return SESSIONS.change(db, id, (tx, session) -> StorageRules.refresh(session, refresh, tx.now()));
        }

        @Override
        public Session provision(StorageIntent intent) {
            String id = Require.given("intent", intent).sessionId();
            return SESSIONS.change(db, id, (tx, session) -> StorageRules.provision(session, intent, tx.now()));
        }

        @Override
        public Session ready(StorageReady ready) {
            String id = Require.given("ready", ready).sessionId();
            return SESSIONS.change(db, id, (tx, session) -> StorageRules.ready(session, ready, tx.now()));
        }

        @Override
        public Session beginEviction(String id, long generation, EvictionCause cause) {
            Require.between("generation", generation, 1, Long.MAX_VALUE);
            Require.given("cause", cause);
            return SESSIONS.change(db, id, (tx, session) -> {
                return StorageRules.beginEviction(session, generation, cause, tx.inUse(session), tx.now());
            });
        }

        @Override
        public Session confirmEvicted(String id, long generation) {
            Require.between("generation", generation, 1, Long.MAX_VALUE);
            return SESSIONS.change(db, id, (tx, session) -> StorageRules.confirmEvicted(session, generation, tx.now()));
        }

        @Override
        public Session markMissing(String id, long generation) {
            Require.between("generation", generation, 1, Long.MAX_VALUE);
            return SESSIONS.change(db, id, (tx, session) -> StorageRules.markMissing(session, generation, tx.now()));
        }

        @Override
        public List<StorageClaim> claimExpired(StorageClaimRequest request) {
            Duration lease = in.lease(Require.given("request", request).lease());
            int limit = in.page(request.limit());
            String collector = request.collectorId();
            return db.write(tx -> {
                var until = tx.now().plus(lease);
                var free = SESSIONS.where().in(request.scope()).by("updated_at, STRINGTOUTF8(id)");
                free.and("(storage_state = 'evicting' OR expires_at <= ?)", tx.now());
                free.and("(collector_until IS NULL OR collector_until <= ? OR collector_id = ?)", tx.now(), collector);
                var taken = free.list(tx, limit, one -> StorageRules.collectable(one, tx.inUse(one), tx.now()));
                String claim = "UPDATE sessions SET collector_id = ?, collector_until = ? WHERE id = ?";
                taken.forEach(session -> tx.update(claim, collector, until, session.id()));
                var claims = taken.stream().map(session -> new StorageClaim(session, collector, until));
                return claims.toList();
            });
        }

        @Override
        public void releaseClaim(String sessionId, String collectorId) {
            String id = in.id("sessionId", sessionId);
            String collector = in.id("collectorId", collectorId);
            db.write(tx -> {
                SESSIONS.get(tx, id);
                String mine = " WHERE id = ? AND collector_id = ? AND collector_until > ?";
                return tx.update("UPDATE sessions SET collector_until = NULL" + mine, id, collector, tx.now());
            });
        }
    }
}
