package io.agentrun.engine;

import io.agentrun.StorageStore;
import io.agentrun.backend.Attempt;
import io.agentrun.backend.Entry;
import io.agentrun.backend.Entry.CollectorLease;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.ReadSets.SessionUse;
import io.agentrun.backend.StoreTx;
import io.agentrun.check.Require;
import io.agentrun.engine.report.Failures;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
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
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The storage of sessions, of every store. */
final class Storage implements StorageStore {

    private final Context context;

    Storage(Context context) {
        this.context = context;
    }

    @Override
    public SessionStorage get(String sessionId) {
        String id = context.intake().id("sessionId", sessionId);
        return context.backend()
                .read(reads -> reads.findSession(id))
                .orElseThrow(() -> new NotFoundException("session", id))
                .storage();
    }

    @Override
    public Session refresh(StorageRefresh refresh) {
        StorageRefresh given = Require.given("refresh", refresh);
        return change(given.sessionId(), (seen, now) -> StorageRules.refresh(seen.session(), given, now));
    }

    @Override
    public Session provision(StorageIntent intent) {
        StorageIntent given = Require.given("intent", intent);
        return change(given.sessionId(), (seen, now) -> StorageRules.provision(seen.session(), given, now));
    }

    @Override
    public Session ready(StorageReady ready) {
        StorageReady given = Require.given("ready", ready);
        return change(given.sessionId(), (seen, now) -> StorageRules.ready(seen.session(), given, now));
    }

    @Override
    public Session beginEviction(String sessionId, long generation, EvictionCause cause) {
        EvictionCause given = Require.given("cause", cause);
        long of = generation(generation);
        return change(
                context.intake().id("sessionId", sessionId),
                (seen, now) -> StorageRules.beginEviction(seen.session(), of, given, seen.inUse(), now));
    }

    @Override
    public Session confirmEvicted(String sessionId, long generation) {
        long of = generation(generation);
        return change(
                context.intake().id("sessionId", sessionId),
                (seen, now) -> StorageRules.confirmEvicted(seen.session(), of, now));
    }

    @Override
    public Session markMissing(String sessionId, long generation) {
        long of = generation(generation);
        return change(
                context.intake().id("sessionId", sessionId),
                (seen, now) -> StorageRules.markMissing(seen.session(), of, now));
    }

    private static long generation(long generation) {
        return Require.between("generation", generation, 1, Long.MAX_VALUE);
    }

    /** Writes what the rule decides under the session's lock, which new runs of the session take too. */
    private Session change(String sessionId, BiFunction<SessionUse, Instant, Change> rule) {
        return context.backend().write(tx -> {
            SessionUse seen = tx.lockSessionUse(sessionId).orThrow("session", sessionId);
            Change change = rule.apply(seen, tx.now());
            return change.isEmpty()
                    ? seen.session()
                    : tx.write(change, context.ids()).sessions().get(0);
        });
    }

    @Override
    public List<StorageClaim> claimExpired(StorageClaimRequest request) {
        StorageClaimRequest given = Require.given("request", request);
        int limit = context.intake().page(given.limit());
        Duration lease = context.intake().lease(given.lease());
        if (context.backend().shortcuts().claimExpired(given, lease, limit)
                instanceof Attempt.Done<List<StorageClaim>> done) {
            return done.value();
        }
        Set<String> passed = new LinkedHashSet<>();
        List<StorageClaim> claims = new ArrayList<>();
        boolean more = true;
        while (more) {
            int most = limit - claims.size();
            Collected collected = context.backend().write(tx -> claimExpired(tx, given, lease, passed, most));
            claims.addAll(collected.claims());
            passed.addAll(collected.candidates());
            // What was lost to somebody else since it was found leaves room for others.
            more = collected.candidates().size() == most && claims.size() < limit;
        }
        return List.copyOf(claims);
    }

    private record Collected(List<String> candidates, List<StorageClaim> claims) {}

    private static Collected claimExpired(
            StoreTx tx, StorageClaimRequest request, Duration lease, Set<String> passed, int most) {
        List<String> candidates = tx.collectableSessions(request, passed, most);
        List<Session> locked = new ArrayList<>(candidates.size());
        for (String id : candidates) {
            Session session = readable(tx, id);
            if (session != null) {
                locked.add(session);
            }
        }
        Instant now = tx.now();
        Instant until = now.plus(lease);
        List<StorageClaim> claims = new ArrayList<>(locked.size());
        for (Session session : locked) {
            if (isFree(tx, session, request.collectorId(), now)) {
                tx.put(new Entry.OfCollector(new CollectorLease(session.id(), request.collectorId(), until)));
                claims.add(new StorageClaim(session, request.collectorId(), until));
            }
        }
        return new Collected(candidates, claims);
    }

    /** Returns the session, locked; null if somebody else has it locked, or it cannot be read. */
    private static @Nullable Session readable(StoreTx tx, String sessionId) {
        try {
            return tx.lockSession(sessionId, LockMode.SKIP).orNull();
        } catch (StoreUnavailableException e) {
            if (Failures.isUnreadable(e)) {
                return null;
            }
            throw e;
        }
    }

    private static boolean isFree(StoreTx tx, Session session, String collectorId, Instant now) {
        return StorageRules.collectable(session, tx.inUse(session.id()), now)
                && tx.collector(session.id())
                        .map(held -> held.collectorId().equals(collectorId)
                                || !held.until().isAfter(now))
                        .orElse(true);
    }

    @Override
    public void releaseClaim(String sessionId, String collectorId) {
        String id = context.intake().id("sessionId", sessionId);
        String collector = context.intake().id("collectorId", collectorId);
        Attempt<Boolean> attempt = context.backend().shortcuts().releaseClaim(id, collector);
        if (attempt instanceof Attempt.Done) {
            return;
        }
        context.backend().write(tx -> {
            tx.lockSession(id, LockMode.WAIT).orThrow("session", id);
            boolean own = tx.collector(id)
                    .map(held -> held.collectorId().equals(collector))
                    .orElse(false);
            if (own) {
                tx.put(new Entry.OfCollector(new CollectorLease(id, collector, Instant.EPOCH)));
            }
            return own;
        });
    }
}
