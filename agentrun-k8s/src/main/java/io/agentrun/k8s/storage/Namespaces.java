package io.agentrun.k8s.storage;

import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.object.NamespaceView;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which namespace is meant by a name: the one with the uid that is remembered beside a claim, or, where none is, the one
 * that was seen first; and always the one with the configured uid.
 *
 * <p>Thread-safe.
 */
final class Namespaces {

    private final KubectlHandler kubectl;
    private final Map<String, String> configured;
    private final Map<String, String> first = new ConcurrentHashMap<>();
    private final Map<String, String> last = new ConcurrentHashMap<>();

    Namespaces(KubectlHandler kubectl, Map<String, String> configured) {
        this.kubectl = kubectl;
        this.configured = configured;
    }

    /**
     * Returns the uid to remember beside a new claim. The cluster is asked once, and again after {@link #forget}.
     *
     * @throws KubectlException as {@link #look}
     */
    String uid(String namespace) {
        String known = last.get(namespace);
        return known == null ? look(namespace).uid() : known;
    }

    /** Lets {@link #uid} ask again. */
    void forget(String namespace) {
        last.remove(namespace);
    }

    /**
     * Returns the namespace as it is now.
     *
     * @throws KubectlException when there is none, it has another uid than the configured one, or the cluster cannot be
     *     asked
     */
    NamespaceView look(String namespace) {
        NamespaceView found = kubectl.findNamespace(namespace)
                .orElseThrow(() -> new KubectlException(
                        Reason.NOT_FOUND,
                        operation(namespace),
                        "the namespace does not exist: is this the right cluster?"));
        requireUid(found, configured.get(namespace));
        last.put(namespace, found.uid());
        return found;
    }

    /**
     * Checks that the namespace that was seen is the one of a claim.
     *
     * @param remembered the namespace's uid as it was remembered beside the claim, null when none was
     * @throws KubectlException when it is another one
     */
    void requireSame(NamespaceView seen, @Nullable String remembered) {
        requireUid(seen, remembered == null ? first.putIfAbsent(seen.name(), seen.uid()) : remembered);
    }

    private static void requireUid(NamespaceView seen, @Nullable String uid) {
        if (uid != null && !uid.equals(seen.uid())) {
            throw new KubectlException(
                    Reason.CONFLICT,
                    false,
                    operation(seen.name()),
                    "the namespace has another uid than it should: is this the right cluster?",
                    null,
                    null);
        }
    }

    private static String operation(String namespace) {
        return "get namespaces " + namespace;
    }
}
