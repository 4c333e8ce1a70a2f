package io.agentrun.model;

import io.agentrun.check.Texts;

/**
 * Whose something is: a tenant and one of its projects. What is created for an owner stays that owner's.
 *
 * <p>Immutable.
 *
 * @param tenantId 1 to 200 characters
 * @param projectId 1 to 200 characters; it means something within its tenant only
 */
public record Owner(String tenantId, String projectId) {

    public Owner {
        Texts.id("tenantId", tenantId);
        Texts.id("projectId", projectId);
    }
}
