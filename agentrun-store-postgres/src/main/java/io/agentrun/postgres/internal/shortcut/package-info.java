/**
 * The operations that the store does in one statement: the {@link io.agentrun.backend.Shortcuts} of PostgreSQL. Start at
 * {@link io.agentrun.postgres.internal.shortcut.PostgresShortcuts}.
 *
 * <p>Appends, claims, heartbeats, acknowledgements and new tasks of concurrent callers are combined by
 * {@link io.agentrun.postgres.internal.shortcut.GroupCommit}: {@code AppendBatch}, {@code ClaimBatch}, {@code HeartbeatBatch},
 * {@code AcknowledgeBatch} and {@code TaskBatch} are the operations that it executes, alone or combined; {@code SharedTransactions} does the
 * same with whole steps of the engine. Every other statement is executed by
 * itself. Each method names the rule whose guard its statement repeats. The SQL texts are in
 * {@code io.agentrun.postgres.internal.table} and {@code internal.register}.
 */
@NullMarked
package io.agentrun.postgres.internal.shortcut;

import org.jspecify.annotations.NullMarked;
