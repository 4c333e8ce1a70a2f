package io.agentrun.samples;

import io.agentrun.command.Command;
import io.agentrun.error.AgentRunException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Outcome;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.RunGuard;
import io.agentrun.rules.RunHead;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a rule answered, in one line: for each record that it writes every component that changed and nothing else, then
 * the events in order; or the error.
 *
 * <p>A record that the change creates is called new; a stored one is compared with the one among those before. {@code updatedAt} is left out where it became the time of the
 * step, as it does nearly always, and {@code updatedAt kept} is said where it did not.
 */
public final class Story {

    private Story() {}

    /** The line of a transition from the given records. */
    public static String of(Supplier<Change> rule, Object... before) {
        Change change;
        try {
            change = rule.get();
        } catch (AgentRunException refusal) {
            return error(refusal);
        }
        Map<String, Object> known = new LinkedHashMap<>();
        for (Object record : before) {
            Object head = head(record);
            known.put(id(head), head);
        }
        List<String> parts = new ArrayList<>();
        Change.Replaced replaced = change.replaced();
        Change.Created created = change.created();
        List.of(replaced.runs(), created.runs(), replaced.commands(), created.commands())
                .forEach(records -> records.forEach(record -> parts.add(written(created, record, known))));
        List.of(replaced.sessions(), created.sessions(), replaced.tasks(), created.tasks())
                .forEach(records -> records.forEach(record -> parts.add(written(created, record, known))));
        change.events()
                .forEach(event -> parts.add(
                        event.runId().equals(Runs.RUN)
                                ? phase(event.payload(), event.type().wire())
                                : event.runId() + " "
                                        + phase(event.payload(), event.type().wire())));
        return parts.isEmpty() ? "nothing" : String.join(" | ", parts);
    }

    /** The error in words: its type, whether a retry makes sense, its failure kind. */
    public static String error(AgentRunException refusal) {
        return refusal.getClass().getSimpleName().replace("Exception", "")
                + (refusal.retryable() ? ", retryable" : "")
                + " (" + refusal.failureKind().wire() + ")";
    }

    private static String written(Change.Created created, Object record, Map<String, Object> known) {
        boolean isNew = record instanceof Run
                || record instanceof Command
                || (record instanceof Session session && created.sessions().contains(session))
                || (record instanceof QueueTask task && created.tasks().contains(task));
        String id = id(head(record));
        Object old = known.get(id);
        if (isNew) {
            return id + ": " + (old == null ? "new" : "new, though it was there");
        }
        return id + ": " + (old == null ? "changed" : difference(old, record));
    }

    private static Object head(Object record) {
        if (record instanceof Run run) {
            return RunHead.of(run);
        }
        return record instanceof Command command ? CommandHead.of(command) : record;
    }

    private static String phase(JsonObject payload, String type) {
        JsonObject rest = payload.without("phase");
        List<String> facts = new ArrayList<>();
        rest.toMap().forEach((key, value) -> {
            if (value != null) {
                facts.add(key + "=" + value);
            }
        });
        return payload.string("phase").orElse(type) + facts;
    }

    private static String id(Object record) {
        if (record instanceof RunHead run) {
            return run.id();
        }
        if (record instanceof CommandHead command) {
            return command.id();
        }
        if (record instanceof Session session) {
            return session.id();
        }
        if (record instanceof QueueTask task) {
            return task.id();
        }
        throw new IllegalArgumentException("no record of a change: " + record);
    }

    /** Every component that differs, as {@code path=value}. */
    static String difference(Object before, Object after) {
        Map<String, String> old = new LinkedHashMap<>();
        Map<String, String> now = new LinkedHashMap<>();
        flatten("", before, old);
        flatten("", after, now);
        List<String> changed = new ArrayList<>();
        for (Map.Entry<String, String> leaf : now.entrySet()) {
            String was = old.get(leaf.getKey());
            boolean stamp = leaf.getKey().equals("updatedAt") || leaf.getKey().equals("times.updatedAt");
            if (stamp) {
                if (!leaf.getValue().equals("now")) {
                    changed.add("updatedAt kept");
                }
            } else if (!leaf.getValue().equals(was)) {
                changed.add(leaf.getKey() + "=" + leaf.getValue());
            }
        }
        for (String path : old.keySet()) {
            if (!now.containsKey(path)
                    && !now.containsKey(parent(path))
                    && now.keySet().stream().noneMatch(deeper -> deeper.startsWith(path + "."))) {
                changed.add(path + "=none");
            }
        }
        return String.join(" ", changed);
    }

    private static String parent(String path) {
        int dot = path.lastIndexOf('.');
        return dot < 0 ? path : path.substring(0, dot);
    }

    private static void flatten(String path, @Nullable Object value, Map<String, String> leaves) {
        String simple = simple(value);
        if (simple != null) {
            leaves.put(path, simple);
            return;
        }
        Object record = Objects.requireNonNull(value);
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            String name = path.isEmpty() ? component.getName() : path + "." + component.getName();
            if (component.getType() == RunGuard.class) {
                // Random, and nobody's to see; LeaseRulesTest looks at it.
                continue;
            }
            flatten(name, read(component, record), leaves);
        }
    }

    private static @Nullable String simple(@Nullable Object value) {
        if (value == null) {
            return "none";
        }
        if (value instanceof Outcome outcome) {
            return outcome.status().wire()
                    + (outcome.failureKind() == null
                            ? ""
                            : "/" + outcome.failureKind().wire())
                    + (outcome.message() == null ? "" : "/" + outcome.message());
        }
        if (value instanceof Instant instant) {
            Duration away = Duration.between(Runs.NOW, instant);
            return away.isZero() ? "now" : (away.isNegative() ? "" : "+") + away.toSeconds() + "s";
        }
        if (value instanceof Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        }
        if (value instanceof JsonObject json) {
            return json.toJson();
        }
        return value instanceof Record ? null : String.valueOf(value);
    }

    private static @Nullable Object read(RecordComponent component, Object record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a public record can be read", e);
        }
    }
}
