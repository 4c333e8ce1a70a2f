package io.agentrun.tck.sabotage;

import io.agentrun.CommandStore;
import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandPage;
import io.agentrun.command.NewCommand;
import io.agentrun.command.SeenCommands;
import io.agentrun.lease.Fence;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.TurnResult;
import io.agentrun.model.WaitSet;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Passes every call on; a sabotage overrides one. */
class PassingCommands implements CommandStore {

    final CommandStore real;

    PassingCommands(CommandStore real) {
        this.real = real;
    }

    @Override
    public Command create(String id, NewCommand input) {
        return real.create(id, input);
    }

    @Override
    public Command get(String id) {
        return real.get(id);
    }

    @Override
    public CommandPage list(String id, long number, int limit) {
        return real.list(id, number, limit);
    }

    @Override
    public CommandDelivery await(Fence fence, int limit, Duration time) {
        return real.await(fence, limit, time);
    }

    @Override
    public Command acknowledge(Fence fence, String id) {
        return real.acknowledge(fence, id);
    }

    @Override
    public Command finish(Fence fence, String id, TurnResult input) {
        return real.finish(fence, id, input);
    }

    @Override
    public Command cancel(String id, String text) {
        return real.cancel(id, text);
    }

    @Override
    public List<ItemAnswer<Command>> acknowledgeAll(List<Acknowledgement> items) {
        return real.acknowledgeAll(items);
    }

    @Override
    public Map<String, ItemAnswer<CommandDelivery>> awaitAny(WaitSet<SeenCommands> waits, Duration time) {
        return real.awaitAny(waits, time);
    }
}
