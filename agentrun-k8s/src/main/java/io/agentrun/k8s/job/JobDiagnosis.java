package io.agentrun.k8s.job;

import io.agentrun.k8s.job.JobEnd.Cause;
import io.agentrun.k8s.job.JobTrouble.Kind;
import io.agentrun.k8s.object.ConditionView;
import io.agentrun.k8s.object.ContainerView;
import io.agentrun.k8s.object.EventView;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.JobView.Failure;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodState;
import io.agentrun.k8s.object.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says where a Job stands, from what the cluster answered about it.
 *
 * <p>Pure functions. Thread-safe.
 */
final class JobDiagnosis {

    /** How long a Job may have no pod before that is a trouble: its controller needs a moment. */
    static final Duration NO_POD_AFTER = Duration.ofSeconds(5);

    private static final Duration SLOW_AFTER = Duration.ofMinutes(2);
    private static final Duration SILENT_AFTER = Duration.ofSeconds(30);

    private static final Set<String> IMAGE = Set.of(
            "ErrImagePull",
            "ImagePullBackOff",
            "InvalidImageName",
            "ErrImageNeverPull",
            "ImageInspectError",
            "RegistryUnavailable",
            "SignatureValidationFailed");
    private static final Set<String> CONFIG = Set.of(
            "CreateContainerConfigError",
            "CreateContainerError",
            "RunContainerError",
            "PreCreateHookError",
            "PreStartHookError",
            "PostStartHookError");

    /** Why a pod as a whole had to leave its node, from a node without the condition (older than Kubernetes 1.26). */
    private static final Set<String> LEFT_ITS_NODE =
            Set.of("Evicted", "Preempting", "Shutdown", "NodeShutdown", "Terminated", "NodeLost");

    private static final Map<Kind, Set<String>> EVENTS = Map.of(
            Kind.NO_POD,
            Set.of("FailedCreate"),
            Kind.UNSCHEDULABLE,
            Set.of("ProvisioningFailed"),
            Kind.SLOW_START,
            Set.of(
                    "FailedMount",
                    "FailedAttachVolume",
                    "FailedCreatePodSandBox",
                    "FailedMapVolume",
                    "ProvisioningFailed"));

    private JobDiagnosis() {}

    /**
     * Returns the status of a Job that is there.
     *
     * @param pod its newest pod, null when it has none
     */
    static RunnerJobStatus status(ObjectRef ref, JobView job, @Nullable PodView pod, Instant now) {
        RunnerJobStatus.State state = switch (job.state()) {
            case PENDING -> RunnerJobStatus.State.PENDING;
            case ACTIVE -> RunnerJobStatus.State.ACTIVE;
            case ENDING -> RunnerJobStatus.State.ENDING;
            case SUCCEEDED -> RunnerJobStatus.State.SUCCEEDED;
            case FAILED -> RunnerJobStatus.State.FAILED;
        };
        return new RunnerJobStatus(ref, state, end(job, pod), trouble(job, pod, now));
    }

    /** Returns the status of a Job of which only a pod was read, which has not ended and is not on its way out. */
    static RunnerJobStatus active(ObjectRef ref, PodView pod, Instant now) {
        return new RunnerJobStatus(ref, RunnerJobStatus.State.ACTIVE, null, podTrouble(pod, now));
    }

    /** Adds the words of the newest Event that tells of the trouble. */
    static RunnerJobStatus explained(RunnerJobStatus status, List<EventView> events) {
        JobTrouble trouble = status.trouble();
        if (trouble == null) {
            return status;
        }
        Set<String> reasons = EVENTS.getOrDefault(trouble.kind(), Set.of());
        return events.stream()
                .filter(event -> event.warning() && reasons.contains(event.reason()))
                .max(Comparator.comparing(EventView::lastSeen))
                .map(event -> new RunnerJobStatus(
                        status.job(),
                        status.state(),
                        status.end(),
                        new JobTrouble(trouble.kind(), event.reason(), event.message())))
                .orElse(status);
    }

    private static @Nullable JobEnd end(JobView job, @Nullable PodView pod) {
        return switch (job.state()) {
            case PENDING, ACTIVE -> null;
            case SUCCEEDED -> new JobEnd(Cause.COMPLETED, 0, null);
            case FAILED -> failed(job, pod);
            case ENDING -> ending(job, pod);
        };
    }

    private static @Nullable JobEnd ending(JobView job, @Nullable PodView pod) {
        if (job.failure() != null || (pod != null && pod.phase().equals("Failed"))) {
            return failed(job, pod);
        }
        return pod != null && pod.phase().equals("Succeeded") ? new JobEnd(Cause.COMPLETED, 0, null) : null;
    }

    private static JobEnd failed(JobView job, @Nullable PodView pod) {
        Failure failure = job.failure();
        String words = failure == null ? null : Objects.requireNonNullElse(failure.message(), failure.reason());
        if (failure != null && failure.reason().equals(Failure.DEADLINE_EXCEEDED)) {
            return new JobEnd(Cause.DEADLINE, null, words);
        }
        if (pod == null) {
            return new JobEnd(Cause.UNKNOWN, null, words);
        }
        Optional<ContainerView> ended = pod.state()
                .container(Manifests.CONTAINER)
                .filter(container -> container.state() == ContainerView.State.TERMINATED);
        Integer exitCode = ended.map(ContainerView::exitCode).orElse(null);
        Optional<ConditionView> disrupted = pod.state().condition("DisruptionTarget", "True");
        if (disrupted.isPresent()) {
            return new JobEnd(Cause.DISRUPTED, exitCode, disrupted.get().message());
        }
        String reason = pod.state().reason();
        if (Failure.DEADLINE_EXCEEDED.equals(reason)) {
            return new JobEnd(Cause.DEADLINE, exitCode, reason);
        }
        if (reason != null && LEFT_ITS_NODE.contains(reason)) {
            return new JobEnd(Cause.DISRUPTED, exitCode, reason);
        }
        if (ended.isEmpty()) {
            return new JobEnd(Cause.UNKNOWN, null, words);
        }
        boolean memory = "OOMKilled".equals(ended.get().reason());
        String said = Objects.requireNonNullElse(
                ended.get().message(), String.valueOf(ended.get().reason()));
        return new JobEnd(memory ? Cause.OUT_OF_MEMORY : Cause.EXITED, exitCode, said);
    }

    private static @Nullable JobTrouble trouble(JobView job, @Nullable PodView pod, Instant now) {
        return switch (job.state()) {
            case SUCCEEDED, FAILED -> null;
            case PENDING ->
                job.meta().createdAt().plus(NO_POD_AFTER).isAfter(now) ? null : new JobTrouble(Kind.NO_POD, null, null);
            case ACTIVE, ENDING -> pod == null || pod.finished() ? null : podTrouble(pod, now);
        };
    }

    private static @Nullable JobTrouble podTrouble(PodView pod, Instant now) {
        Instant deletedAt = pod.meta().deletedAt();
        if (deletedAt != null) {
            return deletedAt.plus(SILENT_AFTER).isAfter(now) ? null : new JobTrouble(Kind.NODE_SILENT, null, null);
        }
        if (!pod.phase().equals("Pending")) {
            return null;
        }
        PodState state = pod.state();
        Optional<ConditionView> unscheduled = state.condition("PodScheduled", "False");
        if (unscheduled.isPresent()) {
            return new JobTrouble(
                    Kind.UNSCHEDULABLE,
                    unscheduled.get().reason(),
                    unscheduled.get().message());
        }
        for (ContainerView container : state.containers()) {
            String reason = container.reason();
            if (container.state() == ContainerView.State.WAITING && reason != null) {
                if (IMAGE.contains(reason)) {
                    return new JobTrouble(Kind.IMAGE, reason, container.message());
                }
                if (CONFIG.contains(reason)) {
                    return new JobTrouble(Kind.CONFIG, reason, container.message());
                }
            }
        }
        return pod.meta().createdAt().plus(SLOW_AFTER).isAfter(now)
                ? null
                : new JobTrouble(Kind.SLOW_START, null, null);
    }
}
