package io.agentrun.doctor;

import io.agentrun.AgentRunStore;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.inspect.Bounds;
import io.agentrun.inspect.Finding.Subject;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitHolder;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.limit.LimitRules;
import io.agentrun.rules.limit.LimitRules.Need;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * For each value that a limit of what runs at once counts: the attempts under way and those that count, read one after the other.
 * Immutable.
 *
 * @param underWay the runs of attempts under way
 * @param counted the runs that count
 */
record LimitFile(Map<LimitKey, Set<String>> underWay, Map<LimitKey, Set<String>> counted) {

    /** Reads all limits, and all tasks if there are any; nothing of a tenant view, to which they do not belong. */
    static LimitFile read(AgentRunStore store, Bounds bounds) {
        List<Limit> limits = limits(store, bounds);
        Map<LimitKey, Set<String>> underWay = new HashMap<>();
        String cursor = null;
        do {
            if (limits.isEmpty()) {
                break;
            }
            Page<QueueTask> page = store.queue()
                    .list(QueueQuery.in(TenantScope.all())
                            .withLimit(bounds.page())
                            .withCursor(cursor));
            for (QueueTask task : page.items()) {
                for (Need need : LimitRules.needs(task, limits)) {
                    Set<String> runs = underWay.computeIfAbsent(need.value(), value -> new TreeSet<>());
                    String runId = LimitRules.countedRun(task);
                    if (runId != null && task.state() == TaskState.RUNNING) {
                        runs.add(runId);
                    }
                }
            }
            cursor = page.nextCursor();
        } while (cursor != null);
        Map<LimitKey, Set<String>> counted = new HashMap<>();
        underWay.keySet().forEach(value -> {
            Set<String> runs = new TreeSet<>();
            store.limits().holders(value).stream().map(LimitHolder::runId).forEach(runs::add);
            counted.put(value, runs);
            underWay.getOrDefault(value, Set.of()).removeIf(runId -> !runs.contains(runId) && isParked(store, runId));
        });
        return new LimitFile(underWay, counted);
    }

    /** Returns whether the run was parked and not claimed since, so that it counts for nothing. */
    private static boolean isParked(AgentRunStore store, String runId) {
        try {
            return RunHead.of(store.runs().get(runId)).slotless();
        } catch (NotFoundException purged) {
            return false;
        }
    }

    /** Returns the limits of what runs at once. */
    private static List<Limit> limits(AgentRunStore store, Bounds bounds) {
        List<Limit> limits = new ArrayList<>();
        try {
            String cursor = null;
            do {
                Page<Limit> page = store.limits().list(cursor, bounds.page());
                page.items().stream()
                        .filter(limit -> limit.kind() == LimitKind.RUNNING)
                        .forEach(limits::add);
                cursor = page.nextCursor();
            } while (cursor != null);
        } catch (TenantPolicyException ofNoTenant) {
            return List.of();
        }
        return limits;
    }

    static void check(LimitFile file, Findings findings) {
        file.underWay().forEach((value, runs) -> {
            Set<String> counted = file.counted().getOrDefault(value, Set.of());
            for (String runId : runs) {
                findings.require(
                        counted.contains(runId),
                        Rule.M_4,
                        Subject.RUN,
                        runId,
                        "it is under way and does not count for its "
                                + value.by().wire());
            }
            for (String runId : counted) {
                findings.require(
                        runs.contains(runId),
                        Rule.M_6,
                        Subject.RUN,
                        runId,
                        "it counts for a " + value.by().wire() + " and is not under way");
            }
        });
    }
}
