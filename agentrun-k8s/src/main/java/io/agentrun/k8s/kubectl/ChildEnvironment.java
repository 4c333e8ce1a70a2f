package io.agentrun.k8s.kubectl;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The environment of kubectl: nothing of the host's but what it needs to find the cluster, its credentials and its caches.
 * A kuberc file, a plugin's switch or a language of the host never change what a call does.
 *
 * <p>Thread-safe.
 */
final class ChildEnvironment {

    /** What kubectl and credential plugins cannot do without: where things are, the way out, whom to trust. */
    private static final Set<String> INHERITED = Set.of(
            "HOME",
            "PATH",
            "USER",
            "LOGNAME",
            "TMPDIR",
            "KUBECONFIG",
            "KUBERNETES_SERVICE_HOST",
            "KUBERNETES_SERVICE_PORT",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "NO_PROXY",
            "http_proxy",
            "https_proxy",
            "no_proxy",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR");

    /** Preferences of a person (aliases, default flags) off, in both ways that versions of kubectl know; English words. */
    private static final Map<String, String> FIXED =
            Map.of("KUBERC", "off", "KUBECTL_KUBERC", "false", "LC_ALL", "C", "LANG", "C");

    private ChildEnvironment() {}

    /** Returns the environment for these options, made from the host's. */
    static Map<String, String> of(KubectlOptions options, Map<String, String> host) {
        Map<String, String> environment = new HashMap<>();
        host.forEach((name, value) -> {
            if (INHERITED.contains(name) || options.inherited().contains(name)) {
                environment.put(name, value);
            }
        });
        if (options.home() != null) {
            environment.put("HOME", options.home().toString());
        }
        environment.putAll(FIXED);
        return environment;
    }
}
