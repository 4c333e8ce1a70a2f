package io.agentrun.rules;

import io.agentrun.command.Command;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Everything that one transition writes: the next state of each record it touches and the events it adds, in order.
 *
 * <p>A store writes a change as one atom or not at all. A record stands in it at most once; one that the store does not
 * know yet is new. Every session and every task in it takes a new version from its sequence (the version in the record
 * is the old one, {@code 0} for a new record). Events are numbered per run in list order. Immutable.
 */
public record Change(
        List<Run> runs, List<Command> commands, List<Session> sessions, List<QueueTask> tasks, List<Emission> events) {

    private static final Change NONE = new Change(List.of(), List.of(), List.of(), List.of(), List.of());

    public Change {
        runs = List.copyOf(runs);
        commands = List.copyOf(commands);
        sessions = List.copyOf(sessions);
        tasks = List.copyOf(tasks);
        events = List.copyOf(events);
    }

    /** A change that writes nothing: the answer to a replay or to a request that is already fulfilled. */
    public static Change none() {
        return NONE;
    }

    /** Whether there is nothing to write. */
    public boolean isEmpty() {
        return runs.isEmpty() && commands.isEmpty() && sessions.isEmpty() && tasks.isEmpty() && events.isEmpty();
    }

    static Builder builder() {
        return new Builder();
    }

    /** Collects the writes of one transition; a later state of a record replaces an earlier one in its place. */
    static final class Builder {
        private final List<Run> runs = new ArrayList<>(1);
        private final List<Command> commands = new ArrayList<>(2);
        private final List<Session> sessions = new ArrayList<>(1);
        private final List<QueueTask> tasks = new ArrayList<>(1);
        private final List<Emission> events = new ArrayList<>(4);

        private Builder() {}

        Builder put(Run run) {
            return put(runs, run, Run::id);
        }

        Builder put(Command command) {
            return put(commands, command, Command::id);
        }

        Builder put(Session session) {
            return put(sessions, session, Session::id);
        }

        Builder put(QueueTask task) {
            return put(tasks, task, QueueTask::id);
        }

        /** A transition writes a handful of records of a kind, so that looking through them is faster than a map. */
        private <T> Builder put(List<T> records, T next, Function<T, String> idOf) {
            String id = idOf.apply(next);
            for (int i = 0; i < records.size(); i++) {
                if (idOf.apply(records.get(i)).equals(id)) {
                    records.set(i, next);
                    return this;
                }
            }
            records.add(next);
            return this;
        }

        Builder emit(Emission event) {
            events.add(event);
            return this;
        }

        Builder then(Change next) {
            next.runs().forEach(this::put);
            next.commands().forEach(this::put);
            next.sessions().forEach(this::put);
            next.tasks().forEach(this::put);
            events.addAll(next.events());
            return this;
        }

        Change build() {
            return new Change(runs, commands, sessions, tasks, events);
        }
    }
}
