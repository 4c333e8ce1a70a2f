package io.agentrun.tck.history;

import io.agentrun.error.AgentRunException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.CancelMode;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.NewLease;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.RunRules;
import io.agentrun.run.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What each call on a run answers, and what it leaves, by the pure rules and at one time. Thread-safe.
 *
 * @param now the time, which stands still while a history is recorded
 */
record RunModel(Instant now) {

    /** How many starts come to nothing before a run fails, in a store that was told nothing else. */
    private static final int MAX_STARTS = 3;

    /** An answer, with the state that is left. */
    record Step(RunState next, Object answer) {}

    /** The answer of a call that is refused. */
    record Refused(String type, boolean retryable) {

        static Refused of(AgentRunException refusal) {
            return new Refused(refusal.getClass().getSimpleName(), refusal.retryable());
        }
    }

    /** What a heartbeat answers, but whether commands wait, which is a hint. */
    record Beat(
            LeaseSignal signal,
            @Nullable Instant expiresAt,
            @Nullable CancelRequest request) {}

    /** What a list of events answers. */
    record Stream(List<String> events, boolean ended) {}

    /** Returns the transition of a call that answered so. */
    static Call.Transition<RunState> answering(Object answer, Function<RunState, Step> rule) {
        return before -> {
            Step step = stepOf(before, rule);
            return Objects.equals(step.answer(), answer) ? step.next() : null;
        };
    }

    private static Step stepOf(RunState before, Function<RunState, Step> rule) {
        try {
            return rule.apply(before);
        } catch (AgentRunException refusal) {
            return new Step(before, Refused.of(refusal));
        }
    }

    private static Step run(RunState before, Change change) {
        RunState next = before.after(change);
        return new Step(next, next.shown());
    }

    Step claim(RunState state, NewLease claim) {
        return run(state, LeaseRules.claim(state.view(), claim, MAX_STARTS, now));
    }

    Step heartbeat(RunState state, Fence fence, Duration lease) {
        LeaseRules.Beat beat = LeaseRules.heartbeat(state.run(), fence, lease, now);
        RunHead next = beat.next();
        if (next == null) {
            return new Step(state, new Beat(beat.signal(), null, null));
        }
        Instant until = next.lease().map(Lease::expiresAt).orElse(null);
        return new Step(state.after(Change.of(next)), new Beat(beat.signal(), until, next.cancelRequest()));
    }

    Step append(RunState state, Fence fence, String type, int count) {
        LeaseRules.requireHolder(state.run(), fence);
        RunRules.requireOpen(state.run());
        List<String> events = new ArrayList<>(state.events());
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(type);
            numbers.add((long) events.size());
        }
        return new Step(new RunState(state.run(), state.commands(), events), numbers);
    }

    Step acknowledge(RunState state, Fence fence, String commandId) {
        RunState next = state.after(CommandRules.acknowledge(state.command(commandId), state.run(), fence, now));
        return new Step(next, next.command(commandId));
    }

    Step finish(RunState state, Fence fence, String commandId, TurnResult result) {
        RunState next = state.after(CommandRules.finish(state.view(state.command(commandId)), fence, result, now));
        return new Step(next, next.command(commandId));
    }

    Step finish(RunState state, Fence fence, TurnResult result) {
        return run(state, RunRules.finish(state.view(), fence, result, now));
    }

    Step cancel(RunState state, String reason, CancelMode mode) {
        return run(state, RunRules.cancel(state.view(), reason, mode, now));
    }

    Step release(RunState state, Fence fence) {
        return run(state, LeaseRules.release(state.view(), fence, now));
    }

    Step recover(RunState state, long epoch) {
        LeaseRules.Recovered recovered = LeaseRules.recover(state.view(), epoch, MAX_STARTS, now);
        RunState next = state.after(recovered.change());
        return new Step(next, List.of(recovered.outcome(), next.shown()));
    }
}
