package io.agentrun.samples;

import io.agentrun.command.CommandState;
import io.agentrun.error.FailureKind;
import io.agentrun.lease.Fence;
import io.agentrun.lease.FenceToken;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.NewLease;
import io.agentrun.rules.RunGuard;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.RunView;
import io.agentrun.run.Lease;
import io.agentrun.run.RunAttempts;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import io.agentrun.session.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs in every situation that a rule tells apart. */
public final class Runs {

    public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    public static final Instant EARLIER = NOW.minus(Duration.ofHours(1));
    public static final Duration LEASE = Duration.ofSeconds(60);
    public static final Owner OWNER = new Owner("acme", "web");
    public static final RunSpec SPEC = RunSpec.of(BackendProfile.CODEX);
    public static final String RUN = "run_1";
    public static final String OTHER_RUN = "run_2";
    public static final String HOLDER = "runner_1";
    public static final String RIVAL = "runner_2";
    public static final long EPOCH = 3;
    public static final Outcome FAILED = Outcome.failed(FailureKind.BACKEND_FAILED, "it broke");
    public static final Outcome BLOCKED = Outcome.blocked(FailureKind.INFRA_FAILED, "no network");
    public static final Outcome CANCELLED = Outcome.cancelled("enough");

    /** The token of the present epoch's claim. */
    public static final FenceToken TOKEN = FenceToken.random();

    /** The token of the next claim. */
    public static final FenceToken NEXT_TOKEN = FenceToken.random();

    /** How many starts may come to nothing. */
    public static final int MAX_STARTS = 3;

    private Runs() {}

    /** The situations of a run, in the order of its life. */
    public enum At {
        PENDING("pending"),
        CLAIMED("claimed"),
        RUNNING("running"),
        RUN_OUT("running, lease run out"),
        LAST_RUN_OUT("running, lease run out, last attempt"),
        ASKED("running, asked to cancel"),
        ASKED_RUN_OUT("running, asked to cancel, lease run out"),
        WAITING("waiting"),
        COMPLETED("completed"),
        FAILED("failed"),
        BLOCKED("blocked"),
        CANCELLED("cancelled");

        private final String words;

        At(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }

        public boolean terminal() {
            return outcome() != null;
        }

        @Nullable
        Outcome outcome() {
            return switch (this) {
                case PENDING, CLAIMED, RUNNING, RUN_OUT, LAST_RUN_OUT, ASKED, ASKED_RUN_OUT, WAITING -> null;
                case COMPLETED -> Outcome.completed();
                case FAILED -> Runs.FAILED;
                case BLOCKED -> Runs.BLOCKED;
                case CANCELLED -> Runs.CANCELLED;
            };
        }

        @Nullable
        Instant leasedUntil() {
            return switch (this) {
                case CLAIMED, RUNNING, ASKED -> NOW.plusSeconds(30);
                // A lease is over at the very moment of its expiry.
                case RUN_OUT, LAST_RUN_OUT, ASKED_RUN_OUT -> NOW;
                case PENDING, WAITING, COMPLETED, FAILED, BLOCKED, CANCELLED -> null;
            };
        }
    }

    /** The run {@link #RUN} in the given situation: held by {@link #HOLDER}, or last held, under {@link #EPOCH}. */
    public static RunHead run(At at) {
        return run(RUN, at, null, null);
    }

    public static RunHead run(String id, At at, @Nullable String sessionId, @Nullable String taskId) {
        Outcome outcome = at.outcome();
        Instant until = at.leasedUntil();
        RunStatus status = switch (at) {
            case PENDING -> RunStatus.PENDING;
            case CLAIMED -> RunStatus.CLAIMED;
            case RUNNING, RUN_OUT, LAST_RUN_OUT, ASKED, ASKED_RUN_OUT -> RunStatus.RUNNING;
            case WAITING -> RunStatus.WAITING;
            case COMPLETED -> RunStatus.COMPLETED;
            case FAILED -> RunStatus.FAILED;
            case BLOCKED -> RunStatus.BLOCKED;
            case CANCELLED -> RunStatus.CANCELLED;
        };
        boolean asked = at == At.ASKED || at == At.ASKED_RUN_OUT;
        return new RunHead(
                id,
                sessionId,
                taskId,
                status,
                outcome,
                new RunClaim(
                        EPOCH,
                        0,
                        until == null ? null : new Lease(HOLDER, EPOCH, until),
                        new RunAttempts(at == At.LAST_RUN_OUT ? 2 : 1, 2, 0)),
                null,
                asked ? new CancelRequest("first reason", EARLIER) : null,
                EARLIER,
                EARLIER,
                status == RunStatus.PENDING || status == RunStatus.WAITING ? RunGuard.NONE : RunGuard.of(TOKEN.hash()),
                null,
                status == RunStatus.WAITING ? 1 : 0,
                status == RunStatus.WAITING ? EPOCH : 0);
    }

    /** The fence of the run's present epoch, in the hands of {@link #HOLDER}. */
    public static Fence fence() {
        return new Fence(RUN, HOLDER, EPOCH, TOKEN);
    }

    /** A fence of an epoch that is over. */
    public static Fence oldFence() {
        return new Fence(RUN, HOLDER, EPOCH - 1, FenceToken.random());
    }

    /** A fence of the present epoch that another runner has written by hand. */
    public static Fence stolenFence() {
        return new Fence(RUN, RIVAL, EPOCH, FenceToken.random());
    }

    /** A fence that was written by hand from what everybody may see. */
    public static Fence forgedFence() {
        return new Fence(RUN, HOLDER, EPOCH, FenceToken.random());
    }

    /** What a runner asks for that claims the run: a minute, with a token of its own. */
    public static NewLease claimBy(String runnerId) {
        return new NewLease(runnerId, LEASE, NEXT_TOKEN.hash());
    }

    /** A view of a run with nothing beside it. */
    public static RunView alone(RunHead run) {
        return new RunView(run, List.of(), null, null, null);
    }

    /** A view of a run with the turn {@code cmd_1}, acknowledged and open: losing its runner costs an attempt. */
    public static RunView begun(RunHead run) {
        return new RunView(run, List.of(Turns.active("cmd_1", run.id(), CommandState.ACKNOWLEDGED)), null, null, null);
    }

    /** A view of the run as it stands in that situation: with a turn that was begun where the run is running. */
    public static RunView standing(At at) {
        RunHead run = run(at);
        return run.status() == RunStatus.RUNNING ? begun(run) : alone(run);
    }

    public static RunView view(
            RunHead run,
            List<CommandHead> open,
            @Nullable Session session,
            @Nullable CommandHead nextTurn,
            @Nullable QueueTask task) {
        return new RunView(run, open, session, nextTurn, task);
    }
}
