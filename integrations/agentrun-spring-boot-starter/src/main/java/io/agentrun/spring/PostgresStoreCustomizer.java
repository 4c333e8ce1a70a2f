package io.agentrun.spring;

import io.agentrun.postgres.PostgresStoreBuilder;

/**
 * A bean that sets what no property sets of the store on PostgreSQL: its redactor, limits, ids. It is called after the properties.
 *
 * <p>Thread-safe.
 */
@FunctionalInterface
public interface PostgresStoreCustomizer {

    /** Changes the builder. */
    void customize(PostgresStoreBuilder builder);
}
