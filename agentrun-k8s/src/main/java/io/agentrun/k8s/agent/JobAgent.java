package io.agentrun.k8s.agent;

import io.agentrun.check.Require;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.job.EnvValue;
import io.agentrun.k8s.job.JobEnd;
import io.agentrun.k8s.job.LaunchRequest;
import io.agentrun.k8s.job.RunnerJobLauncher;
import io.agentrun.k8s.job.RunnerJobStatus;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.run.Lease;
import io.agentrun.runner.RunnerJob;
import io.agentrun.worker.Agent;
import io.agentrun.worker.Turn;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Works on each turn with a Job of its own. The worker holds the lease, and the Job must not claim the run: it knows nothing of the
 * store. The Job is looked at once a second; what its log has gained is stored as {@code command_output}, and the turn ends as the
 * Job ends.
 *
 * <p>A Job whose turn is asked to end, or whose lease is lost, is deleted. A cluster that cannot be asked for a while is asked again;
 * meanwhile the worker keeps the lease. A Job that cannot be launched fails the turn with {@code infra-failed}. Runs of a worker that
 * is gone are recovered by {@link RescueWitness}, because their Jobs may still work.
 *
 * <p>Thread-safe, if the function is.
 */
public final class JobAgent implements Agent {

    private static final System.Logger LOG = System.getLogger("io.agentrun.k8s");
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final String ATTEMPT = "attempt-1";

    /** These Jobs report to nobody, and are built from no commit. */
    private static final String NONE = "none";

    private final RunnerJobLauncher launcher;
    private final Function<Turn, Map<String, EnvValue>> environment;
    private final Duration look;

    private JobAgent(RunnerJobLauncher launcher, Function<Turn, Map<String, EnvValue>> environment, Duration look) {
        this.launcher = launcher;
        this.environment = environment;
        this.look = look;
    }

    /**
     * An agent whose Jobs the launcher starts.
     *
     * @param environment the variables of a turn's Job, beside the template's: what it is to do
     * @throws InvalidInputException if a parameter is null
     */
    public static JobAgent of(RunnerJobLauncher launcher, Function<Turn, Map<String, EnvValue>> environment) {
        return new JobAgent(Require.given("launcher", launcher), Require.given("environment", environment), LOOK);
    }

    /**
     * The same that looks at its Jobs at other intervals; every second unless set. A look takes one to three calls of the cluster, and
     * another one for the log.
     *
     * @throws InvalidInputException if the time is null, zero or negative
     */
    public JobAgent lookingEvery(Duration value) {
        if (Require.given("value", value).isNegative() || value.isZero()) {
            throw new InvalidInputException("value", "must be longer than zero");
        }
        return new JobAgent(launcher, environment, value);
    }

    @Override
    public TurnResult run(Turn turn) throws InterruptedException {
        CountDownLatch stopAsked = new CountDownLatch(1);
        turn.onCancel(stopAsked::countDown);
        RunnerJob job;
        try {
            job = launch(turn, stopAsked);
        } catch (AgentRunException e) {
            String why = "cannot start a Job: " + e.getMessage();
            turn.events().write(new NewEvent(EventType.ERROR, JsonObject.of("text", why)));
            return TurnResult.of(Outcome.failed(FailureKind.INFRA_FAILED, why));
        }
        return watch(turn, job, stopAsked);
    }

    /** Launches the Job; the same turn has another one once its run was given back and taken again. */
    private RunnerJob launch(Turn turn, CountDownLatch stopAsked) throws InterruptedException {
        String runnerId = turn.run().lease().map(Lease::runnerId).orElseThrow();
        LaunchRequest request = LaunchRequest.of(turn.run().id(), turn.command().id(), NONE, NONE)
                .withAttempt(ATTEMPT, runnerId)
                .withEnv(environment.apply(turn));
        while (true) {
            if (turn.cancelled()) {
                throw new CancellationException("it was asked to end before its Job was launched");
            }
            try {
                return launcher.launch(request);
            } catch (AgentRunException e) {
                if (!e.retryable()) {
                    throw e;
                }
            }
            pause(stopAsked);
        }
    }

    private TurnResult watch(Turn turn, RunnerJob job, CountDownLatch stopAsked) throws InterruptedException {
        JobLog log = new JobLog(launcher, job, turn.events().output());
        RunnerJobStatus end = null;
        try {
            while (end == null) {
                boolean more = false;
                try {
                    if (stopAsked.getCount() == 0) {
                        launcher.stop(job);
                        end = launcher.status(job);
                    } else {
                        RunnerJobStatus status = launcher.status(job);
                        // After the status: what a Job that has ended wrote is all there.
                        more = log.copy(status);
                        end = status.decided() && !more ? status : null;
                    }
                } catch (AgentRunException e) {
                    if (!e.retryable()) {
                        throw e;
                    }
                }
                if (end == null && !more) {
                    pause(stopAsked);
                }
            }
        } finally {
            if (end == null) {
                stop(job);
            }
        }
        if (turn.cancelled()) {
            throw new CancellationException("its Job was stopped");
        }
        return TurnResult.of(outcome(job, end.end()));
    }

    /** Waits for the next look; once it was asked to end, as long again, for then only a cluster that is away is waited for. */
    private void pause(CountDownLatch stopAsked) throws InterruptedException {
        if (stopAsked.getCount() == 0) {
            TimeUnit.NANOSECONDS.sleep(look.toNanos());
        } else {
            stopAsked.await(look.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void stop(RunnerJob job) {
        try {
            launcher.stop(job);
        } catch (AgentRunException e) {
            // Whoever recovers the run stops it, or its deadline does.
            LOG.log(System.Logger.Level.WARNING, "Job " + job.placement().jobName() + " may still run", e);
        }
    }

    private static Outcome outcome(RunnerJob job, @Nullable JobEnd how) {
        String name = job.placement().jobName();
        if (how == null) {
            return Outcome.failed(FailureKind.INFRA_FAILED, "Job " + name + " is gone");
        }
        if (how.succeeded()) {
            return Outcome.completed();
        }
        String words = how.words() == null ? "" : ": " + how.words();
        String cause = how.cause().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return Outcome.failed(how.failureKind(), "Job " + name + " failed, " + cause + words);
    }
}
