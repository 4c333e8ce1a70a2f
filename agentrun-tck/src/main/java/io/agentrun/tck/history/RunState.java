package io.agentrun.tck.history;

import io.agentrun.command.CommandType;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.RunGuard;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.RunView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run without a session, as the model has it.
 *
 * <p>Immutable.
 *
 * @param commands all its commands, by number
 * @param events what its events say, in order: the phase of a status event, the type of any other
 */
record RunState(RunHead run, List<CommandHead> commands, List<String> events) {

    RunState {
        commands = List.copyOf(commands);
        events = List.copyOf(events);
    }

    /** Returns the run as a store shows it: nothing of who may write to it. */
    RunHead shown() {
        return run.toBuilder().epoch(run.claim(), RunGuard.NONE).build();
    }

    RunView view() {
        return new RunView(run, open(), null, null, null);
    }

    CommandView view(CommandHead command) {
        return new CommandView(command, run, open(), null, nextTurn(command), commands.size() + 1L);
    }

    CommandHead command(String id) {
        return commands.stream()
                .filter(command -> command.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the history names the unknown command " + id));
    }

    private List<CommandHead> open() {
        return commands.stream().filter(command -> !command.state().terminal()).toList();
    }

    private @Nullable CommandHead nextTurn(CommandHead except) {
        return open().stream()
                .filter(command ->
                        command.type() == CommandType.TURN && !command.id().equals(except.id()))
                .min(Comparator.comparingLong(command -> command.order().ordinal()))
                .orElse(null);
    }

    /** Returns the state that the change leaves. */
    RunState after(Change change) {
        RunHead next = change.run(run.id()).orElse(run);
        List<CommandHead> nextCommands = new ArrayList<>();
        for (CommandHead command : commands) {
            nextCommands.add(change.command(command.id()).orElse(command));
        }
        List<String> nextEvents = new ArrayList<>(events);
        change.events().forEach(event -> nextEvents.add(RunHistory.label(event.type(), event.payload())));
        return new RunState(next, nextCommands, nextEvents);
    }
}
