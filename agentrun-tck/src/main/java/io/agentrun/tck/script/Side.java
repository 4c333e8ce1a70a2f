package io.agentrun.tck.script;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.lease.Fence;
import io.agentrun.lease.FenceToken;
import io.agentrun.lease.RunLease;
import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One of the two stores that a script is played on, with the values of the variables of the script there: ids, fences and
 * cursors are each store's own.
 *
 * <p>A variable without a value gives an id that no store knows. Not thread-safe: one thread at a time.
 */
final class Side {

    /** The id of a variable without a value. */
    static final String NOBODY = "nobody";

    private final AgentRunStore first;
    private final AgentRunStore second;
    private final Consumer<Duration> time;
    private final Timeline timeline;
    private final Map<String, String> ids = new HashMap<>();
    private final Map<String, String> runOfCommand = new HashMap<>();
    private final Map<String, List<Fence>> fences = new HashMap<>();
    private final Map<String, String> cursors = new HashMap<>();
    private final Map<String, Long> versions = new HashMap<>();
    private final Set<String> runs = new LinkedHashSet<>();
    private final Set<String> tasks = new LinkedHashSet<>();
    private AgentRunStore current;

    /**
     * A side on empty data.
     *
     * @param time moves the store's time
     */
    Side(AgentRunStore first, AgentRunStore second, Consumer<Duration> time) {
        this.first = first;
        this.second = second;
        this.time = time;
        this.current = first;
        this.timeline = Timeline.of(first, time);
    }

    /** The answer of the store to a step. */
    Answer take(Step step) {
        current = switch (step.instance()) {
            case FIRST -> first;
            case SECOND -> second;
        };
        return Answer.of(() -> step.call().on(this));
    }

    AgentRunStore store() {
        return current;
    }

    Timeline timeline() {
        return timeline;
    }

    void advance(Duration by) {
        time.accept(by);
    }

    /** The time so many hours after the script began. */
    Instant at(int hours) {
        return timeline.start().plus(Duration.ofHours(hours));
    }

    String id(String variable) {
        return ids.getOrDefault(variable, NOBODY);
    }

    @Nullable
    String idOrNull(@Nullable String variable) {
        return variable == null ? null : id(variable);
    }

    Run put(String variable, Run run) {
        ids.put(variable, run.id());
        runs.add(run.id());
        return run;
    }

    Command put(String variable, Command command) {
        ids.put(variable, command.id());
        runOfCommand.put(command.id(), command.runId());
        return command;
    }

    Question put(String variable, Question question) {
        ids.put(variable, question.id());
        return question;
    }

    QueueTask put(String variable, QueueTask task) {
        ids.put(variable, task.id());
        tasks.add(task.id());
        return task;
    }

    RunLease put(RunLease lease) {
        fences.computeIfAbsent(lease.run().id(), run -> new ArrayList<>()).add(lease.fence());
        return lease;
    }

    /** The newest fence of the run of the variable, or the one before it. */
    Fence fence(String variable, FenceChoice choice) {
        return fenceOfRun(id(variable), choice);
    }

    /** As {@link #fence}, of the run of the command of the variable. */
    Fence fenceOfCommand(String variable, FenceChoice choice) {
        return fenceOfRun(runOfCommand.getOrDefault(id(variable), NOBODY), choice);
    }

    private Fence fenceOfRun(String runId, FenceChoice choice) {
        List<Fence> known = fences.getOrDefault(runId, List.of());
        int index = switch (choice) {
            case NEWEST -> known.size() - 1;
            case OLDER -> known.size() - 2;
        };
        return index < 0 ? new Fence(runId, "w-2", 1, FenceToken.random()) : known.get(index);
    }

    /** Which of its fences a runner comes with. */
    enum FenceChoice {
        NEWEST,
        OLDER
    }

    @Nullable
    String cursor(String list) {
        return cursors.get(list);
    }

    void keepCursor(String list, @Nullable String cursor) {
        if (cursor == null) {
            cursors.remove(list);
        } else {
            cursors.put(list, cursor);
        }
    }

    /** The version that was first asked for under the name; later ones are given back as they come. */
    long firstVersion(String name, long version) {
        return versions.computeIfAbsent(name, unseen -> version);
    }

    /** Every run that the script has seen made, in order. */
    List<String> runs() {
        return List.copyOf(runs);
    }

    /** Every task that the script has seen made, in order. */
    List<String> tasks() {
        return List.copyOf(tasks);
    }
}
