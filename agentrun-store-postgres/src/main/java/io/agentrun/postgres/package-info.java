/**
 * The store on PostgreSQL 14 and newer. Start at {@link io.agentrun.postgres.PostgresAgentRunStore}; a host whose database
 * user may not create tables also needs {@link io.agentrun.postgres.PostgresMigrations}. Everything public in packages
 * named {@code internal} may change at any time.
 *
 * <p>PostgresBackend is the backend of the engine, which decides everything: PostgresReads reads,
 * PostgresTx locks (its read sets are in LockingReads), and ChangeWriter writes what a rule has returned. Whole operations as
 * one statement are in {@code internal.shortcut}.
 *
 * <p>Rows are locked in one order: session, run (its narrow row), command, task; within a rank by id.
 */
@NullMarked
package io.agentrun.postgres;

import org.jspecify.annotations.NullMarked;
