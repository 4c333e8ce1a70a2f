package io.agentrun.doctor;

import io.agentrun.command.CommandState;
import io.agentrun.command.CommandType;
import io.agentrun.inspect.Finding.Subject;
import io.agentrun.model.Outcome;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What holds for the commands of a run. Thread-safe. */
final class CommandChecks {

    private CommandChecks() {}

    static void check(RunFile file, Findings findings) {
        Run run = file.run();
        Map<String, CommandHead> byId = new HashMap<>();
        long seq = 0;
        for (CommandHead command : file.commands()) {
            seq++;
            findings.require(
                    command.seq() == seq && command.runId().equals(run.id()),
                    Rule.C_1,
                    Subject.COMMAND,
                    command.id(),
                    "the commands of its run are not numbered from 1 without a gap");
            findings.require(
                    byId.put(command.id(), command) == null,
                    Rule.C_1,
                    Subject.COMMAND,
                    command.id(),
                    "its id stands in its run twice");
        }
        RunChecks.unique(
                file.commandKeys(), Rule.I_1, Subject.RUN, run.id(), "two of its commands have one key", findings);
        file.commands().forEach(command -> check(run, command, findings));
        if (file.whole()) {
            targets(file, byId, findings);
            status(file, findings);
        }
        if (run.sessionId() == null) {
            deliverable(file.commands(), findings);
        }
    }

    private static void check(Run run, CommandHead command, Findings findings) {
        String id = command.id();
        Outcome outcome = command.outcome();
        boolean ended = command.state().terminal();
        findings.require(
                ended == (outcome != null),
                Rule.C_7,
                Subject.COMMAND,
                id,
                "it has an outcome exactly once it has ended");
        if (ended && outcome != null) {
            CommandState told = switch (outcome.status()) {
                case COMPLETED -> CommandState.COMPLETED;
                case CANCELLED -> CommandState.CANCELLED;
                case FAILED, BLOCKED -> CommandState.FAILED;
            };
            findings.require(
                    told == command.state(),
                    Rule.C_7,
                    Subject.COMMAND,
                    id,
                    "its outcome says another end than its state");
        }
        findings.require(
                !run.isTerminal() || ended, Rule.R_7, Subject.COMMAND, id, "it is open, and its run has ended");
        boolean acknowledged = command.times().acknowledgedAt() != null;
        switch (command.state()) {
            case PENDING ->
                findings.require(
                        !acknowledged,
                        Rule.C_6,
                        Subject.COMMAND,
                        id,
                        "it is pending and has a time of acknowledgement");
            case ACKNOWLEDGED -> {
                findings.require(
                        acknowledged, Rule.C_6, Subject.COMMAND, id, "it is acknowledged and has no time of it");
                findings.require(
                        run.status().leased(),
                        Rule.L_5,
                        Subject.COMMAND,
                        id,
                        "it is acknowledged, and no runner holds its run");
                findings.require(
                        command.order().deliverable(),
                        Rule.C_2,
                        Subject.COMMAND,
                        id,
                        "it is acknowledged and was never deliverable");
                findings.require(
                        command.type() != CommandType.TURN || run.status() != RunStatus.CLAIMED,
                        Rule.C_6,
                        Subject.COMMAND,
                        id,
                        "it is an acknowledged turn, and its run is not running");
            }
            case COMPLETED, FAILED, CANCELLED -> {}
        }
    }

    /** Steers and interrupts taken over from the original manager name no turn. */
    private static void targets(RunFile file, Map<String, CommandHead> byId, Findings findings) {
        for (CommandHead command : file.commands()) {
            String target = command.order().targetCommandId();
            if (target == null) {
                continue;
            }
            CommandHead turn = byId.get(target);
            findings.require(
                    command.type() != CommandType.TURN && turn != null && turn.type() == CommandType.TURN,
                    Rule.C_4,
                    Subject.COMMAND,
                    command.id(),
                    "what it is for is no turn of its run");
            if (turn != null && command.state() == CommandState.PENDING) {
                findings.require(
                        !turn.state().terminal(),
                        Rule.C_8,
                        Subject.COMMAND,
                        command.id(),
                        "it is pending for a turn that has ended");
            }
        }
    }

    private static void status(RunFile file, Findings findings) {
        long parked = file.commands().stream().filter(CommandChecks::waits).count();
        if (file.whole()) {
            findings.require(
                    parked == (file.run().status() == RunStatus.WAITING ? 1 : 0),
                    Rule.A_8,
                    Subject.RUN,
                    file.run().id(),
                    "it waits exactly while one of its turns is parked, and no other has ended so");
        }
        if (file.run().status() == RunStatus.RUNNING) {
            findings.require(
                    file.commands().stream()
                            .anyMatch(command -> command.type() == CommandType.TURN
                                    && command.times().acknowledgedAt() != null),
                    Rule.C_6,
                    Subject.RUN,
                    file.run().id(),
                    "it is running, and no turn of it was acknowledged");
        }
    }

    private static boolean waits(CommandHead command) {
        return command.resumed() != null && !command.resumed().waitsFor().isEmpty();
    }

    /** Checks that of the open turns of one lane the first, and no other, is deliverable; returns it. */
    static @Nullable CommandHead deliverable(List<CommandHead> commands, Findings findings) {
        CommandHead first = commands.stream()
                .filter(command ->
                        command.type() == CommandType.TURN && !command.state().terminal())
                .min(Comparator.comparingLong(command -> command.order().ordinal()))
                .orElse(null);
        for (CommandHead command : commands) {
            if (command.type() == CommandType.TURN && !command.state().terminal()) {
                findings.require(
                        command.order().deliverable() == command.equals(first),
                        Rule.C_2,
                        Subject.COMMAND,
                        command.id(),
                        "of the open turns the one with the lowest ordinal, and no other, is deliverable");
            }
        }
        return first;
    }
}
