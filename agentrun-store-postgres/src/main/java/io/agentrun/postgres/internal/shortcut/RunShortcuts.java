package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.model.BackendProfile;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.RunQueries;
import io.agentrun.rules.NewLease;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import java.util.List;
import java.util.Optional;

/**
 * Steps of runs that are never combined: claims of the next run, purges.
 *
 * <p>Thread-safe.
 */
final class RunShortcuts {

    private final Database database;

    RunShortcuts(Database database) {
        this.database = database;
    }

    /**
     * Claims the oldest pending run that the request accepts. The guard is that of
     * {@link io.agentrun.rules.LeaseRules#claimable} (L-7); runs that are locked are skipped.
     */
    Attempt<Optional<Run>> claimNext(ClaimRequest request, NewLease lease, String eventId) {
        return database.once(tx -> {
            Script script = RunQueries.bind(new Script(), request.scope())
                    .bind("runner_id", lease.runnerId())
                    .bindHash("fence_hash", lease.tokenHash())
                    .bind("event_id", eventId)
                    .bind("lease_micros", PostgresShortcuts.micros(lease.length()));
            RunQueries.bindGiven(script, "provider_id", request.providerId());
            List<String> profiles =
                    request.backendProfiles().stream().map(BackendProfile::wire).toList();
            if (profiles.size() == 1) {
                script.bind("backend_profile", profiles.get(0));
            } else if (!profiles.isEmpty()) {
                script.bindArray("backend_profiles", "text", profiles.toArray());
            }
            Attempt<RunQueries.Next> attempt =
                    SingleStatement.attempt(tx, script, RunQueries.claimNext(request), RunQueries::next);
            if (!(attempt instanceof Attempt.Done<RunQueries.Next> done)) {
                return Attempt.done(Optional.empty());
            }
            Run run = done.value().run();
            if (run == null) {
                return new Attempt.Contended<>();
            }
            ClaimBatch.signal(tx, run);
            return Attempt.done(Optional.of(run));
        });
    }

    /**
     * Deletes ended runs. The guard is that of {@link io.agentrun.rules.RunRules#purgeable}; locked runs are skipped. Nobody
     * is woken: who waits for a run was woken by its end.
     */
    PurgeResult purge(PurgeRequest request) {
        return database.inTransaction(tx -> {
            Script script = RunQueries.bind(new Script(), request.scope())
                    .bind("age_micros", PostgresShortcuts.micros(request.olderThan()))
                    .bind("limit", request.limit());
            Script.Rows<RunQueries.Purged> rows = script.query(RunQueries.purge(request.scope()), RunQueries::purged);
            tx.executeLast(script);
            List<RunQueries.Purged> purged = rows.all();
            return new PurgeResult(
                    purged.size(), !purged.isEmpty() && purged.get(0).found() > request.limit());
        });
    }
}
