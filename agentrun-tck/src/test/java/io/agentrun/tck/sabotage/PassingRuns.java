package io.agentrun.tck.sabotage;

import io.agentrun.RunStore;
import io.agentrun.command.FinishedTurn;
import io.agentrun.lease.Fence;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.TurnResult;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;

/** Passes every call on; a sabotage overrides one. */
class PassingRuns implements RunStore {

    final RunStore real;

    PassingRuns(RunStore real) {
        this.real = real;
    }

    @Override
    public Run create(NewRun input) {
        return real.create(input);
    }

    @Override
    public Run get(String id) {
        return real.get(id);
    }

    @Override
    public Run getByKey(Owner owner, String text) {
        return real.getByKey(owner, text);
    }

    @Override
    public Page<Run> listByTask(String id, String text, int limit) {
        return real.listByTask(id, text, limit);
    }

    @Override
    public Page<Run> list(RunQuery input) {
        return real.list(input);
    }

    @Override
    public Run finish(Fence fence, TurnResult input) {
        return real.finish(fence, input);
    }

    @Override
    public Run finishUnclaimed(String id, Outcome input) {
        return real.finishUnclaimed(id, input);
    }

    @Override
    public Run cancel(String id, String text, CancelMode input) {
        return real.cancel(id, text, input);
    }

    @Override
    public PurgeResult purge(PurgeRequest input) {
        return real.purge(input);
    }

    @Override
    public FinishedTurn finishTurn(Fence fence, String id, TurnResult input) {
        return real.finishTurn(fence, id, input);
    }
}
