package io.agentrun.tck.script;

import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.tck.script.Side.FenceChoice;
import java.time.Duration;
import java.util.Optional;

/** Steps that take, keep, give back and recover leases. */
final class LeaseSteps {

    private final Dice dice;

    LeaseSteps(Dice dice) {
        this.dice = dice;
    }

    Step next() {
        int roll = dice.below(100);
        if (roll < 38) {
            return claim(dice.run());
        } else if (roll < 54) {
            return claimNext(dice.of(Dice.RUNS));
        } else if (roll < 72) {
            return heartbeat();
        } else if (roll < 82) {
            return release();
        } else if (roll < 86) {
            ExpiredQuery query = ExpiredQuery.in(dice.scope()).withLimit(dice.page());
            return Step.of("list " + query, side -> side.store().leases().listExpired(query));
        } else if (roll < 94) {
            return recover();
        }
        ExpiredQuery query = ExpiredQuery.in(dice.scope()).withLimit(dice.page());
        if (roll >= 98) {
            return Step.of(
                    "end unclaimed " + query, side -> side.store().leases().endUnclaimed(query));
        }
        return Step.of("recover " + query, side -> side.store().leases().recoverExpired(query));
    }

    Step claim(String run) {
        String runner = dice.runner();
        Duration lease = dice.hours(3);
        return Step.of(
                "claim " + run + " as " + runner + " for " + lease,
                side -> side.put(side.store().leases().claim(side.id(run), runner, lease)));
    }

    Step claimNext(String variable) {
        ClaimRequest any = ClaimRequest.by(dice.runner(), dice.hours(3)).withScope(dice.scope());
        ClaimRequest request = dice.percent(25) ? any.withBackendProfile(BackendProfile.DEEPSEEK) : any;
        return Step.of(variable + " := " + request, side -> {
            Optional<RunLease> lease = side.store().leases().claimNext(request);
            lease.ifPresent(taken -> side.put(variable, side.put(taken).run()));
            return lease;
        });
    }

    private Step heartbeat() {
        String run = dice.run();
        FenceChoice fence = ScriptWriter.fence(dice);
        Duration lease = dice.hours(3);
        return Step.of(
                "heartbeat of " + run + " " + ScriptWriter.words(fence) + " for " + lease,
                side -> side.store().leases().heartbeat(side.fence(run, fence), lease));
    }

    private Step release() {
        String run = dice.run();
        FenceChoice fence = ScriptWriter.fence(dice);
        return Step.of(
                "release " + run + " " + ScriptWriter.words(fence),
                side -> side.store().leases().release(side.fence(run, fence)));
    }

    private Step recover() {
        String run = dice.run();
        FenceChoice fence = ScriptWriter.fence(dice);
        return Step.of(
                "recover " + run + " " + ScriptWriter.words(fence),
                side -> side.store()
                        .leases()
                        .recover(side.id(run), side.fence(run, fence).epoch()));
    }
}
