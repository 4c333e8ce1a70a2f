package io.agentrun.h2;

import static io.agentrun.h2.H2Sessions.SESSIONS;

import io.agentrun.Require;
import io.agentrun.rules.Intake;
import io.agentrun.rules.StorageRules;
import io.agentrun.session.Session;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.StorageClaim;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import io.agentrun.storage.StorageStore;
import java.time.Duration;
import java.util.List;

/** The room of the sessions' storage. Thread-safe. */
record H2Storage(Database db, Intake in) implements StorageStore {

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
    public Session beginEviction(String sessionId, long generation, EvictionCause cause) {
        Require.between("generation", generation, 1, Long.MAX_VALUE);
        Require.given("cause", cause);
        return SESSIONS.change(db, sessionId, (tx, session) -> {
            return StorageRules.beginEviction(session, generation, cause, tx.inUse(session), tx.now());
        });
    }

    @Override
    public Session confirmEvicted(String sessionId, long generation) {
        Require.between("generation", generation, 1, Long.MAX_VALUE);
        return SESSIONS.change(
                db, sessionId, (tx, session) -> StorageRules.confirmEvicted(session, generation, tx.now()));
    }

    @Override
    public Session markMissing(String sessionId, long generation) {
        Require.between("generation", generation, 1, Long.MAX_VALUE);
        return SESSIONS.change(db, sessionId, (tx, session) -> StorageRules.markMissing(session, generation, tx.now()));
    }

    @Override
    public List<StorageClaim> claimExpired(StorageClaimRequest request) {
        Require.given("request", request);
        Duration lease = in.lease(request.lease());
        int limit = in.page(request.limit());
        String collector = request.collectorId();
        return db.write(tx -> {
            var until = tx.now().plus(lease);
            var free = SESSIONS.where()
                    .in(request.scope())
                    .and("(storage_state = 'evicting' OR expires_at <= ?)", tx.now())
                    .and("(collector_until IS NULL OR collector_until <= ? OR collector_id = ?)", tx.now(), collector)
                    .by("updated_at, STRINGTOUTF8(id)");
            List<Session> sessions =
                    free.list(tx, limit, session -> StorageRules.collectable(session, tx.inUse(session), tx.now()));
            String claim = "UPDATE sessions SET collector_id = ?, collector_until = ? WHERE id = ?";
            sessions.forEach(session -> tx.update(claim, collector, until, session.id()));
            return sessions.stream()
                    .map(session -> new StorageClaim(session, collector, until))
                    .toList();
        });
    }

    @Override
    public void releaseClaim(String sessionId, String collectorId) {
        String id = in.id("sessionId", sessionId);
        String collector = in.id("collectorId", collectorId);
        db.write(tx -> {
            SESSIONS.get(tx, id);
            return tx.update("""
                UPDATE sessions SET collector_id = NULL, collector_until = NULL
                WHERE id = ? AND collector_id = ? AND collector_until > ?""", id, collector, tx.now());
        });
    }
}
