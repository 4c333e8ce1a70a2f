package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.Signal;
import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Fence;
import io.agentrun.model.BackendProfile;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.LeaseStatements;
import io.agentrun.postgres.internal.table.OwnerGuard;
import io.agentrun.postgres.internal.table.RunQueries;
import io.agentrun.rules.NewLease;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Steps of runs that are never combined: claims of the next run, acknowledgements, purges.
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
    Optional<Run> claimNext(ClaimRequest request, NewLease lease, String eventId) {
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
            Attempt<Run> attempt = ClaimBatch.attempt(tx, script, RunQueries.claimNext(request));
            return attempt instanceof Attempt.Done<Run> claimed ? Optional.of(claimed.value()) : Optional.empty();
        });
    }

    /**
     * Acknowledges a command. The guard is that of {@link io.agentrun.rules.CommandRules#acknowledge} for a command that is
     * pending (C-6): the fence holds, and the command is the run's and deliverable.
     */
    Attempt<Command> acknowledge(Fence fence, String commandId, OwnerGuard guard) {
        return database.once(tx -> {
            Script script = LeaseStatements.bind(new Script(), fence).bind("command_id", commandId);
            String sql = guard.row(LeaseStatements.ACKNOWLEDGE, "", "run_id = :run_id AND epoch = :epoch");
            Attempt<Command> attempt = SingleStatement.attempt(tx, guard.bind(script), sql, CommandTable::command);
            if (attempt instanceof Attempt.Done) {
                tx.signal(Signal.commands(fence.runId()).name());
            }
            return attempt;
        });
    }

    /**
     * Acknowledges many commands in one statement, each with the guard of {@link #acknowledge}. What it did not do is contended.
     */
    List<Attempt<Command>> acknowledgeAll(List<Acknowledgement> items, OwnerGuard guard) {
        return database.once(tx -> {
            Script script = new Script()
                    .bindArray(
                            "run_ids", "text", array(items, item -> item.fence().runId()))
                    .bindArray(
                            "runner_ids",
                            "text",
                            array(items, item -> item.fence().runnerId()))
                    .bindArray(
                            "epochs",
                            "bigint",
                            array(items, item -> item.fence().epoch()))
                    .bindHashes(
                            "fence_hashes",
                            items.stream().map(item -> item.fence().tokenHash()).toList())
                    .bindArray("command_ids", "text", array(items, Acknowledgement::commandId));
            String sql =
                    OwnerGuard.each(LeaseStatements.ACKNOWLEDGES, script, Collections.nCopies(items.size(), guard));
            Script.Rows<LeaseStatements.Acknowledged> rows = script.query(sql, LeaseStatements::acknowledged);
            tx.execute(script);
            List<Attempt<Command>> attempts =
                    new ArrayList<>(Collections.nCopies(items.size(), new Attempt.Contended<>()));
            // One that cannot be read is left open: alone, it is answered with what is wrong with it.
            for (LeaseStatements.Acknowledged row : rows.readable()) {
                attempts.set(row.item() - 1, Attempt.done(row.command()));
                tx.signal(Signal.commands(row.command().runId()).name());
            }
            return attempts;
        });
    }

    private static Object[] array(List<Acknowledgement> items, Function<Acknowledgement, Object> value) {
        return items.stream().map(value).toArray();
    }

    /** Deletes ended runs. The guard is that of {@link io.agentrun.rules.RunRules#purgeable}; locked runs are skipped. */
    PurgeResult purge(PurgeRequest request) {
        return database.inTransaction(tx -> {
            Script script = RunQueries.bind(new Script(), request.scope())
                    .bind("age_micros", PostgresShortcuts.micros(request.olderThan()))
                    .bind("limit", request.limit());
            Script.Rows<RunQueries.Purged> rows = script.query(RunQueries.purge(request.scope()), RunQueries::purged);
            tx.executeLast(script);
            List<RunQueries.Purged> purged = rows.all();
            purged.forEach(run -> tx.signal(Signal.events(run.runId()).name()));
            return new PurgeResult(
                    purged.size(), !purged.isEmpty() && purged.get(0).found() > request.limit());
        });
    }
}
