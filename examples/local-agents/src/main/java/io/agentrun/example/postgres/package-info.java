/**
 * The store on PostgreSQL, as a host opens it: at an address, or on a server that is started for it. Start at
 * {@link io.agentrun.example.postgres.PostgresAddress}.
 */
@NullMarked
package io.agentrun.example.postgres;

import org.jspecify.annotations.NullMarked;
