package io.agentrun.k8s.kubectl;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.Requests.Kind;
import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.KubernetesSyntax;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import io.agentrun.model.Page;
import io.agentrun.storage.KubernetesNames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The cluster through the real {@code kubectl} (1.20 or newer): one process and one request for each call, always
 * {@code create|get|delete --raw PATH}, so that nothing is discovered, downloaded or annotated on the way.
 *
 * <p>There is no shell. Arguments are the configured ones, a fixed verb, and a path made of checked names; manifests and
 * preconditions go through the standard input. At the deadline the process and its descendants are killed and the call
 * ends with {@code TIMEOUT}. What kubectl prints is read to the end, kept up to the cap, and never written anywhere.
 *
 * <p>On Linux all descendants are found, by a variable in the environment that they inherit, unless one has dropped it;
 * elsewhere those that were there at one of four looks a second. A process that a call in time leaves in the background,
 * its outputs closed, is left alone.
 *
 * <p>Thread-safe.
 */
public final class ProcessKubectlHandler implements KubectlHandler {

    /** How the JDK names the code of the operating system: {@code error=2,} up to 17, {@code error: 2 (} in 25. */
    private static final Pattern ERROR_CODE = Pattern.compile("error(?:=|: )(\\d+)");

    private static final String NO_SUCH_FILE = "2";
    private static final String PERMISSION_DENIED = "13";

    private static final int MAX_TAIL = 10_000;

    private final KubectlOptions options;
    private final AtomicLong processes = new AtomicLong();

    /** Makes a handler; nothing is run before the first call. See {@link #probe} for a check of everything. */
    public ProcessKubectlHandler(KubectlOptions options) {
        this.options = Require.given("options", options);
    }

    /** Returns how many processes this handler has started. */
    public long processesStarted() {
        return processes.get();
    }

    @Override
    public ClaimView createClaim(ClaimManifest manifest) {
        ObjectRef ref = Require.given("manifest", manifest).ref();
        return create(
                Kind.CLAIM,
                ref,
                Requests.claim(manifest),
                Set.copyOf(manifest.annotations().values()),
                json -> ObjectReader.claim(json));
    }

    @Override
    public Optional<ClaimView> findClaim(ObjectRef claim) {
        return find(Kind.CLAIM, claim, ObjectReader::claim);
    }

    @Override
    public Page<ClaimView> listClaims(ListQuery query) {
        return list(Kind.CLAIM, query, ObjectReader::claim);
    }

    @Override
    public void deleteClaim(ObjectRef claim, String uid) {
        delete(Kind.CLAIM, claim, uid);
    }

    @Override
    public Page<PodView> listPods(ListQuery query) {
        return list(Kind.POD, query, ObjectReader::pod);
    }

    @Override
    public JobView createJob(JobManifest manifest) {
        ObjectRef ref = Require.given("manifest", manifest).ref();
        return create(Kind.JOB, ref, manifest.body(), manifest.confidential(), ObjectReader::job);
    }

    @Override
    public Optional<JobView> findJob(ObjectRef job) {
        return find(Kind.JOB, job, ObjectReader::job);
    }

    @Override
    public Page<JobView> listJobs(ListQuery query) {
        return list(Kind.JOB, query, ObjectReader::job);
    }

    @Override
    public void deleteJob(ObjectRef job, String uid) {
        delete(Kind.JOB, job, uid);
    }

    @Override
    public Optional<NamespaceView> findNamespace(String namespace) {
        String name = KubernetesNames.label("namespace", namespace);
        String operation = "get namespaces " + name;
        try {
            String answer = raw(operation, "get", "/api/v1/namespaces/" + name, null, Set.of());
            return Optional.of(read(
                    operation, answer, json -> ObjectReader.namespace(ObjectReader.requireKind(json, "Namespace"))));
        } catch (KubectlException e) {
            return absent(e);
        }
    }

    @Override
    public String podLog(ObjectRef pod, int tailLines) {
        int tail = Require.between("tailLines", tailLines, 1, MAX_TAIL);
        String path = Requests.object(Kind.POD, Require.given("pod", pod)) + "/log?limitBytes="
                + options.maxOutputBytes() + "&tailLines=" + tail;
        return raw("get pods/log " + pod, "get", path, null, Set.of());
    }

    @Override
    public ClusterProbe probe(String namespace) {
        return new Prober(this).probe(KubernetesNames.label("namespace", namespace));
    }

    private <T> T create(
            Kind kind, ObjectRef ref, JsonObject body, Set<String> confidential, Function<JsonObject, T> reader) {
        String operation = "create " + kind.plural + " " + ref;
        String path = Requests.collection(kind, ref.namespace());
        String answer = raw(operation, "create", path, body.toJson(), confidential);
        return read(operation, answer, json -> reader.apply(ObjectReader.requireKind(json, kind.kind)));
    }

    private <T> Optional<T> find(Kind kind, ObjectRef ref, Function<JsonObject, T> reader) {
        String path = Requests.object(kind, Require.given("ref", ref));
        String operation = "get " + kind.plural + " " + ref;
        try {
            String answer = raw(operation, "get", path, null, Set.of());
            return Optional.of(
                    read(operation, answer, json -> reader.apply(ObjectReader.requireKind(json, kind.kind))));
        } catch (KubectlException e) {
            return absent(e);
        }
    }

    private static <T> Optional<T> absent(KubectlException e) {
        if (e.reason() == Reason.NOT_FOUND) {
            return Optional.empty();
        }
        throw e;
    }

    private <T> Page<T> list(Kind kind, ListQuery query, Function<JsonObject, T> reader) {
        String path = Requests.list(kind, Require.given("query", query));
        String operation = "list " + kind.plural + " " + query.namespace();
        String answer = raw(operation, "get", path, null, Set.of());
        return read(
                operation,
                answer,
                json -> new Page<>(
                        ObjectReader.items(json, kind.kind).stream().map(reader).toList(), ObjectReader.next(json)));
    }

    private void delete(Kind kind, ObjectRef ref, String uid) {
        String path = Requests.object(kind, Require.given("ref", ref));
        String body = Requests.deletion(KubernetesSyntax.uid("uid", uid)).toJson();
        String operation = "delete " + kind.plural + " " + ref;
        String answer = raw(operation, "delete", path, body, Set.of());
        read(operation, answer, json -> {
            // The object while something holds it, a Status once it is gone.
            if (json.string("status").filter("Failure"::equals).isPresent()) {
                throw new InvalidInputException("status", "must not be Failure");
            }
            return json;
        });
    }

    /** Sends one request; what the server answered. */
    String raw(String operation, String verb, String path, @Nullable String body, Set<String> confidential) {
        List<String> arguments = new ArrayList<>(List.of(verb, "--raw", path));
        if (body != null) {
            arguments.add("-f");
            arguments.add("-");
        }
        return run(operation, arguments, body, confidential);
    }

    /** Runs kubectl with these arguments; its standard output. */
    String run(String operation, List<String> arguments, @Nullable String body, Set<String> confidential) {
        List<String> command = new ArrayList<>();
        command.add(options.executable());
        if (options.kubeconfig() != null) {
            command.add("--kubeconfig=" + options.kubeconfig());
        }
        if (options.context() != null) {
            command.add("--context=" + options.context());
        }
        command.addAll(arguments);
        ChildProcess.Result result;
        try {
            processes.incrementAndGet();
            result = ChildProcess.run(command, body, options.home(), options.deadline(), options.maxOutputBytes());
        } catch (IOException e) {
            throw new KubectlException(Reason.UNAVAILABLE, false, operation, whyNot(e), null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KubectlException(Reason.UNAVAILABLE, true, operation, "the calling thread was interrupted", null);
        }
        return switch (result.end()) {
            case DEADLINE ->
                throw new KubectlException(
                        Reason.TIMEOUT,
                        operation,
                        "no answer within " + options.deadline().toMillis() + " ms");
            case TOO_MUCH_OUTPUT ->
                throw new KubectlException(
                        Reason.UNKNOWN, operation, "the answer is longer than " + options.maxOutputBytes() + " bytes");
            case EXITED -> {
                if (result.exitCode() != 0) {
                    throw KubectlErrors.read(operation, result.stderr(), options.redactor(), confidential);
                }
                yield result.stdout();
            }
        };
    }

    /** Reads an answer; one that is not what was asked for is {@code UNKNOWN}, and none of it is repeated. */
    static <T> T read(String operation, String answer, Function<JsonObject, T> reader) {
        try {
            return reader.apply(JsonObject.parse(answer));
        } catch (InvalidInputException e) {
            throw new KubectlException(
                    Reason.UNKNOWN, operation, "the answer is not what was asked for: " + e.getMessage());
        }
    }

    private static String whyNot(IOException e) {
        Matcher code = ERROR_CODE.matcher(String.valueOf(e.getMessage()));
        return switch (code.find() ? code.group(1) : "") {
            case NO_SUCH_FILE -> "kubectl is not there";
            case PERMISSION_DENIED -> "kubectl is not executable";
            default -> "kubectl cannot be run";
        };
    }
}
