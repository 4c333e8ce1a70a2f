package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.check.Require;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.register.CollectorTable;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.OwnerGuard;
import io.agentrun.session.Session;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.StorageClaimRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Leases of collectors on the storage of sessions.
 *
 * <p>Thread-safe.
 */
final class CollectorShortcuts {

    private final Database database;

    CollectorShortcuts(Database database) {
        this.database = database;
    }

    /**
     * Leases sessions to a collector: two statements for each look, all in one transaction. The guard is that of
     * {@link io.agentrun.rules.StorageRules#collectable} (P-8), and that no other collector has a lease. The first statement
     * locks sessions, skipping those that are locked; the second asks again whether a run uses them, because the runs are not
     * locked and the first one's snapshot may be older than its locks.
     */
    List<StorageClaim> claimExpired(StorageClaimRequest request, long micros, int limit) {
        return database.inTransaction(tx -> {
            List<StorageClaim> claims = new ArrayList<>();
            Set<String> passed = new LinkedHashSet<>();
            boolean more = true;
            while (more) {
                int wanted = limit - claims.size();
                List<Session> locked = candidates(tx, request, passed, wanted);
                locked.forEach(session -> passed.add(session.id()));
                claims.addAll(take(tx, request, micros, locked));
                // The second statement may have left out some, so that there is room for others.
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

    private static List<StorageClaim> take(Tx tx, StorageClaimRequest request, long micros, List<Session> sessions) {
        if (sessions.isEmpty()) {
            return List.of();
        }
        Script script = new Script()
                .bind("collector_id", request.collectorId())
                .bind("lease_micros", micros)
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

    /** Ends the lease of the collector, if it has one (P-8). Refused where there is no such session. */
    Attempt<Boolean> releaseClaim(String sessionId, String collectorId, OwnerGuard guard) {
        return database.once(tx -> {
            Script script = new Script().bind("session_id", sessionId).bind("collector_id", collectorId);
            String owned = guard.child(
                    CollectorTable.RELEASE,
                    "k.session_id = :session_id",
                    "agentrun_sessions",
                    "v.session_id = k.session_id");
            String sql = guard.row(owned, "s.", "s.session_id = :session_id");
            Attempt<Boolean> known =
                    SingleStatement.attempt(tx, guard.bind(script), sql, (row, context) -> row.getBoolean("known"));
            return known instanceof Attempt.Done<Boolean> done && done.value() ? known : new Attempt.Refused<>();
        });
    }
}
