package io.agentrun.runner;

import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.storage.KubernetesNames;
import org.jspecify.annotations.Nullable;

/**
 * Where a Job is and what it runs.
 *
 * <p>Immutable.
 *
 * @param namespace the Kubernetes namespace: a DNS label of at most 63 characters
 * @param jobName the Job's name: a DNS subdomain of at most 253 characters
 * @param managerUrl the address under which the Job reaches the host (1..500 characters)
 * @param image the container image (1..500 characters)
 * @param sourceCommit the commit that the Job runs (1..200 characters)
 * @param serviceAccountName the Kubernetes service account (a DNS subdomain), or null for the namespace's default
 */
public record JobPlacement(
        String namespace,
        String jobName,
        String managerUrl,
        String image,
        String sourceCommit,
        @Nullable String serviceAccountName) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public JobPlacement {
        namespace = KubernetesNames.label("namespace", namespace);
        jobName = KubernetesNames.subdomain("jobName", jobName);
        managerUrl = Texts.title("managerUrl", managerUrl);
        image = Texts.title("image", image);
        sourceCommit = Texts.label("sourceCommit", sourceCommit);
        serviceAccountName =
                serviceAccountName == null ? null : KubernetesNames.subdomain("serviceAccountName", serviceAccountName);
    }
}
