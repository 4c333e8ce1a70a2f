package io.agentrun.tck.sabotage;

import io.agentrun.LeaseStore;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.Parking;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RunLease;
import io.agentrun.model.ItemAnswer;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Passes every call on; a sabotage overrides one. */
class PassingLeases implements LeaseStore {

    final LeaseStore real;

    PassingLeases(LeaseStore real) {
        this.real = real;
    }

    @Override
    public RunLease claim(String id, String text, Duration time) {
        return real.claim(id, text, time);
    }

    @Override
    public Optional<RunLease> claimNext(ClaimRequest input) {
        return real.claimNext(input);
    }

    @Override
    public Heartbeat heartbeat(Fence fence, Duration time) {
        return real.heartbeat(fence, time);
    }

    @Override
    public Parking park(Fence fence, List<String> questionIds) {
        return real.park(fence, questionIds);
    }

    @Override
    public Run release(Fence fence) {
        return real.release(fence);
    }

    @Override
    public List<ExpiredLease> listExpired(ExpiredQuery input) {
        return real.listExpired(input);
    }

    @Override
    public Recovery recover(String id, long number) {
        return real.recover(id, number);
    }

    @Override
    public List<Recovery> endUnclaimed(ExpiredQuery input) {
        return real.endUnclaimed(input);
    }

    @Override
    public List<ItemAnswer<Heartbeat>> heartbeatAll(List<Fence> fences, Duration time) {
        return real.heartbeatAll(fences, time);
    }
}
