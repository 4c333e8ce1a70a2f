package io.agentrun.k8s.kubectl;

import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.object.NamespaceView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds out, one question after the other, whether kubectl, the server and the permissions are there. It stops asking
 * where the next question cannot have an answer; that a question is forbidden does not keep it from the others.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Prober {

    private static final Pattern VERSION = Pattern.compile("v?(\\d{1,4})\\.(\\d{1,4}).*");
    private static final int OLDEST_MINOR = 20;
    private static final String REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    private final ProcessKubectlHandler kubectl;
    private final KubectlRunner runner;
    private final List<String> missing = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private @Nullable Reason refused;

    Prober(ProcessKubectlHandler kubectl, KubectlRunner runner) {
        this.kubectl = kubectl;
        this.runner = runner;
    }

    ClusterProbe probe(String namespace) {
        String client = attempt(this::clientVersion);
        String server = client == null ? null : attempt(this::serverVersion);
        String uid = null;
        if (server != null || refused == Reason.FORBIDDEN) {
            for (Permission permission : Permission.NEEDED) {
                Boolean allowed = attempt(() -> allowed(namespace, permission));
                if (allowed == null) {
                    break;
                }
                if (!allowed) {
                    missing.add(permission.toString());
                }
            }
            uid = attempt(() -> namespaceUid(namespace));
        }
        return new ClusterProbe(client, server, uid, missing, problems);
    }

    private <T> @Nullable T attempt(Supplier<T> question) {
        try {
            return question.get();
        } catch (KubectlException e) {
            problems.add(e.getMessage());
            refused = e.reason();
            return null;
        }
    }

    private String clientVersion() {
        String operation = "version --client";
        String answer = runner.run(operation, List.of("version", "--client", "-o", "json"));
        String version = version(operation, answer, json -> json.child("clientVersion"));
        Matcher matcher = VERSION.matcher(version);
        if (matcher.matches()
                && Integer.parseInt(matcher.group(1)) == 1
                && Integer.parseInt(matcher.group(2)) < OLDEST_MINOR) {
            problems.add("kubectl " + version + " is too old: 1." + OLDEST_MINOR + " or newer is needed");
        }
        return version;
    }

    private String serverVersion() {
        String operation = "get /version";
        return version(operation, runner.raw(operation, "get", "/version", null, Set.of()), json -> json);
    }

    private String version(String operation, String answer, UnaryOperator<LenientJson> where) {
        return runner.read(
                operation,
                answer,
                LenientJson.MANAGED_FIELDS,
                json -> where.apply(json)
                        .string("gitVersion")
                        .filter(text ->
                                text.length() <= 100 && VERSION.matcher(text).matches())
                        .orElseThrow(() -> new InvalidInputException("gitVersion", "must be a version")));
    }

    private boolean allowed(String namespace, Permission permission) {
        String operation = "review " + permission;
        String body = Requests.review(namespace, permission).toJson();
        String answer = runner.raw(operation, "create", REVIEWS, body, Set.of());
        return runner.read(
                operation,
                answer,
                LenientJson.MANAGED_FIELDS,
                json -> json.child("status").isTrue("allowed"));
    }

    private String namespaceUid(String namespace) {
        Optional<NamespaceView> found = kubectl.findNamespace(namespace);
        NamespaceView view = found.orElseThrow(() ->
                runner.failure(Reason.NOT_FOUND, false, "get namespaces " + namespace, "there is no such namespace"));
        if (!view.active()) {
            problems.add("namespace " + namespace + " is " + view.phase() + ": nothing can be created in it");
        }
        return view.uid();
    }
}
