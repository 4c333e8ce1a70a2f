package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;

import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandTimes;
import io.agentrun.model.Outcome;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.StorageState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Records and lists in another state than the store has them in. */
final class Altered {

    private Altered() {}

    static <T> UnaryOperator<List<T>> each(UnaryOperator<T> change) {
        return items -> items.stream().map(change).toList();
    }

    static <T> UnaryOperator<List<T>> without(Predicate<T> left) {
        return items -> items.stream().filter(left.negate()).toList();
    }

    static <T> List<T> reversed(List<T> items) {
        List<T> turned = new ArrayList<>(items);
        Collections.reverse(turned);
        return turned;
    }

    static SessionStorage state(SessionStorage storage, StorageState state) {
        return storage.toBuilder().state(state).build();
    }

    static Command ordered(Command command, CommandOrder order) {
        return new Command(
                command.id(),
                command.runId(),
                command.seq(),
                command.type(),
                command.payload(),
                command.state(),
                command.outcome(),
                order,
                command.idempotency(),
                command.times());
    }

    static Command changed(Command command, CommandState state, Outcome outcome) {
        return new Command(
                command.id(),
                command.runId(),
                command.seq(),
                command.type(),
                command.payload(),
                state,
                outcome,
                command.order(),
                command.idempotency(),
                new CommandTimes(
                        command.times().createdAt(),
                        command.times().updatedAt(),
                        command.times().acknowledgedAt()));
    }
}
