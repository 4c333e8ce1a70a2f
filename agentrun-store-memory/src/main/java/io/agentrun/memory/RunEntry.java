package io.agentrun.memory;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.event.RunEvent;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.RunGuard;
import io.agentrun.rules.RunHead;
import io.agentrun.run.Run;
import io.agentrun.runner.RunnerJob;
import java.util.ArrayList;
import java.util.List;

/** A run with all that it owns; numbers of commands and events are list positions plus one. */
final class RunEntry {

    private Run run;
    private RunGuard guard;
    final List<Command> commands = new ArrayList<>(4);
    final List<RunEvent> events = new ArrayList<>();
    final List<RunnerJob> jobs = new ArrayList<>(1);

    RunEntry(Run run, RunGuard guard) {
        this.run = run;
        this.guard = guard;
    }

    Run run() {
        return run;
    }

    RunGuard guard() {
        return guard;
    }

    RunHead head() {
        return RunHead.of(run, guard);
    }

    void run(Run next, RunGuard itsGuard) {
        run = next;
        guard = itsGuard;
    }

    void put(Command command) {
        int index = Math.toIntExact(command.seq() - 1);
        if (index == commands.size()) {
            commands.add(command);
        } else {
            commands.set(index, command);
        }
    }

    List<CommandHead> openCommands() {
        List<CommandHead> open = new ArrayList<>(2);
        for (Command command : commands) {
            if (!command.state().terminal()) {
                open.add(CommandHead.of(command));
            }
        }
        return open;
    }

    /** Returns the pending commands that may be delivered, in order. */
    List<Command> deliverable(int limit) {
        List<Command> found = new ArrayList<>(2);
        for (Command command : commands) {
            if (found.size() == limit) {
                break;
            }
            if (command.state() == CommandState.PENDING && command.order().deliverable()) {
                found.add(command);
            }
        }
        return found;
    }

    long nextEventSeq() {
        return events.size() + 1L;
    }
}
