package io.agentrun.k8s.job;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.RunWaitingException;
import io.agentrun.error.StateConflictException;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.ListQuery;
import io.agentrun.k8s.log.LogEnd;
import io.agentrun.k8s.log.LogPosition;
import io.agentrun.k8s.log.LogQuery;
import io.agentrun.k8s.log.LogSink;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerJob;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.SessionStorageException;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Starts, watches and stops the runner of a run as a Job: one pod, no retries, a deadline, and the session's volume at
 * one stable path.
 *
 * <p>The Job's name is made of run, command, attempt and the run's generation, so that a repeated launch finds the Job that
 * is there, and a run that was released or recovered gets a new one; a claim, also a repeated one, changes nothing about it.
 * The Job is remembered in the store once it exists. The trace in which the run was asked for is in its environment, as
 * {@code TRACEPARENT} and {@code TRACESTATE}, unless template or request say a {@code TRACEPARENT}.
 *
 * <p>A run whose Job claims it is launched while it is pending, and the runner in the Job claims it under the id of the
 * request. Or whoever starts the Job claims the run first, under that id, launches it, and keeps the lease: then the Job
 * does not claim, because a second claim would end the first one's fence.
 *
 * <p>Besides what each method says, all of them throw what the store throws, and {@link KubectlException} when the
 * cluster refuses or cannot be asked.
 *
 * <p>Thread-safe.
 */
public final class RunnerJobLauncher {

    /** The key of a runner job's result under which the uid of the cluster's Job stands. */
    public static final String UID = "uid";

    private final AgentRunStore store;
    private final KubectlHandler kubectl;
    private final InstanceNames names;
    private final JobTemplate template;
    private final Clock clock;
    private final Manifests manifests;
    private final Explanations explanations;

    /** Makes a launcher that goes by the system's clock; neither store nor cluster is asked before the first call. */
    public RunnerJobLauncher(AgentRunStore store, KubectlHandler kubectl, InstanceNames names, JobTemplate template) {
        this(store, kubectl, names, template, Clock.systemUTC());
    }

    /**
     * Makes a launcher; neither store nor cluster is asked before the first call.
     *
     * @param clock what the age of a Job without a pod is measured with
     */
    public RunnerJobLauncher(
            AgentRunStore store, KubectlHandler kubectl, InstanceNames names, JobTemplate template, Clock clock) {
        this.clock = Require.given("clock", clock);
        this.store = Require.given("store", store);
        this.kubectl = Require.given("kubectl", kubectl);
        this.names = Require.given("names", names);
        this.template = Require.given("template", template);
        this.manifests = new Manifests(names, template);
        this.explanations = new Explanations(kubectl);
    }

    /**
     * Creates the Job and stores it. A second call for the same command and attempt returns the first record, also
     * after the Job or the run has ended, and asks the cluster nothing; after a crash between the two, it finds the Job.
     * Once the run was released, recovered or parked, the same request starts another Job, unless it names an idempotency key.
     *
     * @throws NotFoundException when there is no such run, or no such command in it
     * @throws IdempotencyConflictException when the key was used for another command, attempt or runner
     * @throws AlreadyTerminalException when the run has ended
     * @throws RunWaitingException when the run is parked: launch once its questions have ended
     * @throws SessionStorageException {@code session-store-evicted}, {@code session-storage-terminating} or
     *     {@code session-storage-missing}; the cluster was not asked
     * @throws StateConflictException when the session's volume is not confirmed yet (retryable)
     * @throws LeaseConflictException when another runner than the request's holds the run (retryable), and it is not a Job of
     *     this attempt
     * @throws InvalidInputException when the session's volume is in another namespace than the template's Jobs
     */
    public RunnerJob launch(LaunchRequest request) {
        Run run = store.runs().get(Require.given("request", request).runId());
        requireCommand(request);
        Optional<RunnerJob> known = known(run, request);
        if (known.isPresent()) {
            return replay(request, known.get());
        }
        Outcome outcome = run.outcome();
        if (outcome != null) {
            throw new AlreadyTerminalException("run", run.id(), run.status().wire(), outcome.failureKind());
        }
        if (run.status() == RunStatus.WAITING) {
            throw new RunWaitingException(run.id());
        }
        SessionStorage storage = usableStorage(run);
        Optional<JobView> own = run.lease().isPresent() ? findOwn(run, request) : Optional.empty();
        if (own.isEmpty()
                && run.lease()
                        .filter(lease -> !lease.runnerId().equals(request.runnerId()))
                        .isPresent()) {
            throw LeaseConflictException.held(run.id());
        }
        JobView job = own.orElseGet(() -> createOrAdopt(request, manifests.job(run, request, storage)));
        return remember(run, request, job);
    }

    /** Returns a new watch for the Jobs that this launcher starts, with such a pause between two looks; it watches none yet. */
    public JobWatch newWatch(Duration every) {
        return new JobWatch(kubectl, names, template.namespace(), every);
    }

    /**
     * Returns what the cluster says of the Job, and of its pod unless the Job has succeeded. What keeps it from starting is
     * explained by the Event about it, where the Role allows to list events. Nothing changes. One to three calls; two more
     * for each claim of a pod that gets no node.
     */
    public RunnerJobStatus status(RunnerJob job) {
        ObjectRef ref = ref(job);
        Optional<JobView> found = own(job);
        if (found.isEmpty()) {
            return new RunnerJobStatus(ref, RunnerJobStatus.State.GONE, null, null);
        }
        JobView view = found.get();
        boolean podTells = switch (view.state()) {
            case PENDING, SUCCEEDED -> false;
            case ACTIVE, ENDING, FAILED -> true;
        };
        PodView pod = podTells ? newestPod(job, view).orElse(null) : null;
        RunnerJobStatus status = JobDiagnosis.status(ref, view, pod, clock.instant());
        return explanations.explain(status, view.meta().uid(), pod, () -> {});
    }

    /**
     * Returns the end of the log of the runner in the Job's newest pod; nothing when there is no such Job or pod any more.
     * It is the runner's own text, as it is, cut at the front to 1 MiB of characters.
     *
     * @param tailLines how many lines at most, 1 to 1000000
     */
    public Optional<String> logs(RunnerJob job, int tailLines) {
        LogTail tail = new LogTail();
        return log(job, query -> query.withLastLines(tailLines), tail).map(end -> tail.text());
    }

    /**
     * Reads the log of the runner in the Job's newest pod from where the last look ended, line by line into the sink.
     * Returns nothing when there is no such Job or pod any more.
     *
     * @param after where the last look ended, null for the beginning
     * @throws KubectlException as {@link KubectlHandler#readLog}, but for a pod that is gone
     */
    public Optional<LogEnd> readLog(RunnerJob job, @Nullable LogPosition after, LogSink sink) {
        return log(job, query -> query.after(after), sink);
    }

    private Optional<LogEnd> log(RunnerJob job, UnaryOperator<LogQuery> which, LogSink sink) {
        Optional<PodView> pod = own(job).flatMap(found -> newestPod(job, found));
        if (pod.isEmpty()) {
            return Optional.empty();
        }
        LogQuery query = LogQuery.of(pod.get().meta().ref(), Manifests.CONTAINER)
                .withWriter(pod.get().finished() ? LogQuery.Writer.ENDED : LogQuery.Writer.RUNNING);
        try {
            return Optional.of(kubectl.readLog(which.apply(query), sink));
        } catch (KubectlException e) {
            if (e.reason() == Reason.NOT_FOUND) {
                // The pod went between the two calls, and its log with it.
                return Optional.empty();
            }
            throw e;
        }
    }

    private Optional<PodView> newestPod(RunnerJob job, JobView found) {
        ListQuery query = ListQuery.in(ref(job).namespace()).withLabels(names.runLabels(job.runId()));
        String uid = found.meta().uid();
        return query.all(kubectl::listPods).items().stream()
                .filter(pod -> uid.equals(pod.ownerUid()))
                .max(Comparator.comparing(pod -> pod.meta().createdAt()));
    }

    /**
     * Deletes the Job; its pod is on its way out, and for a while it may still run, but the store's fence, not this, is
     * what keeps it from writing. A second call does nothing.
     */
    public void stop(RunnerJob job) {
        String uid = uid(job);
        if (uid == null) {
            uid = own(job).map(found -> found.meta().uid()).orElse(null);
        }
        if (uid == null) {
            return;
        }
        try {
            kubectl.deleteJob(ref(job), uid);
        } catch (KubectlException e) {
            // Gone, or another Job by now: ours is stopped either way.
            if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
                throw e;
            }
        }
    }

    private void requireCommand(LaunchRequest request) {
        String commandId = request.commandId();
        if (!store.commands().get(commandId).runId().equals(request.runId())) {
            throw new NotFoundException("command", commandId);
        }
    }

    /** Returns the record of this very launch: of the run's generation or, after its end, of the last one that has any. */
    private Optional<RunnerJob> known(Run run, LaunchRequest request) {
        String given = request.idempotencyKey();
        if (given != null) {
            return store.runners().findJob(run.id(), given);
        }
        if (run.isTerminal()) {
            return store.runners().listJobs(run.id()).stream()
                    .filter(job -> keyOf(job).matches(key(request) + ":g[0-9]{1,18}"))
                    .max(Comparator.comparingLong(RunnerJobLauncher::generationOf));
        }
        return store.runners().findJob(run.id(), key(request, run));
    }

    private String key(LaunchRequest request) {
        return "launch:" + names.attemptHash(request.commandId(), request.attemptId());
    }

    private String key(LaunchRequest request, Run run) {
        return key(request) + ":g" + run.claim().generation();
    }

    private static String keyOf(RunnerJob job) {
        Idempotency idempotency = job.idempotency();
        return idempotency == null ? "" : idempotency.key();
    }

    /** Returns the generation at the end of one of our keys. */
    private static long generationOf(RunnerJob job) {
        String key = keyOf(job);
        return Long.parseLong(key.substring(key.lastIndexOf('g') + 1));
    }

    private static RunnerJob replay(LaunchRequest request, RunnerJob known) {
        boolean same = known.commandId().equals(request.commandId())
                && known.attemptId().equals(request.attemptId())
                && known.runnerId().equals(request.runnerId());
        if (!same) {
            throw new IdempotencyConflictException(keyOf(known));
        }
        return known;
    }

    /** Returns the storage to mount; null for a run without a session, or a session without a volume. */
    private @Nullable SessionStorage usableStorage(Run run) {
        if (run.sessionId() == null) {
            return null;
        }
        SessionStorage storage = store.storage().get(run.sessionId());
        return switch (storage.state()) {
            case NONE -> null;
            case READY -> {
                PvcRef pvc = storage.pvc();
                if (pvc != null && !pvc.namespace().equals(template.namespace())) {
                    throw new InvalidInputException(
                            "template.namespace", "must be the namespace of the session's volume");
                }
                yield storage;
            }
            case PROVISIONING ->
                throw new StateConflictException(
                        "session", run.sessionId(), storage.state().wire(), "its volume is not confirmed yet", true);
            case EVICTING, EVICTED, MISSING -> throw new SessionStorageException(run.sessionId(), storage.state());
        };
    }

    /** Returns the Job of this attempt that the lease may belong to: made in the run's generation. */
    private Optional<JobView> findOwn(Run run, LaunchRequest request) {
        ListQuery query = ListQuery.in(template.namespace()).withLabels(manifests.attemptLabels(request));
        String generation = Long.toString(run.claim().generation());
        return query.all(kubectl::listJobs).items().stream()
                .filter(job -> !job.meta().terminating())
                .filter(job -> generation.equals(job.meta().labels().get(InstanceNames.RUN_GENERATION)))
                .findFirst();
    }

    private JobView createOrAdopt(LaunchRequest request, JobManifest manifest) {
        try {
            return kubectl.createJob(manifest);
        } catch (KubectlException e) {
            if (e.reason() != Reason.ALREADY_EXISTS && !e.outcomeUnknown()) {
                throw e;
            }
            return adopt(request, manifest.ref(), e);
        }
    }

    private JobView adopt(LaunchRequest request, ObjectRef ref, KubectlException refused) {
        Optional<JobView> found;
        try {
            found = kubectl.findJob(ref);
        } catch (KubectlException e) {
            refused.addSuppressed(e);
            throw refused;
        }
        return found.filter(job -> job.meta().hasLabels(manifests.attemptLabels(request)))
                .filter(job -> !job.meta().terminating())
                .orElseThrow(() -> refused);
    }

    private RunnerJob remember(Run run, LaunchRequest request, JobView job) {
        String given = request.idempotencyKey();
        ObjectRef ref = job.meta().ref();
        JobPlacement placement = new JobPlacement(
                ref.namespace(),
                ref.name(),
                request.managerUrl(),
                template.container().image(),
                request.sourceCommit(),
                template.serviceAccountName());
        NewRunnerJob record = NewRunnerJob.builder(request.runId(), request.commandId())
                .attemptId(request.attemptId())
                .runnerId(request.runnerId())
                .placement(placement)
                .result(JsonObject.of(UID, job.meta().uid()))
                .idempotencyKey(given == null ? key(request, run) : given)
                .build();
        try {
            return store.runners().saveJob(record);
        } catch (AlreadyTerminalException e) {
            // The run ended while its Job was being created: nobody will ever wait for it.
            removeQuietly(job, e);
            throw e;
        }
    }

    private void removeQuietly(JobView job, RuntimeException because) {
        try {
            kubectl.deleteJob(job.meta().ref(), job.meta().uid());
        } catch (KubectlException e) {
            // Its deadline and time to live end it.
            because.addSuppressed(e);
        }
    }

    /** Returns the Job of the record, if it is still that very Job. */
    private Optional<JobView> own(RunnerJob job) {
        String uid = uid(job);
        return kubectl.findJob(ref(job))
                .filter(found -> uid == null
                        ? found.meta().hasLabels(names.runLabels(job.runId()))
                        : found.meta().uid().equals(uid));
    }

    private static @Nullable String uid(RunnerJob job) {
        return job.result().string(UID).orElse(null);
    }

    private static ObjectRef ref(RunnerJob job) {
        return new ObjectRef(job.placement().namespace(), job.placement().jobName());
    }
}
