package io.agentrun.k8s.agent;

import io.agentrun.check.Require;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.agent.JobNews.News;
import io.agentrun.k8s.job.EnvValue;
import io.agentrun.k8s.job.JobEnd;
import io.agentrun.k8s.job.JobTrouble;
import io.agentrun.k8s.job.JobWatch;
import io.agentrun.k8s.job.JobWatchLoop;
import io.agentrun.k8s.job.LaunchRequest;
import io.agentrun.k8s.job.RunnerJobLauncher;
import io.agentrun.k8s.job.RunnerJobStatus;
import io.agentrun.k8s.log.LogLine;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.run.Lease;
import io.agentrun.runner.RunnerJob;
import io.agentrun.worker.Agent;
import io.agentrun.worker.Turn;
import io.agentrun.worker.stream.TextStream;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Works on each turn with a Job of its own. The worker holds the lease, and the Job must not claim the run: it knows nothing of the
 * store. All Jobs of an agent are looked at together, with one call every two seconds and one for a log in which something new is
 * likely ({@link JobWatch}): use one agent for all of a worker's turns. What a log has gained is stored as {@code command_output}, what
 * keeps a Job from starting as {@code error}, with what a person can do, and the turn ends as the Job ends.
 *
 * <p>A Job whose turn is asked to end, or whose lease is lost, is deleted. A cluster that cannot be asked for a while is asked again;
 * meanwhile the worker keeps the lease. A Job that cannot be launched fails the turn with {@code infra-failed}. Runs of a worker that
 * is gone are recovered by {@link RescueWitness}, because their Jobs may still work.
 *
 * <p>Thread-safe, if the function is.
 */
public final class JobAgent implements Agent {

    private static final System.Logger LOG = System.getLogger("io.agentrun.k8s");
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final String ATTEMPT = "attempt-1";

    /** These Jobs report to nobody, and are built from no commit. */
    private static final String NONE = "none";

    private final RunnerJobLauncher launcher;
    private final Function<Turn, Map<String, EnvValue>> environment;
    private final Duration look;
    private final JobWatchLoop loop;
    private final AtomicReference<List<String>> problems = new AtomicReference<>(List.of());

    private JobAgent(RunnerJobLauncher launcher, Function<Turn, Map<String, EnvValue>> environment, Duration look) {
        this.launcher = launcher;
        this.environment = environment;
        this.look = look;
        this.loop = JobWatchLoop.of(launcher.newWatch(look), Clock.systemUTC(), this::note);
    }

    /** Says what the cluster could not be asked, once until it is something else. */
    private void note(JobWatch.Look done) {
        List<String> now = done.problems();
        if (!now.equals(problems.getAndSet(now))) {
            now.forEach(problem -> LOG.log(System.Logger.Level.WARNING, problem));
        }
    }

    /**
     * An agent whose Jobs the launcher starts.
     *
     * <p>A Job gets the trace of its turn as {@code TRACEPARENT} and {@code TRACESTATE}, unless the function gives a {@code TRACEPARENT}.
     *
     * @param environment the variables of a turn's Job, beside the template's: what it is to do
     * @throws InvalidInputException if a parameter is null
     */
    public static JobAgent of(RunnerJobLauncher launcher, Function<Turn, Map<String, EnvValue>> environment) {
        return new JobAgent(Require.given("launcher", launcher), Require.given("environment", environment), LOOK);
    }

    /**
     * Returns the same that looks at its Jobs at other intervals, 1 ms to 1 minute; every two seconds unless set.
     *
     * @throws InvalidInputException if the time is null or out of the bounds stated above
     */
    public JobAgent lookingEvery(Duration value) {
        return new JobAgent(launcher, environment, Require.given("value", value));
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
        return watch(turn, job);
    }

    /** Launches the Job; the same turn has another one once its run was given back and taken again. */
    private RunnerJob launch(Turn turn, CountDownLatch stopAsked) throws InterruptedException {
        String runnerId = turn.run().lease().map(Lease::runnerId).orElseThrow();
        LaunchRequest request = LaunchRequest.of(turn.run().id(), turn.command().id(), NONE, NONE)
                .withAttempt(ATTEMPT, runnerId)
                .withEnv(variables(turn));
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
            stopAsked.await(look.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private Map<String, EnvValue> variables(Turn turn) {
        Map<String, EnvValue> variables = new TreeMap<>(environment.apply(turn));
        if (!variables.containsKey("TRACEPARENT")) {
            turn.trace()
                    .ifPresent(trace ->
                            trace.environment().forEach((name, value) -> variables.put(name, EnvValue.of(value))));
        }
        return variables;
    }

    private TurnResult watch(Turn turn, RunnerJob job) throws InterruptedException {
        JobNews news = new JobNews();
        turn.onCancel(news::stop);
        loop.add(job, null, news);
        RunnerJobStatus end = null;
        try {
            while (end == null) {
                end = hear(turn, job, news.next());
            }
        } finally {
            loop.remove(job);
            if (end == null) {
                stop(job);
            }
        }
        return TurnResult.of(outcome(job, end.end()));
    }

    /** Stores what was heard of the Job; returns the status in which it has ended, null before. */
    private @Nullable RunnerJobStatus hear(Turn turn, RunnerJob job, News news) throws InterruptedException {
        switch (news.kind()) {
            case LINE -> {
                LogLine line = Require.given("line", news.line());
                TextStream output = turn.events().output();
                if (line.part() == LogLine.Part.END) {
                    output.line(line.text());
                } else {
                    output.write(line.text());
                }
            }
            case LINES_MISSING -> say(turn, "lines of the log of Job " + name(job) + " may be missing here");
            case TROUBLE -> say(turn, words(job, Require.given("status", news.status())));
            case STOP -> {
                stopPatiently(job);
                throw new CancellationException("its Job was stopped");
            }
            case DECIDED -> {
                if (turn.cancelled()) {
                    throw new CancellationException("it was asked to end while its Job ended");
                }
                return news.status();
            }
        }
        return null;
    }

    private static void say(Turn turn, String words) throws InterruptedException {
        turn.events().write(new NewEvent(EventType.ERROR, JsonObject.of("text", words)));
    }

    private static String words(RunnerJob job, RunnerJobStatus status) {
        JobTrouble trouble = Require.given("trouble", status.trouble());
        String cluster = Stream.of(trouble.reason(), trouble.words())
                .filter(Objects::nonNull)
                .map(word -> ": " + word)
                .collect(Collectors.joining());
        String what = trouble.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return "Job " + name(job) + " waits, " + what + cluster + "; "
                + trouble.kind().advice();
    }

    private static String name(RunnerJob job) {
        return job.placement().jobName();
    }

    /** Stops the Job of a turn that was asked to end; a cluster that is away is asked again. */
    private void stopPatiently(RunnerJob job) throws InterruptedException {
        while (true) {
            try {
                launcher.stop(job);
                return;
            } catch (AgentRunException e) {
                if (!e.retryable()) {
                    throw e;
                }
            }
            TimeUnit.NANOSECONDS.sleep(look.toNanos());
        }
    }

    private void stop(RunnerJob job) {
        try {
            launcher.stop(job);
        } catch (AgentRunException e) {
            // Whoever recovers the run stops it, or its deadline does.
            LOG.log(System.Logger.Level.WARNING, "Job " + name(job) + " may still run", e);
        }
    }

    private static Outcome outcome(RunnerJob job, @Nullable JobEnd how) {
        String name = name(job);
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
