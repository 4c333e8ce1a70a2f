package io.agentrun.rules;

import io.agentrun.command.Command;
import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.limit.LimitRules;
import io.agentrun.rules.limit.LimitRules.Grant;
import io.agentrun.rules.limit.SlotChange;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one transition writes: the new records, the next state of each stored record that it changes, and the
 * events that it adds, in order.
 *
 * <p>A store writes a change as one atom or not at all. A change holds a record at most once, either new or replaced. A
 * replaced run or command is a head: its other columns stay as they are. Every session and every task takes a new
 * version from its sequence (the version in the record is the old one, {@code 0} for a new record). Events are numbered
 * per run in list order. Immutable.
 *
 * @param created the records that the store does not have yet
 * @param replaced the next state of records that the store has
 * @param events the events to append
 * @param questions the questions that are asked, and those that end
 * @param slots the slots of limits that are taken and given back
 */
public record Change(Created created, Replaced replaced, List<Emission> events, Questions questions, SlotChange slots) {

    private static final Created NOTHING_CREATED = new Created(List.of(), List.of(), List.of(), List.of(), Map.of());
    private static final Replaced NOTHING_REPLACED =
            new Replaced(List.of(), List.of(), List.of(), List.of(), List.of());
    private static final Questions NO_QUESTIONS = new Questions(List.of(), List.of());
    private static final Change NONE = new Change(NOTHING_CREATED, NOTHING_REPLACED, List.of());

    public Change {
        events = List.copyOf(events);
    }

    /** Makes a change that touches no question. */
    public Change(Created created, Replaced replaced, List<Emission> events) {
        this(created, replaced, events, NO_QUESTIONS, SlotChange.NONE);
    }

    /** The questions that a transition creates and changes; each takes a new version, as sessions and tasks do. Immutable. */
    public record Questions(List<Question> created, List<Question> replaced) {

        public Questions {
            created = List.copyOf(created);
            replaced = List.copyOf(replaced);
        }

        /** Returns whether no question is written. */
        public boolean isEmpty() {
            return created.isEmpty() && replaced.isEmpty();
        }

        /** Returns all of them, the new ones first. */
        public Stream<Question> all() {
            return Stream.concat(created.stream(), replaced.stream());
        }
    }

    /** The records that a transition creates. Immutable. */
    public record Created(
            List<Run> runs,
            List<Command> commands,
            List<Session> sessions,
            List<QueueTask> tasks,
            Map<String, RunGuard> guards) {

        public Created {
            runs = List.copyOf(runs);
            commands = List.copyOf(commands);
            sessions = List.copyOf(sessions);
            tasks = List.copyOf(tasks);
            guards = Map.copyOf(guards);
        }

        /** Returns what guards the new run: nobody may write to it unless the change that creates it claims it too. */
        public RunGuard guard(String runId) {
            return guards.getOrDefault(runId, RunGuard.NONE);
        }

        /** Returns whether no record is created. */
        public boolean isEmpty() {
            return runs.isEmpty() && commands.isEmpty() && sessions.isEmpty() && tasks.isEmpty();
        }
    }

    /**
     * The next state of the stored records that a transition changes. Immutable.
     *
     * @param tasks tasks of which what they are about stays: their place, title, spec, payload and whatever else never changes by itself
     * @param renewed tasks of which that changes too, the owner, the keys and the time of creation aside
     */
    public record Replaced(
            List<RunHead> runs,
            List<CommandHead> commands,
            List<Session> sessions,
            List<QueueTask> tasks,
            List<QueueTask> renewed) {

        public Replaced {
            runs = List.copyOf(runs);
            commands = List.copyOf(commands);
            sessions = List.copyOf(sessions);
            tasks = List.copyOf(tasks);
            renewed = List.copyOf(renewed);
        }

        /** Returns whether no stored record is changed. */
        public boolean isEmpty() {
            return runs.isEmpty() && commands.isEmpty() && sessions.isEmpty() && tasks.isEmpty() && renewed.isEmpty();
        }
    }

    /** Returns a change that writes nothing: the answer to a replay or to a request that is already fulfilled. */
    public static Change none() {
        return NONE;
    }

    /** Returns a change of one run that no event tells of: an extended lease. */
    public static Change of(RunHead run) {
        return new Change(
                NOTHING_CREATED, new Replaced(List.of(run), List.of(), List.of(), List.of(), List.of()), List.of());
    }

    /** Returns a change that appends events, and nothing else. */
    public static Change of(List<Emission> events) {
        return new Change(NOTHING_CREATED, NOTHING_REPLACED, events);
    }

    /** Returns a change of slots, and of nothing else. */
    public static Change of(SlotChange slots) {
        return NONE.with(slots);
    }

    /** Returns this change, with slots that are taken or given back besides. */
    public Change with(SlotChange more) {
        return more.isEmpty() ? this : new Change(created, replaced, events, questions, slots.and(more));
    }

    /** Returns this change of a dispatch with the slots that its new run takes; without them if it makes no run. */
    public Change with(Grant grant, Instant now) {
        List<Run> runs = created.runs;
        return runs.isEmpty() ? this : with(LimitRules.taken(grant, runs.get(0).id(), now));
    }

    /** Returns a change that creates tasks, and nothing else. */
    static Change ofNew(List<QueueTask> tasks) {
        return new Change(new Created(List.of(), List.of(), List.of(), tasks, Map.of()), NOTHING_REPLACED, List.of());
    }

    /**
     * Returns the changes as one, written as one atom, their events in this order. Where several write a record, the last state of it
     * counts: each of them has seen what those before it have done.
     */
    public static Change all(List<Change> changes) {
        if (changes.size() == 1) {
            return changes.get(0);
        }
        Builder all = builder();
        changes.forEach(all::then);
        return all.build();
    }

    /** Returns whether there is nothing to write. */
    public boolean isEmpty() {
        return created.isEmpty() && replaced.isEmpty() && events.isEmpty() && questions.isEmpty() && slots.isEmpty();
    }

    /** Returns the sessions that this change writes, the new ones first. */
    public Stream<Session> sessions() {
        return Stream.concat(created.sessions.stream(), replaced.sessions.stream());
    }

    /** Returns the tasks that this change writes, the new ones first. */
    public Stream<QueueTask> tasks() {
        return Stream.of(created.tasks, replaced.tasks, replaced.renewed).flatMap(List::stream);
    }

    /** Returns the run as this change leaves it, new or replaced; empty if the change does not write it. */
    public Optional<RunHead> run(String id) {
        RunHead next = find(replaced.runs, id, RunHead::id);
        if (next != null) {
            return Optional.of(next);
        }
        return Optional.ofNullable(find(created.runs, id, Run::id)).map(run -> RunHead.of(run, created.guard(id)));
    }

    /** Returns the command as this change leaves it, new or replaced; empty if the change does not write it. */
    public Optional<CommandHead> command(String id) {
        CommandHead next = find(replaced.commands, id, CommandHead::id);
        if (next != null) {
            return Optional.of(next);
        }
        return Optional.ofNullable(find(created.commands, id, Command::id)).map(CommandHead::of);
    }

    /** Returns the session as this change leaves it, new or replaced; empty if the change does not write it. */
    public Optional<Session> session(String id) {
        Session next = find(replaced.sessions, id, Session::id);
        return Optional.ofNullable(next != null ? next : find(created.sessions, id, Session::id));
    }

    /** Returns the task as this change leaves it, new or replaced; empty if the change does not write it. */
    public Optional<QueueTask> task(String id) {
        return tasks().filter(task -> task.id().equals(id)).findFirst();
    }

    private static <T> @Nullable T find(List<T> records, String id, Function<T, String> idOf) {
        int at = indexOf(records, id, idOf);
        return at < 0 ? null : records.get(at);
    }

    /** Finds a record in a list; a transition writes a handful of records of a kind, so that a map would be slower. */
    private static <T> int indexOf(List<T> records, String id, Function<T, String> idOf) {
        for (int i = 0; i < records.size(); i++) {
            if (idOf.apply(records.get(i)).equals(id)) {
                return i;
            }
        }
        return -1;
    }

    static Builder builder() {
        return new Builder();
    }

    /**
     * Collects the writes of one transition. A later state of a record replaces the earlier one in its place; a state of
     * a record that this change creates stays among the created.
     */
    static final class Builder {
        // Each list is the shared empty one until something is added: most changes use two of the twelve.
        private List<Run> newRuns = List.of();
        private final Map<String, RunGuard> guards = new HashMap<>(0);
        private List<Command> newCommands = List.of();
        private List<Session> newSessions = List.of();
        private List<QueueTask> newTasks = List.of();
        private List<RunHead> runs = List.of();
        private List<CommandHead> commands = List.of();
        private List<Session> sessions = List.of();
        private List<QueueTask> tasks = List.of();
        private List<QueueTask> renewed = List.of();
        private List<Emission> events = List.of();
        private SlotChange slots = SlotChange.NONE;
        private List<Question> newQuestions = List.of();
        private List<Question> questions = List.of();

        private Builder() {}

        Builder create(Run run) {
            newRuns = set(newRuns, run, Run::id);
            return this;
        }

        Builder create(Command command) {
            newCommands = set(newCommands, command, Command::id);
            return this;
        }

        Builder create(Session session) {
            newSessions = set(newSessions, session, Session::id);
            return this;
        }

        Builder create(QueueTask task) {
            newTasks = set(newTasks, task, QueueTask::id);
            return this;
        }

        Builder create(Question question) {
            newQuestions = set(newQuestions, question, Question::id);
            return this;
        }

        Builder put(Question question) {
            questions = set(questions, question, Question::id);
            return this;
        }

        Builder put(RunHead run) {
            int at = indexOf(newRuns, run.id(), Run::id);
            if (at >= 0) {
                newRuns.set(at, run.applyTo(newRuns.get(at)));
                guards.put(run.id(), run.guard());
            } else {
                runs = set(runs, run, RunHead::id);
            }
            return this;
        }

        Builder put(CommandHead command) {
            int at = indexOf(newCommands, command.id(), Command::id);
            if (at >= 0) {
                newCommands.set(at, command.applyTo(newCommands.get(at)));
            } else {
                commands = set(commands, command, CommandHead::id);
            }
            return this;
        }

        Builder put(Session session) {
            int at = indexOf(newSessions, session.id(), Session::id);
            if (at >= 0) {
                newSessions.set(at, session);
            } else {
                sessions = set(sessions, session, Session::id);
            }
            return this;
        }

        Builder put(QueueTask task) {
            int at = indexOf(newTasks, task.id(), QueueTask::id);
            if (at >= 0) {
                newTasks.set(at, task);
            } else {
                tasks = set(tasks, task, QueueTask::id);
            }
            return this;
        }

        /** Puts a task that is not otherwise in this change, with what it is about. */
        Builder renew(QueueTask task) {
            renewed = set(renewed, task, QueueTask::id);
            return this;
        }

        Builder emit(Emission event) {
            events = add(events, event);
            return this;
        }

        /** Gives back the slots that the run has. */
        Builder free(String runId) {
            slots = slots.and(new SlotChange(List.of(), List.of(runId)));
            return this;
        }

        Builder then(Change next) {
            next.created.runs.forEach(this::create);
            guards.putAll(next.created.guards);
            next.created.commands.forEach(this::create);
            next.created.sessions.forEach(this::create);
            next.created.tasks.forEach(this::create);
            next.replaced.runs.forEach(this::put);
            next.replaced.commands.forEach(this::put);
            next.replaced.sessions.forEach(this::put);
            next.replaced.tasks.forEach(this::put);
            next.replaced.renewed.forEach(this::renew);
            next.events.forEach(this::emit);
            slots = slots.and(next.slots);
            next.questions.created().forEach(this::create);
            next.questions.replaced().forEach(this::put);
            return this;
        }

        private static <T> List<T> set(List<T> records, T next, Function<T, String> idOf) {
            int at = indexOf(records, idOf.apply(next), idOf);
            if (at < 0) {
                return add(records, next);
            }
            records.set(at, next);
            return records;
        }

        private static <T> List<T> add(List<T> list, T item) {
            List<T> own = list.isEmpty() ? new ArrayList<>(2) : list;
            own.add(item);
            return own;
        }

        Change build() {
            boolean creates =
                    !newRuns.isEmpty() || !newCommands.isEmpty() || !newSessions.isEmpty() || !newTasks.isEmpty();
            boolean replaces = !runs.isEmpty()
                    || !commands.isEmpty()
                    || !sessions.isEmpty()
                    || !tasks.isEmpty()
                    || !renewed.isEmpty();
            return new Change(
                    creates ? new Created(newRuns, newCommands, newSessions, newTasks, guards) : NOTHING_CREATED,
                    replaces ? new Replaced(runs, commands, sessions, tasks, renewed) : NOTHING_REPLACED,
                    events,
                    newQuestions.isEmpty() && questions.isEmpty()
                            ? NO_QUESTIONS
                            : new Questions(newQuestions, questions),
                    slots);
        }
    }
}
