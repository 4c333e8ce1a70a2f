package io.agentrun.k8s.kubectl;

import io.agentrun.check.Require;
import java.util.List;

/**
 * One thing that the service account must be allowed to do.
 *
 * <p>Immutable.
 *
 * @param group the API group, empty for the core
 * @param resource the plural, or {@code pods} for its log
 * @param subresource the subresource, or empty
 * @param verb the verb in the words of RBAC
 */
public record Permission(String group, String resource, String subresource, String verb) {

    /** Everything that this library cannot do without, and nothing else; the Role in docs/kubernetes.md says the same. */
    public static final List<Permission> NEEDED = List.of(
            new Permission("", "persistentvolumeclaims", "", "create"),
            new Permission("", "persistentvolumeclaims", "", "get"),
            new Permission("", "persistentvolumeclaims", "", "list"),
            new Permission("", "persistentvolumeclaims", "", "delete"),
            new Permission("", "pods", "", "list"),
            new Permission("", "pods", "log", "get"),
            new Permission("batch", "jobs", "", "create"),
            new Permission("batch", "jobs", "", "get"),
            new Permission("batch", "jobs", "", "list"),
            new Permission("batch", "jobs", "", "delete"),
            new Permission("", "namespaces", "", "get"));

    /**
     * What may be allowed besides: without the first one the status of a Job that has no pod or whose pod does not start
     * stands without the words of the cluster; without the second one no claim grows.
     */
    public static final List<Permission> OPTIONAL = List.of(
            new Permission("", "events", "", "list"), new Permission("", "persistentvolumeclaims", "", "update"));

    /**
     * Checks what is given.
     *
     * @throws io.agentrun.error.InvalidInputException when a component is missing
     */
    public Permission {
        group = Require.given("group", group);
        resource = Require.given("resource", resource);
        subresource = Require.given("subresource", subresource);
        verb = Require.given("verb", verb);
    }

    /** Returns {@code verb resource}, as in {@code create jobs.batch}. */
    @Override
    public String toString() {
        return verb + " " + resource + (subresource.isEmpty() ? "" : "/" + subresource)
                + (group.isEmpty() ? "" : "." + group);
    }
}
