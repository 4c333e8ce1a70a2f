/**
 * What goes with the migrations of the schema: how Flyway is heard, and what is done beside running hosts after them. Start at
 * {@link io.agentrun.postgres.PostgresMigrations}.
 */
@NullMarked
package io.agentrun.postgres.internal.migration;

import org.jspecify.annotations.NullMarked;
