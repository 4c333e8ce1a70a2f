/**
 * The tables: for each one class with its statements and the mapper of its rows. They read,
 * lock and write what they are given; the statements that are a whole operation name the rule whose guard they repeat.
 */
@NullMarked
package io.agentrun.postgres.internal.table;

import org.jspecify.annotations.NullMarked;
