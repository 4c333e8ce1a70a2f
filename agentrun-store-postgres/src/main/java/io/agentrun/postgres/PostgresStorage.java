package io.agentrun.postgres;

import io.agentrun.StorageStore;
import io.agentrun.check.Require;
import io.agentrun.error.NotFoundException;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.register.CollectorTable;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.postgres.internal.table.SessionTable;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The storage of sessions, in the store on PostgreSQL. */
final class PostgresStorage implements StorageStore {

    private final Engine engine;

    PostgresStorage(Engine engine) {
        this.engine = engine;
    }

    @Override
    public SessionStorage get(String sessionId) {
        String id = engine.intake().id("sessionId", sessionId);
        return engine.database().once(tx -> {
            Script script = new Script().bind("session_id", id);
            Script.Rows<Session> found = script.query(SessionTable.GET, SessionTable::session);
            tx.execute(script);
            return found.first()
                    .orElseThrow(() -> new NotFoundException("session", id))
                    .storage();
        });
    }

    @Override
    public Session refresh(StorageRefresh refresh) {
        StorageRefresh given = Require.given("refresh", refresh);
        return change(given.sessionId(), seen -> StorageRules.refresh(seen.session(), given, seen.now()));
    }

    @Override
    public Session provision(StorageIntent intent) {
        StorageIntent given = Require.given("intent", intent);
        return change(given.sessionId(), seen -> StorageRules.provision(seen.session(), given, seen.now()));
    }

    @Override
    public Session ready(StorageReady ready) {
        StorageReady given = Require.given("ready", ready);
        return change(given.sessionId(), seen -> StorageRules.ready(seen.session(), given, seen.now()));
    }

    @Override
    public Session beginEviction(String sessionId, long generation, EvictionCause cause) {
        EvictionCause given = Require.given("cause", cause);
        long of = generation(generation);
        return change(
                engine.intake().id("sessionId", sessionId),
                seen -> StorageRules.beginEviction(seen.session(), of, given, seen.inUse(), seen.now()));
    }

    @Override
    public Session confirmEvicted(String sessionId, long generation) {
        long of = generation(generation);
        return change(
                engine.intake().id("sessionId", sessionId),
                seen -> StorageRules.confirmEvicted(seen.session(), of, seen.now()));
    }

    @Override
    public Session markMissing(String sessionId, long generation) {
        long of = generation(generation);
        return change(
                engine.intake().id("sessionId", sessionId),
                seen -> StorageRules.markMissing(seen.session(), of, seen.now()));
    }

    private static long generation(long generation) {
        return Require.between("generation", generation, 1, Long.MAX_VALUE);
    }

    /** A session under its lock; new runs of it wait for the same one. */
    private record Locked(Session session, boolean inUse, Instant now) {}

    private Session change(String sessionId, Function<Locked, Change> rule) {
        return engine.database().inTransaction(tx -> {
            Locked seen = lock(tx, sessionId);
            Change change = rule.apply(seen);
            return change.isEmpty()
                    ? seen.session()
                    : engine.writer()
                            .write(tx, change, Seen.at(seen.now()))
                            .sessions()
                            .get(0);
        });
    }

    private static Locked lock(Tx tx, String sessionId) {
        Script script = new Script().bind("session_id", sessionId);
        Script.Rows<Session> session =
                script.lock(tx, Rank.SESSION, sessionId, SessionTable.LOCK, SessionTable::session);
        Script.Rows<Boolean> inUse = script.query(RunTable.IN_USE, (row, context) -> row.getBoolean("in_use"));
        Script.Rows<Instant> clock = Engine.clock(script);
        tx.execute(script);
        return new Locked(
                session.first().orElseThrow(() -> new NotFoundException("session", sessionId)),
                inUse.first().orElseThrow(),
                clock.first().orElseThrow());
    }

    @Override
    public List<StorageClaim> claimExpired(StorageClaimRequest request) {
        StorageClaimRequest given = Require.given("request", request);
        int limit = engine.intake().page(given.limit());
        Duration lease = engine.intake().lease(given.lease());
        return engine.database().inTransaction(tx -> {
            List<StorageClaim> claims = new ArrayList<>();
            Set<String> passed = new LinkedHashSet<>();
            boolean more = true;
            while (more) {
                int wanted = limit - claims.size();
                List<Session> locked = candidates(tx, given, passed, wanted);
                locked.forEach(session -> passed.add(session.id()));
                claims.addAll(take(tx, given, lease, locked));
                // What a run has taken into use since it was seen leaves room for others.
                more = locked.size() == wanted && claims.size() < limit;
            }
            return List.copyOf(claims);
        });
    }

    private static List<Session> candidates(Tx tx, StorageClaimRequest request, Set<String> passed, int limit) {
        Script script = new Script().bind("collector_id", request.collectorId()).bind("limit", limit);
        Script.Rows<Session> found = CollectorTable.candidates(script, request.scope(), passed);
        tx.execute(script);
        return found.all();
    }

    private static List<StorageClaim> take(Tx tx, StorageClaimRequest request, Duration lease, List<Session> sessions) {
        if (sessions.isEmpty()) {
            return List.of();
        }
        Script script = new Script()
                .bind("collector_id", request.collectorId())
                .bind("lease_micros", lease.toNanos() / 1_000)
                .bindArray(
                        "session_ids",
                        "text",
                        sessions.stream().map(Session::id).toArray());
        Script.Rows<Map.Entry<String, Instant>> taken = script.query(
                CollectorTable.TAKE,
                (row, context) -> Map.entry(Columns.text(row, "session_id"), Columns.instant(row, "lease_until")));
        tx.execute(script);
        Map<String, Instant> until =
                taken.all().stream().collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        return sessions.stream()
                .filter(session -> until.containsKey(session.id()))
                .map(session -> new StorageClaim(
                        session, request.collectorId(), Require.given("until", until.get(session.id()))))
                .toList();
    }

    @Override
    public void releaseClaim(String sessionId, String collectorId) {
        String id = engine.intake().id("sessionId", sessionId);
        String collector = engine.intake().id("collectorId", collectorId);
        boolean known = engine.database().once(tx -> {
            Script script = new Script().bind("session_id", id).bind("collector_id", collector);
            Script.Rows<Boolean> found =
                    script.query(CollectorTable.RELEASE, (row, context) -> row.getBoolean("known"));
            tx.execute(script);
            return found.first().orElse(false);
        });
        if (!known) {
            throw new NotFoundException("session", id);
        }
    }
}
