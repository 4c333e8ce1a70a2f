package io.agentrun.postgres;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.NewEvent;
import io.agentrun.lease.Fence;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.AppendStatements;
import io.agentrun.postgres.internal.table.AppendStatements.Appended;
import io.agentrun.postgres.internal.table.LeaseStatements;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends appends, those of callers that meet in one statement.
 *
 * <p>Thread-safe.
 */
final class AppendSender {

    private final Database database;
    private final Line<Append, Appended> line =
            new Line<>(Append::runId, append -> append.events().size(), this::send);

    AppendSender(Database database) {
        this.database = database;
    }

    /** One caller's events; without a fence they are the host's. */
    record Append(String runId, @Nullable Fence fence, List<String> ids, List<NewEvent> events) {}

    /** Returns where the events stand; null if the run's guard does not hold. */
    @Nullable
    Appended append(Append append) {
        Appended appended = line.settle(append);
        // Passed over because its row was locked, or refused by the guard: alone it waits, and learns which.
        return appended != null ? appended : alone(append);
    }

    private void send(List<Pending<Append, Appended>> appends) {
        if (appends.size() == 1) {
            appends.get(0).succeed(alone(appends.get(0).input()));
            return;
        }
        List<Share> shares = Share.of(appends);
        try {
            for (Appended appended : sent(shares)) {
                shares.get((int) appended.item() - 1).succeed(appended);
            }
        } catch (StoreUnavailableException e) {
            // What the server itself refused, it has not done: alone, each learns whether it was the cause.
            if (e.reason() != StoreUnavailableException.Reason.INTERNAL) {
                throw e;
            }
        }
    }

    private List<Appended> sent(List<Share> shares) {
        if (shares.size() > 1) {
            return database.once(tx -> together(tx, shares));
        }
        // All of them want this one run, and wait for it as each of them would.
        Appended appended = alone(shares.get(0).whole());
        return appended == null ? List.of() : List.of(appended);
    }

    private @Nullable Appended alone(Append append) {
        return database.once(tx -> {
            Script script = append.events().size() == 1 ? one(append) : several(append);
            if (append.fence() == null) {
                script.bind("run_id", append.runId());
            } else {
                LeaseStatements.bind(script, append.fence());
            }
            Script.Rows<Appended> rows = script.query(statement(append), AppendStatements::appended);
            tx.execute(script);
            if (!rows.all().isEmpty()) {
                tx.signal(Signals.events(append.runId()));
            }
            return rows.firstOrNull();
        });
    }

    private static String statement(Append append) {
        if (append.events().size() == 1) {
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
                        of(append.events(), event -> event.type().wire()))
                .bindArray(
                        "event_payloads",
                        "text",
                        of(append.events(), event -> event.payload().toJson()));
    }

    /** Sends to each run what is for the fence that comes first; what is for another one is left, and goes alone. */
    private static List<Appended> together(Tx tx, List<Share> shares) {
        List<Object> items = new ArrayList<>();
        List<Object> places = new ArrayList<>();
        List<Object> ids = new ArrayList<>();
        List<Object> types = new ArrayList<>();
        List<Object> payloads = new ArrayList<>();
        for (int i = 0; i < shares.size(); i++) {
            long place = 0;
            for (Pending<Append, Appended> append : shares.get(i).appends) {
                ids.addAll(append.input().ids());
                for (NewEvent event : append.input().events()) {
                    items.add(i + 1L);
                    places.add(++place);
                    types.add(event.type().wire());
                    payloads.add(event.payload().toJson());
                }
            }
        }
        Script script = new Script()
                .bindArray("run_ids", "text", of(shares, share -> share.runId))
                .bindArray(
                        "runner_ids", "text", of(shares, share -> share.fence == null ? null : share.fence.runnerId()))
                .bindArray("epochs", "bigint", of(shares, share -> share.fence == null ? null : share.fence.epoch()))
                .bindArray("event_counts", "bigint", of(shares, share -> share.events))
                .bindArray("event_items", "bigint", items.toArray())
                .bindArray("event_places", "bigint", places.toArray())
                .bindArray("event_ids", "text", ids.toArray())
                .bindArray("event_types", "text", types.toArray())
                .bindArray("event_payloads", "text", payloads.toArray());
        Script.Rows<Appended> rows = script.query(AppendStatements.TOGETHER, AppendStatements::appended);
        tx.execute(script);
        for (Appended appended : rows.all()) {
            tx.signal(Signals.events(shares.get((int) appended.item() - 1).runId));
        }
        return rows.all();
    }

    private static <T> @Nullable Object[] of(List<T> items, Function<T, @Nullable Object> value) {
        return items.stream().map(value).toArray();
    }

    /** What a statement appends to one run, for one fence. */
    private static final class Share {
        private final String runId;
        private final @Nullable Fence fence;
        private final List<Pending<Append, Appended>> appends = new ArrayList<>(1);
        private long events;

        private Share(Append first) {
            this.runId = first.runId();
            this.fence = first.fence();
        }

        static List<Share> of(List<Pending<Append, Appended>> appends) {
            Map<String, Share> shares = new LinkedHashMap<>();
            for (Pending<Append, Appended> append : appends) {
                Append input = append.input();
                Share share = shares.computeIfAbsent(input.runId(), run -> new Share(input));
                if (Objects.equals(share.fence, input.fence())) {
                    share.appends.add(append);
                    share.events += input.events().size();
                }
            }
            return List.copyOf(shares.values());
        }

        /** As if one caller appended it all. */
        Append whole() {
            List<String> ids = new ArrayList<>();
            List<NewEvent> all = new ArrayList<>();
            for (Pending<Append, Appended> append : appends) {
                ids.addAll(append.input().ids());
                all.addAll(append.input().events());
            }
            return new Append(runId, fence, ids, all);
        }

        void succeed(Appended appended) {
            long before = appended.before();
            for (Pending<Append, Appended> append : appends) {
                append.succeed(new Appended(appended.item(), before, appended.at()));
                before += append.input().events().size();
            }
        }
    }
}
