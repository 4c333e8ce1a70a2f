package io.agentrun.memory;

import io.agentrun.StorageStore;
import io.agentrun.check.Require;
import io.agentrun.rules.Change;
import io.agentrun.rules.StorageRules;
import io.agentrun.session.Session;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The storage of sessions, in the store in memory. */
final class MemoryStorage implements StorageStore {

    private final Engine.Handle engine;

    MemoryStorage(Engine.Handle engine) {
        this.engine = engine;
    }

    @Override
    public SessionStorage get(String sessionId) {
        String id = engine.intake().id("sessionId", sessionId);
        return engine.read(state -> Tx.requireSession(state, id).storage());
    }

    @Override
    public Session refresh(StorageRefresh refresh) {
        StorageRefresh given = Require.given("refresh", refresh);
        return change(given.sessionId(), (tx, session) -> StorageRules.refresh(session, given, tx.now()));
    }

    @Override
    public Session provision(StorageIntent intent) {
        StorageIntent given = Require.given("intent", intent);
        return change(given.sessionId(), (tx, session) -> StorageRules.provision(session, given, tx.now()));
    }

    @Override
    public Session ready(StorageReady ready) {
        StorageReady given = Require.given("ready", ready);
        return change(given.sessionId(), (tx, session) -> StorageRules.ready(session, given, tx.now()));
    }

    @Override
    public Session beginEviction(String sessionId, long generation, EvictionCause cause) {
        EvictionCause given = Require.given("cause", cause);
        long of = generation(generation);
        return change(
                engine.intake().id("sessionId", sessionId),
                (tx, session) -> StorageRules.beginEviction(session, of, given, inUse(tx.state(), session), tx.now()));
    }

    @Override
    public Session confirmEvicted(String sessionId, long generation) {
        long of = generation(generation);
        return change(
                engine.intake().id("sessionId", sessionId),
                (tx, session) -> StorageRules.confirmEvicted(session, of, tx.now()));
    }

    @Override
    public Session markMissing(String sessionId, long generation) {
        long of = generation(generation);
        return change(
                engine.intake().id("sessionId", sessionId),
                (tx, session) -> StorageRules.markMissing(session, of, tx.now()));
    }

    private static long generation(long generation) {
        return Require.between("generation", generation, 1, Long.MAX_VALUE);
    }

    private Session change(String sessionId, BiFunction<Tx, Session, Change> rule) {
        return engine.write(tx -> {
            tx.write(rule.apply(tx, tx.requireSession(sessionId)));
            return tx.requireSession(sessionId);
        });
    }

    private static boolean inUse(MemoryState state, Session session) {
        return state.openRunsOfSession.containsKey(session.id());
    }

    @Override
    public List<StorageClaim> claimExpired(StorageClaimRequest request) {
        StorageClaimRequest given = Require.given("request", request);
        int limit = engine.intake().page(given.limit());
        Duration lease = engine.intake().lease(given.lease());
        return engine.write(tx -> {
            Instant now = tx.now();
            Instant until = now.plus(lease);
            List<StorageClaim> claims = new ArrayList<>();
            for (Place place : tx.state().collectable) {
                if (claims.size() == limit) {
                    break;
                }
                Session session = tx.requireSession(place.id());
                if (given.scope().includes(session.owner())
                        && StorageRules.collectable(session, inUse(tx.state(), session), now)
                        && free(tx.state().collectors.get(session.id()), given.collectorId(), now)) {
                    claims.add(new StorageClaim(session, given.collectorId(), until));
                }
            }
            claims.forEach(
                    claim -> tx.write(new Write.OfCollector(claim.session().id(), claim.collectorId(), claim.until())));
            return List.copyOf(claims);
        });
    }

    private static boolean free(Write.@Nullable OfCollector held, String collectorId, Instant now) {
        return held == null
                || held.collectorId().equals(collectorId)
                || !held.until().isAfter(now);
    }

    @Override
    public void releaseClaim(String sessionId, String collectorId) {
        String id = engine.intake().id("sessionId", sessionId);
        String collector = engine.intake().id("collectorId", collectorId);
        engine.write(tx -> {
            tx.requireSession(id);
            Write.OfCollector held = tx.state().collectors.get(id);
            boolean own = held != null && held.collectorId().equals(collector);
            if (own) {
                tx.write(new Write.OfCollector(id, collector, Instant.EPOCH));
            }
            return own;
        });
    }
}
