/**
 * The tables: for each one class with its statements and the mapper of its rows. The statements of a transition are
 * written by {@code io.agentrun.postgres}, which asks the rules; those here read, lock and write what they are told.
 */
@NullMarked
package io.agentrun.postgres.internal.table;

import org.jspecify.annotations.NullMarked;
