package io.agentrun.spring;

import io.agentrun.spring.AgentRunProperties.StoreType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Says that a host has the starter and nothing that a store can be made of, and what to do.
 *
 * <p>Immutable.
 */
final class StoreNotConfiguredException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String action;

    StoreNotConfiguredException(String message, String action) {
        super(message);
        this.action = action;
    }

    /** Returns why there is no store of the type that was asked for, or of any. */
    static StoreNotConfiguredException of(@Nullable StoreType type) {
        if (type == StoreType.MEMORY || type == StoreType.FILE) {
            return new StoreNotConfiguredException(
                    "agentrun.store.type is '" + type.name().toLowerCase(Locale.ROOT)
                            + "', and agentrun-store-memory is not there",
                    "Add the dependency io.agentrun:agentrun-store-memory.");
        }
        return new StoreNotConfiguredException(
                "agentrun has no store: there is not exactly one data source (or spring-jdbc is missing)",
                "Configure spring.datasource.* and add spring-boot-starter-jdbc, mark one of several data sources as @Primary, set"
                        + " agentrun.store.type to memory, file or none, or define a bean of the type AgentRunStore.");
    }

    /** Returns what to do. */
    String action() {
        return action;
    }
}
