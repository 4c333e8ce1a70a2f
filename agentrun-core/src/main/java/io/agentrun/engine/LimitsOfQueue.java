package io.agentrun.engine;

import io.agentrun.LimitStore;
import io.agentrun.backend.Entry;
import io.agentrun.backend.LimitSets;
import io.agentrun.backend.PageBytes;
import io.agentrun.backend.StoreTx;
import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitHolder;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Change;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.limit.LimitRules;
import io.agentrun.rules.limit.LimitSlot;
import io.agentrun.rules.limit.SlotChange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The limits of every store. */
final class LimitsOfQueue implements LimitStore {

    private static final int PAGE = 1_000;
    private static final Pages<Limit> PAGES = new Pages<>("limits", 2, PageBytes.LIMITS, LimitSets::keys);

    private final Context context;

    LimitsOfQueue(Context context) {
        this.context = context;
    }

    private void requireNoView(String which) {
        if (!context.scope().isEverybody()) {
            throw TenantPolicyException.ownerless("limit", which);
        }
    }

    @Override
    public Limit set(Limit limit) {
        Limit given = Require.given("limit", limit);
        requireNoView(given.key().text());
        return context.backend().write(tx -> {
            tx.lockLimits();
            tx.put(new Entry.OfLimit(given.key(), given.kind(), given));
            if (given.kind() == LimitKind.RUNNING && !tx.occupy(given)) {
                occupy(tx, given.key());
            }
            return given;
        });
    }

    /** Gives slots to the attempts under way that the key counts and that have none. */
    private void occupy(StoreTx tx, LimitKey key) {
        Map<LimitKey, List<String>> counted = new LinkedHashMap<>();
        QueueQuery running = QueueQuery.in(TenantScope.all()).withState(TaskState.RUNNING);
        List<QueueTask> page = tx.tasks(running, List.of(), PAGE);
        page.forEach(task -> count(tx, key, task, counted));
        while (!PageBytes.TASKS.areLast(page, PAGE)) {
            page = tx.tasks(running, Queue.keys(page.get(page.size() - 1)), PAGE);
            page.forEach(task -> count(tx, key, task, counted));
        }
        List<LimitSlot> occupied = new ArrayList<>();
        counted.forEach((value, runIds) -> {
            List<LimitSlot> slots = running(tx.slots(List.of(value)));
            Set<String> having = new HashSet<>();
            slots.forEach(slot -> having.add(String.valueOf(slot.runId())));
            List<String> lacking =
                    runIds.stream().filter(id -> !having.contains(id)).toList();
            occupied.addAll(LimitRules.occupied(value, lacking, slots, tx.now()));
        });
        tx.write(Change.of(new SlotChange(occupied, List.of())), context.ids());
    }

    /** A run that was parked counts again from its next claim on. */
    private static void count(StoreTx tx, LimitKey key, QueueTask task, Map<LimitKey, List<String>> counted) {
        String runId = LimitRules.countedRun(task);
        for (LimitKey value : LimitRules.values(task)) {
            boolean named = value.equals(key) || value.toEach().equals(key);
            if (runId != null
                    && named
                    && !tx.findHead(runId).map(RunHead::slotless).orElse(false)) {
                counted.computeIfAbsent(value, each -> new ArrayList<>()).add(runId);
            }
        }
    }

    private static List<LimitSlot> running(List<LimitSlot> slots) {
        return slots.stream().filter(slot -> slot.kind() == LimitKind.RUNNING).toList();
    }

    @Override
    public Optional<Limit> get(LimitKey key, LimitKind kind) {
        LimitKey given = Require.given("key", key);
        LimitKind counting = Require.given("kind", kind);
        requireNoView(given.text());
        return context.backend()
                .read(reads -> reads.limits(List.of(given)).stream()
                        .filter(limit -> limit.kind() == counting)
                        .findFirst());
    }

    @Override
    public Page<Limit> list(@Nullable String cursor, int limit) {
        requireNoView("*");
        return PAGES.read(
                context,
                Optional.of(TenantScope.all()),
                all -> "all",
                cursor,
                limit,
                (reads, all, after, size) -> reads.limits(after, size));
    }

    @Override
    public boolean remove(LimitKey key, LimitKind kind) {
        LimitKey given = Require.given("key", key);
        LimitKind counting = Require.given("kind", kind);
        requireNoView(given.text());
        return context.backend().write(tx -> {
            tx.lockLimits();
            boolean known = tx.limits(List.of(given)).stream().anyMatch(limit -> limit.kind() == counting);
            if (known) {
                tx.put(new Entry.OfLimit(given, counting, null));
            }
            return known;
        });
    }

    @Override
    public List<LimitHolder> holders(LimitKey value) {
        LimitKey given = Require.given("value", value);
        if (given.each()) {
            throw new InvalidInputException("value", "must be the key of one value");
        }
        requireNoView(given.text());
        return context.backend()
                .read(reads -> running(reads.slots(List.of(given))).stream()
                        .filter(slot -> slot.runId() != null)
                        .map(slot -> new LimitHolder(
                                Require.given("runId", slot.runId()), Require.given("takenAt", slot.takenAt())))
                        .sorted(Comparator.comparing(LimitHolder::since).thenComparing(LimitHolder::runId))
                        .toList());
    }
}
