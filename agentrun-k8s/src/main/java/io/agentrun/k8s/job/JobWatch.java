package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.ListQuery;
import io.agentrun.k8s.log.LogEnd;
import io.agentrun.k8s.log.LogLine;
import io.agentrun.k8s.log.LogPosition;
import io.agentrun.k8s.log.LogQuery;
import io.agentrun.k8s.log.LogSink.Next;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.PodView;
import io.agentrun.runner.RunnerJob;
import io.agentrun.storage.KubernetesNames;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Watches any number of Jobs of one namespace with few calls: one list of pods for all of them at each look, one list of
 * Jobs where a pod is missing or about to end, and a log only where its runner has started and something new is likely.
 *
 * <p>A log in which something was new is read again after a second, one in which nothing was after up to 30 seconds, one
 * whose runner has ended at once. Over all Jobs the logs cost at most half a call a second and 0.08 more for each Job, so
 * that 50 Jobs cost less than a core together.
 *
 * <p>What keeps a Job from starting has the words of its Events, asked for once and then every half a minute, where the Role
 * allows to list them. The outcome of a Job whose pod is on its way out comes after the pod's last line, at the latest ten
 * seconds after the end of its grace.
 *
 * <p>A cluster that cannot be asked ends nothing: the Jobs go on, and the next look goes on where the last one stopped.
 *
 * <p>Thread-safe; one look at a time, a second caller waits.
 */
public final class JobWatch {

    private static final Duration LIST_EVERY = Duration.ofSeconds(2);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final double BASE_RATE = 0.5;
    private static final double RATE_PER_JOB = 0.08;
    private static final int MAX_LINES = 5_000;

    /** How long after the end of its grace a pod may still be there with its last lines. */
    private static final Duration LAST_LINES = Duration.ofSeconds(10);

    private final Lock oneLook = new ReentrantLock();
    private final Object lock = new Object();
    private final Map<String, WatchedJob> watched = new LinkedHashMap<>();
    private final KubectlHandler kubectl;
    private final Explanations explanations;
    private final InstanceNames names;
    private final String namespace;
    private final Duration every;
    private double credit = 1;
    private @Nullable Instant lastLook;

    /** Makes a watch for the Jobs of an instance in a namespace; the cluster is not asked before the first look. */
    public JobWatch(KubectlHandler kubectl, InstanceNames names, String namespace) {
        this(kubectl, names, namespace, LIST_EVERY);
    }

    /**
     * Makes a watch for the Jobs of an instance in a namespace; the cluster is not asked before the first look.
     *
     * @param every how long the pause between two looks is, 1 ms to 1 minute; 2 seconds unless given
     * @throws InvalidInputException when an argument is missing or out of the bounds stated above
     */
    public JobWatch(KubectlHandler kubectl, InstanceNames names, String namespace, Duration every) {
        if (Require.given("every", every).compareTo(SHORTEST_PAUSE) < 0 || every.compareTo(LONGEST_PAUSE) > 0) {
            throw new InvalidInputException("every", "must be between 1 ms and 1 minute");
        }
        this.every = every;
        this.kubectl = Require.given("kubectl", kubectl);
        this.explanations = new Explanations(kubectl);
        this.names = Require.given("names", names);
        this.namespace = KubernetesNames.label("namespace", namespace);
    }

    /**
     * Watches the Job from the next look on, until its outcome is decided and its log read to the end, or it is removed.
     * A second call for the same Job does nothing.
     *
     * @param after where its log was read to before, null for the beginning
     */
    public void add(RunnerJob job, @Nullable LogPosition after, JobObserver observer) {
        Require.given("observer", observer);
        synchronized (lock) {
            watched.putIfAbsent(Require.given("job", job).id(), new WatchedJob(job, observer, after));
        }
    }

    /** Stops watching the Job; a look that is under way may still tell of it. */
    public void remove(RunnerJob job) {
        synchronized (lock) {
            watched.remove(job.id());
        }
    }

    /** Returns how many Jobs are watched. */
    public int size() {
        synchronized (lock) {
            return watched.size();
        }
    }

    /**
     * Looks once and tells the observers what is new. It never throws for what the cluster or an observer does: that is a
     * problem of the look.
     */
    public Look look(Instant now) {
        oneLook.lock();
        try {
            List<WatchedJob> all;
            synchronized (lock) {
                all = List.copyOf(watched.values());
            }
            return all.isEmpty() ? new Look(IDLE, 0, List.of()) : new Pass(now, all).run();
        } finally {
            oneLook.unlock();
        }
    }

    /** One look. */
    private final class Pass {

        private final Instant now;
        private final List<WatchedJob> all;
        private final List<String> problems = new ArrayList<>();
        private final Map<String, PodView> pods = new HashMap<>();
        private final Map<String, JobView> jobs = new HashMap<>();
        private boolean jobsRead;
        private int calls;

        Pass(Instant now, List<WatchedJob> all) {
            this.now = now;
            this.all = all;
        }

        Look run() {
            earn();
            try {
                readPods();
                if (all.stream().anyMatch(this::needsItsJob)) {
                    readJobs();
                }
            } catch (KubectlException e) {
                problems.add(String.valueOf(e.getMessage()));
                return new Look(every, calls, problems);
            }
            // The log that has waited longest first: a few that write much do not take the turns of the others.
            all.stream().sorted(Comparator.comparing(WatchedJob::logDue)).forEach(this::tellOrNote);
            return new Look(nextLook(), calls, problems);
        }

        // An observer that fails must not keep the others from hearing; what it did not take comes again.
        @SuppressWarnings("CatchingUnchecked")
        private void tellOrNote(WatchedJob watch) {
            try {
                tell(watch);
            } catch (RuntimeException e) {
                problems.add("the observer of Job " + watch.ref + " failed: "
                        + e.getClass().getSimpleName());
                watch.logFailed(now);
            }
        }

        /** Calls for logs and Events are paid from a credit that grows with time. */
        private void earn() {
            Instant last = lastLook;
            double rate = BASE_RATE + RATE_PER_JOB * all.size();
            if (last != null && now.isAfter(last)) {
                double seconds = Duration.between(last, now).toMillis() / 1000.0;
                credit = Math.min(credit + seconds * rate, Math.max(1, rate * every.toMillis() / 1000.0));
            }
            lastLook = now;
        }

        private ListQuery own() {
            return ListQuery.in(namespace).withLabels(names.labels());
        }

        private void readPods() {
            calls++;
            ObjectPage<PodView> page = own().all(kubectl::listPods);
            page.skipped().forEach(skipped -> problems.add("pod " + namespace + "/" + skipped));
            for (PodView pod : page.items()) {
                if (pod.ownerUid() != null) {
                    pods.merge(
                            pod.ownerUid(),
                            pod,
                            (one, other) ->
                                    one.meta().createdAt().isAfter(other.meta().createdAt()) ? one : other);
                }
            }
        }

        private void readJobs() {
            calls++;
            ObjectPage<JobView> page = own().all(kubectl::listJobs);
            page.skipped().forEach(skipped -> problems.add("Job " + namespace + "/" + skipped));
            page.items().forEach(job -> jobs.put(job.meta().uid(), job));
            jobsRead = page.skipped().isEmpty();
        }

        private @Nullable PodView podOf(WatchedJob watch) {
            String uid = watch.uid();
            return uid == null ? null : pods.get(uid);
        }

        private boolean needsItsJob(WatchedJob watch) {
            PodView pod = podOf(watch);
            return pod == null || pod.finished() || pod.meta().terminating();
        }

        private void tell(WatchedJob watch) {
            PodView pod = podOf(watch);
            if (pod != null) {
                watch.follow(pod);
            }
            Optional<RunnerJobStatus> status = status(watch, pod);
            if (status.isEmpty()) {
                return;
            }
            boolean decided = status.get().decided();
            boolean leaving = pod != null && mayWriteItsLastLines(pod);
            boolean logRead = pod == null || readLog(watch, pod, decided, leaving);
            if (!decided) {
                watch.say(explained(watch, status.get(), pod));
            } else if (logRead || (!leaving && watch.outcomeDue(now))) {
                watch.missIfIncomplete();
                watch.say(status.get());
                remove(watch.job);
            }
        }

        /** Returns whether the pod is on its way out, and had no time yet to say all that it has to say. */
        private boolean mayWriteItsLastLines(PodView pod) {
            Instant deletedAt = pod.meta().deletedAt();
            return deletedAt != null
                    && !pod.finished()
                    && deletedAt.plus(LAST_LINES).isAfter(now);
        }

        private RunnerJobStatus explained(WatchedJob watch, RunnerJobStatus status, @Nullable PodView pod) {
            JobTrouble trouble = status.trouble();
            String uid = watch.uid();
            if (trouble == null || uid == null) {
                return status;
            }
            if (credit >= 1 && watch.words.due(trouble.kind(), now)) {
                int before = calls;
                try {
                    watch.words.found(trouble, explanations.explain(status, uid, pod, () -> calls++), now);
                } catch (KubectlException e) {
                    problems.add(String.valueOf(e.getMessage()));
                    watch.words.notFound(trouble.kind(), now);
                }
                credit = Math.max(0, credit - (calls - before));
            }
            return watch.words.in(status, trouble);
        }

        private Optional<RunnerJobStatus> status(WatchedJob watch, @Nullable PodView pod) {
            String uid = watch.uid();
            JobView job = uid == null ? null : jobs.get(uid);
            if (job != null) {
                return Optional.of(JobDiagnosis.status(watch.ref, job, pod, now));
            }
            if (pod != null && !needsItsJob(watch)) {
                return Optional.of(JobDiagnosis.active(watch.ref, pod, now));
            }
            return jobsRead
                    ? Optional.of(new RunnerJobStatus(watch.ref, RunnerJobStatus.State.GONE, null, null))
                    : Optional.empty();
        }

        /** Reads the log if it is due; returns whether nothing of it is left to be read. */
        private boolean readLog(WatchedJob watch, PodView pod, boolean decided, boolean leaving) {
            boolean ended = pod.finished() || (decided && !leaving);
            if (!watch.started || watch.logComplete) {
                return true;
            }
            // What has ended is read at once, whatever it costs: it is read only once more. What is about to go, at
            // each look.
            if (!ended && !leaving && (credit < 1 || !watch.logDue(now))) {
                return false;
            }
            credit = Math.max(0, credit - 1);
            calls++;
            try {
                boolean read = readLog(watch, pod, ended ? LogQuery.Writer.ENDED : LogQuery.Writer.RUNNING);
                return read && !leaving;
            } catch (KubectlException e) {
                if (e.reason() == Reason.NOT_FOUND) {
                    return true;
                }
                problems.add(String.valueOf(e.getMessage()));
                watch.logFailed(now);
                return false;
            }
        }

        private boolean readLog(WatchedJob watch, PodView pod, LogQuery.Writer writer) {
            LogQuery query = LogQuery.of(pod.meta().ref(), Manifests.CONTAINER)
                    .after(watch.position)
                    .withWriter(writer);
            Counter counter = new Counter(watch);
            LogEnd end = kubectl.readLog(query, counter::take);
            watch.position = end.position();
            if (end.continuity() == LogEnd.Continuity.ROTATED) {
                watch.observer.linesMissing();
            }
            boolean rest = end.rest() == LogEnd.Rest.LEFT;
            watch.logRead(now, counter.lines > 0, rest);
            watch.logComplete = !rest && writer == LogQuery.Writer.ENDED;
            return !rest;
        }

        private Duration nextLook() {
            boolean left = all.stream().anyMatch(watch -> watch.logDue(now) && watch.position != null);
            boolean sooner = left && WatchedJob.SHORTEST.compareTo(every) < 0;
            return sooner ? WatchedJob.SHORTEST : every;
        }
    }

    /** Passes lines to the observer, remembers the last one, and ends a look at a log that does not end by itself. */
    private static final class Counter {

        private final WatchedJob watch;
        private int lines;

        Counter(WatchedJob watch) {
            this.watch = watch;
        }

        Next take(LogLine line) {
            Next next = watch.observer.take(line);
            watch.position = line.position();
            lines++;
            return lines < MAX_LINES ? next : Next.STOP;
        }
    }

    /**
     * What a {@link JobWatch} did in one look.
     *
     * <p>Immutable.
     *
     * @param next after what time the next look is worth its while
     * @param calls how many calls to the cluster it took
     * @param problems what could not be asked, for people; empty when everything could
     */
    public record Look(@AsText Duration next, int calls, List<String> problems) {

        /**
         * Checks and copies what is given.
         *
         * @throws InvalidInputException when a component is missing
         */
        public Look {
            next = Require.given("next", next);
            problems = Require.items("problems", problems);
        }
    }
}
