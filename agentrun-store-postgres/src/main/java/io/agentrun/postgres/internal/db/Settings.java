package io.agentrun.postgres.internal.db;

import io.agentrun.engine.Intake;
import io.agentrun.id.IdSource;
import java.time.Duration;

/**
 * What the host chose for the store.
 *
 * <p>Immutable.
 *
 * @param statementTimeout how long one statement may take
 * @param lockTimeout how long a statement of a transaction may wait for one row
 * @param retries how often a transaction that met another one is tried again
 * @param pollInterval how often a waiting call looks by itself
 * @param notifications whether stores tell each other of their commits
 */
public record Settings(
        SchemaName schema,
        Intake intake,
        IdSource ids,
        Duration statementTimeout,
        Duration lockTimeout,
        int retries,
        Duration pollInterval,
        boolean notifications) {}
