package io.agentrun.h2;

import io.agentrun.Require;
import io.agentrun.rules.Change;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** The room of the sessions' storage. Thread-safe. */
record H2Storage(Database db, Intake in) implements StorageStore {

    private static final String COLLECTABLE = """
        (storage_state = 'evicting'
            OR storage_state IN ('provisioning', 'ready', 'missing') AND expires_at <= ?
                AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.session_id = sessions.id
                    AND r.status IN ('pending', 'claimed', 'running')))""";

    @Override
    public SessionStorage get(String sessionId) {
        String id = in.id("sessionId", sessionId);
        return db.read(tx -> Table.SESSIONS.get(tx, id).storage());
    }

    @Override
    public Session refresh(StorageRefresh given) {
        StorageRefresh refresh = Require.given("refresh", given);
        return step(refresh.sessionId(), (tx, session) -> StorageRules.refresh(session, refresh, tx.now()));
    }

    @Override
    public Session provision(StorageIntent given) {
        StorageIntent intent = Require.given("intent", given);
        return step(intent.sessionId(), (tx, session) -> StorageRules.provision(session, intent, tx.now()));
    }

    @Override
    public Session ready(StorageReady given) {
        StorageReady ready = Require.given("ready", given);
        return step(ready.sessionId(), (tx, session) -> StorageRules.ready(session, ready, tx.now()));
    }

    @Override
    public Session beginEviction(String sessionId, long generation, EvictionCause givenCause) {
        long about = generation(generation);
        EvictionCause cause = Require.given("cause", givenCause);
        return step(
                sessionId,
                (tx, session) ->
                        StorageRules.beginEviction(session, about, cause, Views.inUse(tx, sessionId), tx.now()));
    }

    @Override
    public Session confirmEvicted(String sessionId, long generation) {
        long about = generation(generation);
        return step(sessionId, (tx, session) -> StorageRules.confirmEvicted(session, about, tx.now()));
    }

    @Override
    public Session markMissing(String sessionId, long generation) {
        long about = generation(generation);
        return step(sessionId, (tx, session) -> StorageRules.markMissing(session, about, tx.now()));
    }

    private static long generation(long generation) {
        return Require.between("generation", generation, 1, Long.MAX_VALUE);
    }

    private Session step(String sessionId, BiFunction<Tx, Session, Change> rule) {
        String id = in.id("sessionId", sessionId);
        return db.write(tx -> {
            Changes.write(tx, rule.apply(tx, Table.SESSIONS.get(tx, id)));
            return Table.SESSIONS.get(tx, id);
        });
    }

    @Override
    public List<StorageClaim> claimExpired(StorageClaimRequest given) {
        StorageClaimRequest request = Require.given("request", given);
        Duration lease = in.lease(request.lease());
        int limit = in.page(request.limit());
        String collector = request.collectorId();
        return db.write(tx -> {
            Instant now = tx.now();
            Instant until = now.plus(lease);
            Where candidates = new Where()
                    .in(request.scope())
                    .and(COLLECTABLE, now)
                    .and("(collector_until IS NULL OR collector_until <= ? OR collector_id = ?)", now, collector)
                    .first(limit, "updated_at, id_order");
            List<Session> found = Table.SESSIONS.list(tx, candidates);
            List<StorageClaim> claims = new ArrayList<>(found.size());
            for (Session session : found) {
                if (StorageRules.collectable(session, Views.inUse(tx, session.id()), now)) {
                    tx.update(
                            "UPDATE sessions SET collector_id = ?, collector_until = ? WHERE id = ?",
                            collector,
                            until,
                            session.id());
                    claims.add(new StorageClaim(session, collector, until));
                }
            }
            return List.copyOf(claims);
        });
    }

    @Override
    public void releaseClaim(String sessionId, String collectorId) {
        String id = in.id("sessionId", sessionId);
        String collector = in.id("collectorId", collectorId);
        db.write(tx -> {
            Table.SESSIONS.get(tx, id);
            return tx.update("""
                UPDATE sessions SET collector_id = NULL, collector_until = NULL
                WHERE id = ? AND collector_id = ? AND collector_until > ?""", id, collector, tx.now());
        });
    }
}
