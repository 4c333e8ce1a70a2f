package io.agentrun.doctor;

import io.agentrun.command.CommandType;
import io.agentrun.inspect.Finding.Subject;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Session;
import io.agentrun.session.SessionActivity;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/** What holds for a session, the turns that wait in it, and its storage. Thread-safe. */
final class SessionChecks {

    private SessionChecks() {}

    static void check(SessionFile file, Findings findings) {
        Session session = file.session();
        activity(session, findings);
        storage(session, findings);
        for (Run run : file.runs()) {
            findings.requireSame(
                    session.id(),
                    run.sessionId(),
                    Rule.G_8,
                    Subject.RUN,
                    run.id(),
                    "a list of another session shows it");
            findings.requireSame(
                    session.owner(), run.owner(), Rule.S_1, Subject.RUN, run.id(), "its session is another owner's");
        }
        if (file.whole()) {
            turns(file, findings);
            links(file, findings);
            open(file, findings);
        }
    }

    private static void activity(Session session, Findings findings) {
        SessionActivity activity = session.activity();
        ExecutionState state = activity.state();
        boolean running = state == ExecutionState.RUNNING;
        findings.require(
                running == (activity.activeRunId() != null) && running == (activity.activeCommandId() != null),
                Rule.S_3,
                Subject.SESSION,
                session.id(),
                "it names an active run and an active turn exactly while it is running");
        findings.require(
                (state == ExecutionState.TERMINAL) == (activity.outcome() != null),
                Rule.S_4,
                Subject.SESSION,
                session.id(),
                "it has an outcome exactly while it is terminal");
        findings.require(
                session.version() >= 1, Rule.S_9, Subject.SESSION, session.id(), "it was stored without a version");
        findings.require(
                activity.turns() >= 0, Rule.S_3, Subject.SESSION, session.id(), "its count of turns is negative");
    }

    /**
     * A claim taken over from the original manager may have no name: such storage is ready or missing, in generation 0 or more.
     */
    private static void storage(Session session, Findings findings) {
        SessionStorage storage = session.storage();
        PvcRef pvc = storage.pvc();
        String id = session.id();
        switch (storage.state()) {
            case NONE ->
                findings.require(
                        pvc == null && storage.evictedAt() == null,
                        Rule.P_2,
                        Subject.SESSION,
                        id,
                        "it has no storage and names a claim, or an eviction");
            case PROVISIONING, EVICTING ->
                findings.require(
                        pvc != null && storage.evictedAt() == null,
                        Rule.P_2,
                        Subject.SESSION,
                        id,
                        "its storage is on its way and names no claim, or was evicted");
            case READY, MISSING ->
                findings.require(
                        storage.evictedAt() == null,
                        Rule.P_6,
                        Subject.SESSION,
                        id,
                        "its storage is not evicted and has a time of eviction");
            case EVICTED ->
                findings.require(
                        storage.evictedAt() != null,
                        Rule.P_6,
                        Subject.SESSION,
                        id,
                        "its storage is evicted and has no time of it");
        }
        findings.require(storage.generation() >= 0, Rule.P_2, Subject.SESSION, id, "its generation is negative");
    }

    private static void turns(SessionFile file, Findings findings) {
        Session session = file.session();
        SessionActivity activity = session.activity();
        Set<Long> ordinals = new HashSet<>();
        for (CommandHead turn : file.turns()) {
            if (!turn.state().terminal()) {
                findings.require(
                        ordinals.add(turn.order().ordinal()),
                        Rule.C_2,
                        Subject.COMMAND,
                        turn.id(),
                        "another turn of its session has its ordinal");
                findings.require(
                        turn.order().ordinal() <= activity.turns(),
                        Rule.S_3,
                        Subject.COMMAND,
                        turn.id(),
                        "its ordinal is higher than its session's count of turns");
            }
        }
        CommandHead active = CommandChecks.deliverable(file.turns(), findings);
        findings.require(
                Objects.equals(activity.activeCommandId(), active == null ? null : active.id())
                        && Objects.equals(activity.activeRunId(), active == null ? null : active.runId()),
                Rule.C_2,
                Subject.SESSION,
                session.id(),
                active == null
                        ? "it names an active turn, and none of its turns is open"
                        : "it does not name the first of its open turns as the active one");
    }

    private static void links(SessionFile file, Findings findings) {
        Session session = file.session();
        SessionActivity activity = session.activity();
        if (activity.lastRunId() != null) {
            Run last = file.lastRun();
            findings.require(
                    last != null,
                    Rule.R_8,
                    Subject.SESSION,
                    session.id(),
                    "the run that it names as its last is not there");
            findings.require(
                    last == null || session.id().equals(last.sessionId()),
                    Rule.R_1,
                    Subject.SESSION,
                    session.id(),
                    "the run that it names as its last is another session's");
        }
        CommandHead last = file.lastCommand();
        if (last != null) {
            findings.require(
                    last.type() == CommandType.TURN
                            && file.runs().stream().anyMatch(run -> run.id().equals(last.runId())),
                    Rule.S_3,
                    Subject.SESSION,
                    session.id(),
                    "what it names as its last turn is no turn of its runs");
        }
    }

    private static void open(SessionFile file, Findings findings) {
        Session session = file.session();
        boolean going = switch (session.storage().state()) {
            case EVICTING, EVICTED -> true;
            case NONE, PROVISIONING, READY, MISSING -> false;
        };
        if (going) {
            for (Run run : file.runs()) {
                findings.require(
                        run.isTerminal(),
                        Rule.P_5,
                        Subject.RUN,
                        run.id(),
                        "it is open, and the storage of its session is being evicted");
            }
        }
    }
}
