package io.agentrun.memory;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.agentrun.backend.Entry;
import io.agentrun.backend.Entry.CollectorLease;
import io.agentrun.backend.OldRecord;
import io.agentrun.backend.Signal;
import io.agentrun.command.Command;
import io.agentrun.event.RunEvent;
import io.agentrun.json.AsText;
import io.agentrun.model.ReadMark;
import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.RunGuard;
import io.agentrun.rules.RunHead;
import io.agentrun.run.Run;
import io.agentrun.runner.Backend;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record as an operation leaves it; a change set is a list of these, applied and journaled as one atom.
 *
 * <p>The short names are the journal's format: they may be added to and never change their meaning.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "w")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Write.OfRun.class, name = "run"),
    @JsonSubTypes.Type(value = Write.OfGuard.class, name = "guard"),
    @JsonSubTypes.Type(value = Write.OfCommand.class, name = "cmd"),
    @JsonSubTypes.Type(value = Write.OfEvent.class, name = "evt"),
    @JsonSubTypes.Type(value = Write.OfSession.class, name = "ses"),
    @JsonSubTypes.Type(value = Write.OfTask.class, name = "task"),
    @JsonSubTypes.Type(value = Write.OfQuestion.class, name = "ask"),
    @JsonSubTypes.Type(value = Write.OfRunner.class, name = "runner"),
    @JsonSubTypes.Type(value = Write.OfJob.class, name = "job"),
    @JsonSubTypes.Type(value = Write.OfBackend.class, name = "backend"),
    @JsonSubTypes.Type(value = Write.OfSessionMark.class, name = "sesmark"),
    @JsonSubTypes.Type(value = Write.OfTaskMark.class, name = "taskmark"),
    @JsonSubTypes.Type(value = Write.OfCollector.class, name = "gc"),
    @JsonSubTypes.Type(value = Write.Purged.class, name = "purged"),
    @JsonSubTypes.Type(value = Write.Deleted.class, name = "deleted"),
    @JsonSubTypes.Type(value = Write.Versions.class, name = "versions"),
    @JsonSubTypes.Type(value = Write.OfSchedule.class, name = "sched"),
    @JsonSubTypes.Type(value = Write.NoSchedule.class, name = "nosched")
})
sealed interface Write {

    /** Returns the write of a record that has no transitions. */
    static Write of(Entry entry) {
        if (entry instanceof Entry.OfRunner runner) {
            return new OfRunner(runner.runner());
        }
        if (entry instanceof Entry.OfJob job) {
            return new OfJob(job.job());
        }
        if (entry instanceof Entry.OfBackend backend) {
            return new OfBackend(backend.backend());
        }
        if (entry instanceof Entry.OfCollector collector) {
            return OfCollector.of(collector.lease());
        }
        if (entry instanceof Entry.OfSchedule schedule) {
            return new OfSchedule(schedule.schedule());
        }
        if (entry instanceof Entry.NoSchedule none) {
            return new NoSchedule(none.key());
        }
        Entry.OfMark mark = (Entry.OfMark) entry;
        return switch (mark.kind()) {
            case SESSION -> new OfSessionMark(mark.mark());
            case TASK -> new OfTaskMark(mark.mark());
        };
    }

    /** A run with what guards it, which files from before there were tokens do not have. */
    record OfRun(Run run, @Nullable RunGuard guard) implements Write {

        RunGuard guardOrNone() {
            return guard == null ? RunGuard.NONE : guard;
        }
    }

    /** What guards a run that is otherwise as it was. */
    record OfGuard(String runId, RunGuard guard) implements Write {}

    record OfCommand(Command command) implements Write {}

    record OfEvent(RunEvent event) implements Write {}

    record OfSession(Session session) implements Write {}

    record OfTask(QueueTask task) implements Write {}

    record OfQuestion(Question question) implements Write {}

    record OfRunner(Runner runner) implements Write {}

    record OfJob(RunnerJob job) implements Write {}

    record OfBackend(Backend backend) implements Write {}

    record OfSessionMark(ReadMark mark) implements Write {}

    record OfTaskMark(ReadMark mark) implements Write {}

    /** A collector's lease on a session's storage; one that ends at once is given back. */
    record OfCollector(
            String sessionId, String collectorId, @AsText Instant until) implements Write {

        static OfCollector of(CollectorLease lease) {
            return new OfCollector(lease.sessionId(), lease.collectorId(), lease.until());
        }

        CollectorLease lease() {
            return new CollectorLease(sessionId, collectorId, until);
        }
    }

    /** A run taken away with its commands, events and jobs. */
    record Purged(String runId) implements Write {}

    record OfSchedule(Schedule schedule) implements Write {}

    record NoSchedule(ScheduleKey key) implements Write {}

    /** A task or a session taken away with what hangs on it. */
    record Deleted(OldRecord.Kind kind, String id) implements Write {}

    /** The last versions that were given, where no record has them any more: none is given twice. */
    record Versions(long session, long task) implements Write {}

    /** Returns what waits for this write. */
    default List<Signal> signals() {
        if (this instanceof OfEvent event) {
            return List.of(Signal.events(event.event().runId()));
        }
        if (this instanceof OfCommand command) {
            return List.of(Signal.commands(command.command().runId()));
        }
        if (this instanceof OfRun run) {
            Signal signal = Signal.commands(run.run().id());
            return Signal.frees(RunHead.of(run.run())) ? List.of(signal, Signal.tasks()) : List.of(signal);
        }
        boolean frees = (this instanceof OfTask task && Signal.frees(task.task()))
                || (this instanceof OfSession session && Signal.frees(session.session()));
        if (frees) {
            return List.of(Signal.tasks());
        }
        return this instanceof Purged purged ? List.of(Signal.events(purged.runId())) : List.of();
    }
}
