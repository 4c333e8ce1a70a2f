package io.agentrun.doctor;

import io.agentrun.inspect.Finding.Subject;
import io.agentrun.model.Outcome;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.Session;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What holds for a run, its lease, its stream, its jobs, and the task that it is an attempt of. Thread-safe. */
final class RunChecks {

    private RunChecks() {}

    static void check(RunFile file, Findings findings) {
        Run run = file.run();
        end(run, findings);
        lease(run, findings);
        stream(file, findings);
        jobs(file, findings);
        session(file, findings);
        task(file, findings);
        CommandChecks.check(file, findings);
    }

    private static void end(Run run, Findings findings) {
        Outcome outcome = run.outcome();
        findings.require(
                run.isTerminal() == (outcome != null),
                Rule.R_2,
                Subject.RUN,
                run.id(),
                "it has an outcome exactly once it has ended");
        if (outcome != null) {
            findings.require(
                    !run.isTerminal() || RunStatus.of(outcome.status()) == run.status(),
                    Rule.R_2,
                    Subject.RUN,
                    run.id(),
                    "its outcome says another end than its status");
        }
    }

    private static void lease(Run run, Findings findings) {
        boolean held = run.status().leased();
        findings.require(
                held == run.lease().isPresent(),
                Rule.L_2,
                Subject.RUN,
                run.id(),
                "a runner holds it exactly while it is claimed or running");
        findings.require(
                !held || run.epoch() >= 1, Rule.L_1, Subject.RUN, run.id(), "it is held, and no epoch has begun");
        findings.require(
                run.startedAt() == null || run.epoch() >= 1,
                Rule.R_10,
                Subject.RUN,
                run.id(),
                "it says when it was first claimed, and no epoch has begun");
    }

    private static void stream(RunFile file, Findings findings) {
        Run run = file.run();
        EventScan events = file.events();
        findings.require(
                events.fault() == 0,
                Rule.E_1,
                Subject.RUN,
                run.id(),
                "its events are not numbered from 1 without a gap: look at " + events.fault());
        String repeated = events.repeatedId();
        findings.require(
                repeated == null,
                Rule.E_1,
                Subject.EVENT,
                String.valueOf(repeated),
                "two events of one run have this id");
        if (!run.isTerminal()) {
            findings.require(
                    events.ends() == 0, Rule.R_7, Subject.RUN, run.id(), "it is open and has a terminal_status");
        }
        if (!events.complete()) {
            return;
        }
        findings.require(
                events.ended() == run.isTerminal(),
                Rule.E_3,
                Subject.RUN,
                run.id(),
                "its stream says that it has ended exactly when the run has");
        Outcome outcome = run.outcome();
        if (run.isTerminal() && outcome != null) {
            findings.require(
                    events.ends() == 1 && events.endIsLast(),
                    Rule.R_7,
                    Subject.RUN,
                    run.id(),
                    "it has ended, and its last event is not its only terminal_status");
            findings.require(
                    events.ends() == 0 || outcome.status().wire().equals(events.endStatus()),
                    Rule.R_7,
                    Subject.RUN,
                    run.id(),
                    "its terminal_status says another end than the run");
        }
    }

    private static void jobs(RunFile file, Findings findings) {
        Set<String> keys = new HashSet<>();
        for (RunnerJob job : file.jobs()) {
            findings.require(
                    job.runId().equals(file.run().id())
                            && (!file.whole()
                                    || file.commands().stream()
                                            .anyMatch(command -> command.id().equals(job.commandId()))),
                    Rule.J_2,
                    Subject.JOB,
                    job.id(),
                    "it belongs to no command of its run");
            findings.require(
                    job.idempotency() == null || keys.add(job.idempotency().key()),
                    Rule.I_1,
                    Subject.JOB,
                    job.id(),
                    "another job of its run has its key");
        }
    }

    private static void session(RunFile file, Findings findings) {
        Run run = file.run();
        if (run.sessionId() == null) {
            return;
        }
        Session session = file.session();
        findings.require(session != null, Rule.R_1, Subject.RUN, run.id(), "its session is not there");
        if (session != null) {
            findings.requireSame(
                    session.owner(), run.owner(), Rule.S_1, Subject.RUN, run.id(), "its session is another owner's");
        }
    }

    /** A run of the store's first schema may belong to a task that it does not name; that is checked from the task's side. */
    private static void task(RunFile file, Findings findings) {
        Run run = file.run();
        if (run.taskId() == null) {
            return;
        }
        QueueTask task = file.task();
        if (task == null) {
            findings.require(
                    run.isTerminal(), Rule.Q_3, Subject.RUN, run.id(), "it is open, and its task is not there");
            return;
        }
        findings.requireSame(task.owner(), run.owner(), Rule.Q_3, Subject.RUN, run.id(), "its task is another owner's");
        TaskAttempt attempt = task.latestAttempt();
        boolean latest = attempt != null && run.id().equals(attempt.runId());
        if (!run.isTerminal()) {
            findings.require(
                    latest && task.state() == TaskState.RUNNING,
                    Rule.Q_3,
                    Subject.RUN,
                    run.id(),
                    "it is open, and its task does not run on it");
            return;
        }
        Outcome ended = run.outcome();
        if (latest && attempt != null && ended != null) {
            Outcome told = attempt.outcome();
            findings.require(
                    told != null && told.status() == ended.status(),
                    Rule.Q_5,
                    Subject.RUN,
                    run.id(),
                    "it has ended, and the attempt of its task has not ended with it");
        }
    }

    /** Checks that each is there once: keys within an owner, ids in a list. */
    static void unique(List<String> values, Rule rule, Subject subject, String id, String what, Findings findings) {
        Set<String> seen = new HashSet<>();
        values.forEach(value -> findings.require(seen.add(value), rule, subject, id, what));
    }
}
