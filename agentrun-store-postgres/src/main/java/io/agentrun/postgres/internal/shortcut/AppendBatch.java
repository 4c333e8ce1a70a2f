package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.Shortcuts.Appended;
import io.agentrun.backend.Signal;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.NewEvent;
import io.agentrun.lease.Fence;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.AppendStatements;
import io.agentrun.postgres.internal.table.AppendStatements.AppendedItem;
import io.agentrun.postgres.internal.table.LeaseStatements;
import io.agentrun.postgres.internal.table.OwnerGuard;
import io.agentrun.rules.BatchStamp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Appends of events, alone or combined. The guard is, for a runner, that of
 * {@link io.agentrun.rules.LeaseRules#requireHolder} on a run that has not ended (L-1); for the host, that of
 * {@link io.agentrun.rules.RunRules#requireOpen} (E-2); and for a numbered batch that of
 * {@link io.agentrun.rules.EventRules#repeated}: it is later than the last one (E-7).
 *
 * <p>Thread-safe.
 */
final class AppendBatch implements GroupCommit.Operation<AppendBatch.Append, Appended> {

    private final Database database;

    AppendBatch(Database database) {
        this.database = database;
    }

    /**
     * The events of one caller. Immutable.
     *
     * @param fence the runner's; null for events of the host
     * @param batch what tells the batch from others; null for events without a number
     * @param ids one for each event
     * @param guard the caller's view
     */
    record Append(
            String runId,
            @Nullable Fence fence,
            @Nullable BatchStamp batch,
            List<String> ids,
            List<NewEvent> events,
            OwnerGuard guard) {

        /** Returns whether it is one event without a number. */
        boolean isSingle() {
            return events.size() == 1 && batch == null;
        }
    }

    @Override
    public String key(Append append) {
        return append.runId();
    }

    @Override
    public int weight(Append append) {
        return append.events().size();
    }

    @Override
    public long bytes(Append append) {
        return append.events().stream()
                .mapToLong(event -> event.payload().sizeAtMost())
                .sum();
    }

    @Override
    public Attempt<Appended> executeAlone(Append append) {
        return database.once(tx -> {
            Script script = append.isSingle() ? one(append) : several(append);
            BatchStamp batch = append.batch();
            if (batch != null) {
                script.bind("batch_number", batch.number()).bindHash("batch_hash", batch.hash());
            }
            if (append.fence() == null) {
                script.bind("run_id", append.runId());
            } else {
                LeaseStatements.bind(script, append.fence());
            }
            append.guard().bind(script);
            Attempt<Appended> attempt =
                    SingleStatement.alone(tx, script, statement(append), AppendStatements::appended);
            if (attempt instanceof Attempt.Done) {
                tx.signal(Signal.events(append.runId()).name());
            }
            return attempt;
        });
    }

    private static String statement(Append append) {
        return append.guard().row(plain(append), "", "run_id = :run_id");
    }

    private static String plain(Append append) {
        if (append.batch() != null) {
            return AppendStatements.FENCED_BATCH;
        }
        if (append.isSingle()) {
            return append.fence() == null ? AppendStatements.UNFENCED_ONE : AppendStatements.FENCED_ONE;
        }
        return append.fence() == null ? AppendStatements.UNFENCED : AppendStatements.FENCED;
    }

    private static Script one(Append append) {
        NewEvent event = append.events().get(0);
        return new Script()
                .bind("event_id", append.ids().get(0))
                .bind("event_type", event.type().wire())
                .bind("event_payload", event.payload());
    }

    private static Script several(Append append) {
        return new Script()
                .bind("event_count", append.events().size())
                .bindArray("event_ids", "text", append.ids().toArray())
                .bindArray(
                        "event_types",
                        "text",
                        array(append.events(), event -> event.type().wire()))
                .bindArray(
                        "event_payloads",
                        "text",
                        array(append.events(), event -> event.payload().toJson()));
    }

    /**
     * Appends to each run in one update: the events of all callers with the same fence and view as its first one. Callers with
     * another fence or view stay contended; a numbered batch shares its run with nobody, because the row remembers it alone.
     */
    @Override
    public void executeCombined(List<Waiter<Append, Appended>> batch) {
        List<RunAppend> runs = RunAppend.byRun(batch);
        try {
            if (runs.size() == 1) {
                // Waits for the row, as each of the callers would: a single run delays no other one.
                runs.get(0).settle(executeAlone(runs.get(0).merged()));
                return;
            }
            for (AppendedItem appended : database.once(tx -> combined(tx, runs))) {
                runs.get(appended.item() - 1).settle(Attempt.done(appended.appended()));
            }
        } catch (StoreUnavailableException e) {
            // The server refused the statement and has done nothing. All stay contended: executed alone, only the input
            // that was the cause fails.
            if (e.reason() != StoreUnavailableException.Reason.INTERNAL) {
                throw e;
            }
        }
    }

    private static List<AppendedItem> combined(Tx tx, List<RunAppend> runs) {
        List<Object> items = new ArrayList<>();
        List<Object> places = new ArrayList<>();
        List<Object> ids = new ArrayList<>();
        List<Object> types = new ArrayList<>();
        List<Object> payloads = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            Append append = runs.get(i).merged();
            ids.addAll(append.ids());
            long place = 0;
            for (NewEvent event : append.events()) {
                items.add(i + 1L);
                places.add(++place);
                types.add(event.type().wire());
                payloads.add(event.payload().toJson());
            }
        }
        Script script = new Script()
                .bindArray("run_ids", "text", array(runs, RunAppend::runId))
                .bindArray(
                        "runner_ids",
                        "text",
                        array(
                                runs,
                                run -> run.fence() == null ? null : run.fence().runnerId()))
                .bindArray(
                        "epochs",
                        "bigint",
                        array(
                                runs,
                                run -> run.fence() == null ? null : run.fence().epoch()))
                .bindHashes("fence_hashes", runs.stream().map(AppendBatch::hash).toList())
                .bindArray(
                        "batch_numbers",
                        "bigint",
                        array(
                                runs,
                                run -> run.batch() == null ? null : run.batch().number()))
                .bindHashes(
                        "batch_hashes",
                        runs.stream()
                                .map(run ->
                                        run.batch() == null ? null : run.batch().hash())
                                .toList())
                .bindArray("event_counts", "bigint", array(runs, RunAppend::eventCount))
                .bindArray("event_items", "bigint", items.toArray())
                .bindArray("event_places", "bigint", places.toArray())
                .bindArray("event_ids", "text", ids.toArray())
                .bindArray("event_types", "text", types.toArray())
                .bindArray("event_payloads", "text", payloads.toArray());
        String sql = OwnerGuard.each(
                AppendStatements.TOGETHER,
                script,
                runs.stream().map(RunAppend::guard).toList());
        Script.Rows<AppendedItem> rows = script.query(sql, AppendStatements::appendedItem);
        tx.execute(script);
        for (AppendedItem appended : rows.all()) {
            tx.signal(Signal.events(runs.get(appended.item() - 1).runId()).name());
        }
        return rows.all();
    }

    private static @Nullable String hash(RunAppend run) {
        Fence fence = run.fence();
        return fence == null ? null : fence.tokenHash();
    }

    private static <T> @Nullable Object[] array(List<T> items, Function<T, @Nullable Object> value) {
        return items.stream().map(value).toArray();
    }
}
