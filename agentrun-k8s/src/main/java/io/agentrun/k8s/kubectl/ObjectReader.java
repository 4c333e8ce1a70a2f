package io.agentrun.k8s.kubectl;

import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.ConditionView;
import io.agentrun.k8s.object.ContainerView;
import io.agentrun.k8s.object.EventView;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodState;
import io.agentrun.k8s.object.PodView;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the server's JSON into views; what is not as expected is an {@link InvalidInputException} that names the field,
 * which the handler turns into its own error.
 *
 * <p>Thread-safe.
 */
final class ObjectReader {

    private ObjectReader() {}

    static ClaimView claim(LenientJson json) {
        LenientJson spec = json.child("spec");
        return new ClaimView(
                meta(json, json.child("metadata").child("annotations").texts()),
                json.child("status").string("phase").orElse("Pending"),
                spec.child("resources").child("requests").string("storage").orElse(null),
                json.child("status").child("capacity").string("storage").orElse(null),
                spec.string("storageClassName").orElse(null),
                spec.strings("accessModes"));
    }

    static PodView pod(LenientJson json) {
        LenientJson spec = json.child("spec");
        LenientJson status = json.child("status");
        Set<String> claims = new LinkedHashSet<>();
        for (LenientJson volume : spec.objects("volumes")) {
            volume.child("persistentVolumeClaim").string("claimName").ifPresent(claims::add);
        }
        Optional<String> owner = json.child("metadata").objects("ownerReferences").stream()
                .filter(reference -> reference.isTrue("controller"))
                .flatMap(reference -> reference.string("uid").stream())
                .findFirst();
        PodState state = new PodState(
                status.string("phase").orElse("Unknown"),
                spec.string("nodeName").filter(node -> !node.isEmpty()).orElse(null),
                status.string("reason").orElse(null),
                conditions(status),
                Stream.of("containerStatuses", "initContainerStatuses")
                        .flatMap(key -> status.objects(key).stream())
                        .map(ObjectReader::container)
                        .toList());
        return new PodView(meta(json, Map.of()), state, claims, owner.orElse(null));
    }

    private static ContainerView container(LenientJson json) {
        LenientJson state = json.child("state");
        LenientJson ended = state.child("terminated");
        String name = json.string("name").orElse("");
        if (ended.number("exitCode").isPresent()) {
            int exitCode = (int) ended.number("exitCode").getAsLong();
            return new ContainerView(
                    name,
                    ContainerView.State.TERMINATED,
                    ended.string("reason").orElse(null),
                    ended.string("message").orElse(null),
                    exitCode);
        }
        if (state.child("running").string("startedAt").isPresent()) {
            return new ContainerView(name, ContainerView.State.RUNNING, null, null, null);
        }
        LenientJson waiting = state.child("waiting");
        return new ContainerView(
                name,
                ContainerView.State.WAITING,
                waiting.string("reason").orElse(null),
                waiting.string("message").orElse(null),
                null);
    }

    static JobView job(LenientJson json) {
        LenientJson status = json.child("status");
        ObjectMeta meta = meta(json, Map.of());
        int active = count(status, "active").orElse(0);
        int ending = count(status, "terminating").orElse(0);
        List<ConditionView> conditions = conditions(status);
        Optional<ConditionView> failed = isTrue(conditions, "Failed").or(() -> isTrue(conditions, "FailureTarget"));
        JobView.Failure failure = failed.map(condition -> new JobView.Failure(
                        Objects.requireNonNullElse(condition.reason(), "Failed"), condition.message()))
                .orElse(null);
        return new JobView(
                meta,
                state(meta, status, conditions, active, ending),
                failure,
                active,
                ending,
                deadline(json, meta).orElse(null));
    }

    private static Optional<Instant> deadline(LenientJson json, ObjectMeta meta) {
        OptionalLong seconds = json.child("spec").number("activeDeadlineSeconds");
        Instant start = time(json.child("status"), "startTime").orElse(meta.createdAt());
        return seconds.isEmpty() ? Optional.empty() : Optional.of(start.plusSeconds(seconds.getAsLong()));
    }

    private static JobView.State state(
            ObjectMeta meta, LenientJson status, List<ConditionView> conditions, int active, int ending) {
        if (isTrue(conditions, "Complete").isPresent()) {
            return JobView.State.SUCCEEDED;
        }
        if (isTrue(conditions, "Failed").isPresent()) {
            return JobView.State.FAILED;
        }
        boolean decided = isTrue(conditions, "FailureTarget").isPresent()
                || isTrue(conditions, "SuccessCriteriaMet").isPresent();
        if (decided || meta.terminating()) {
            return JobView.State.ENDING;
        }
        if (active > 0) {
            return JobView.State.ACTIVE;
        }
        // Its only pod is on its way out, or has ended and the Job is about to.
        LenientJson uncounted = status.child("uncountedTerminatedPods");
        boolean over = ending > 0
                || count(status, "succeeded").orElse(0) > 0
                || count(status, "failed").orElse(0) > 0
                || !uncounted.strings("succeeded").isEmpty()
                || !uncounted.strings("failed").isEmpty();
        return over ? JobView.State.ENDING : JobView.State.PENDING;
    }

    private static OptionalInt count(LenientJson json, String key) {
        return json.number(key).isPresent()
                ? OptionalInt.of((int) json.number(key).getAsLong())
                : OptionalInt.empty();
    }

    private static List<ConditionView> conditions(LenientJson status) {
        return status.objects("conditions").stream()
                .map(condition -> new ConditionView(
                        condition.string("type").orElse(""),
                        condition.string("status").orElse(""),
                        condition.string("reason").orElse(null),
                        condition.string("message").orElse(null)))
                .toList();
    }

    private static Optional<ConditionView> isTrue(List<ConditionView> conditions, String type) {
        return conditions.stream()
                .filter(condition -> condition.is(type, "True"))
                .findFirst();
    }

    static EventView event(LenientJson json) {
        LenientJson series = json.child("series");
        // An event has one of three times, by the version of the API that its writer used.
        Instant seen = Stream.of(
                        time(series, "lastObservedTime"),
                        time(json, "lastTimestamp"),
                        time(json, "eventTime"),
                        time(json.child("metadata"), "creationTimestamp"))
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(Instant.EPOCH);
        return new EventView(
                json.string("type").orElse("Normal"),
                json.string("reason").orElse(""),
                json.string("message").orElse(""),
                seen);
    }

    static NamespaceView namespace(LenientJson json) {
        LenientJson meta = json.child("metadata");
        return new NamespaceView(
                required(meta, "name"),
                required(meta, "uid"),
                json.child("status").string("phase").orElse("Active"));
    }

    /** Returns where the list goes on, or null. */
    static @Nullable String next(LenientJson list) {
        return list.child("metadata")
                .string("continue")
                .filter(token -> !token.isEmpty())
                .orElse(null);
    }

    /** Refuses an answer of another kind: a Status with exit code 0, a proxy's own JSON. */
    static LenientJson requireKind(LenientJson json, String kind) {
        if (!json.string("kind").orElse("").equals(kind)) {
            throw new InvalidInputException("kind", "must be " + kind);
        }
        return json;
    }

    private static ObjectMeta meta(LenientJson json, Map<String, String> annotations) {
        LenientJson meta = json.child("metadata");
        return new ObjectMeta(
                new ObjectRef(required(meta, "namespace"), required(meta, "name")),
                required(meta, "uid"),
                meta.string("resourceVersion").orElse(""),
                time(meta, "creationTimestamp").orElse(Instant.EPOCH),
                time(meta, "deletionTimestamp").orElse(null),
                meta.child("labels").texts(),
                annotations);
    }

    private static String required(LenientJson json, String key) {
        return json.string(key).orElseThrow(() -> new InvalidInputException(key, "must be given"));
    }

    private static Optional<Instant> time(LenientJson json, String key) {
        return json.string(key).map(text -> {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException e) {
                throw new InvalidInputException(key, "must be a time");
            }
        });
    }
}
