package io.agentrun.engine;

import io.agentrun.backend.StoreTx;
import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.id.IdSource;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Owner;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.Keys;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.QueueRules.Draft;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Creates many tasks in one step. All of them have the same creation time, so their ids decide which is dispatched first: ids
 * are sorted and assigned in the order of the list.
 *
 * <p>Thread-safe.
 */
final class NewTasks {

    /** Tasks with keys are inserted in the order of their keys, so that two callers with the same keys cannot deadlock. */
    private static final Comparator<Draft> BY_KEY = Comparator.comparing(
            draft -> key(draft.input()),
            Comparator.nullsLast(Comparator.comparing((Key key) -> key.owner().tenantId())
                    .thenComparing(key -> key.owner().projectId())
                    .thenComparing(Key::text)));

    private final Context context;

    NewTasks(Context context) {
        this.context = context;
    }

    /** A key, which is the owner's. Immutable. */
    private record Key(Owner owner, String text) {}

    private static @Nullable Key key(NewQueueTask task) {
        String text = task.idempotencyKey();
        return text == null ? null : new Key(task.owner(), text);
    }

    /** Returns a record for each of the tasks. */
    List<QueueTask> create(List<NewQueueTask> tasks) {
        List<NewQueueTask> checked = context.intake().tasks(tasks);
        for (int i = 0; i < checked.size(); i++) {
            if (checked.get(i).replaceKey() != null) {
                throw new InvalidInputException(
                        "tasks[" + i + "].replaceKey", "must be given to a task that is created alone");
            }
        }
        if (checked.isEmpty()) {
            return List.of();
        }
        List<String> ids = checked.stream()
                .map(task -> context.ids().next(IdSource.QUEUE_TASK))
                .sorted()
                .toList();
        return context.backend().write(tx -> create(tx, checked, ids));
    }

    private List<QueueTask> create(StoreTx tx, List<NewQueueTask> tasks, List<String> ids) {
        Map<Key, QueueTask> stored = stored(tx, tasks);
        List<Draft> drafts = new ArrayList<>(tasks.size());
        Map<Key, Idempotency> drafted = new HashMap<>();
        for (int i = 0; i < tasks.size(); i++) {
            NewQueueTask task = tasks.get(i);
            Key key = key(task);
            Idempotency known = key == null ? null : known(key, stored, drafted);
            if (known != null) {
                Keys.requireSameContent(known, task.contentHash(), i);
            } else {
                drafts.add(new Draft(ids.get(i), task));
                if (key != null) {
                    drafted.put(key, new Idempotency(key.text(), task.contentHash()));
                }
            }
        }
        return answers(tasks, ids, stored, write(tx, drafts));
    }

    private static @Nullable Idempotency known(Key key, Map<Key, QueueTask> stored, Map<Key, Idempotency> drafted) {
        QueueTask first = stored.get(key);
        return first == null ? drafted.get(key) : Require.given("idempotency", first.idempotency());
    }

    /** Returns the tasks that are stored under the keys of these. */
    private static Map<Key, QueueTask> stored(StoreTx tx, List<NewQueueTask> tasks) {
        Map<Owner, Collection<String>> keys = new LinkedHashMap<>();
        for (NewQueueTask task : tasks) {
            String key = task.idempotencyKey();
            if (key != null) {
                keys.computeIfAbsent(task.owner(), owner -> new TreeSet<>()).add(key);
            }
        }
        Map<Key, QueueTask> stored = new HashMap<>();
        keys.forEach((owner, texts) -> {
            for (QueueTask task : tx.findTasks(owner, texts)) {
                String text = Require.given("idempotency", task.idempotency()).key();
                stored.put(new Key(owner, text), task);
            }
        });
        return stored;
    }

    private List<QueueTask> write(StoreTx tx, List<Draft> drafts) {
        if (drafts.isEmpty()) {
            return List.of();
        }
        Change change = QueueRules.create(drafts.stream().sorted(BY_KEY).toList(), tx.now());
        return tx.write(change, context.ids()).tasks();
    }

    private static List<QueueTask> answers(
            List<NewQueueTask> tasks, List<String> ids, Map<Key, QueueTask> stored, List<QueueTask> written) {
        Map<Key, QueueTask> byKey = new HashMap<>(stored);
        Map<String, QueueTask> byId = new HashMap<>();
        for (QueueTask task : written) {
            byId.put(task.id(), task);
            Idempotency key = task.idempotency();
            if (key != null) {
                byKey.put(new Key(task.owner(), key.key()), task);
            }
        }
        List<QueueTask> answers = new ArrayList<>(tasks.size());
        for (int i = 0; i < tasks.size(); i++) {
            Key key = key(tasks.get(i));
            answers.add(Require.given("task", key == null ? byId.get(ids.get(i)) : byKey.get(key)));
        }
        return List.copyOf(answers);
    }
}
