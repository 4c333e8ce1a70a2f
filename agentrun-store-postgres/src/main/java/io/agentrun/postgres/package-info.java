/**
 * The store on PostgreSQL.
 */
@NullMarked
package io.agentrun.postgres;

import org.jspecify.annotations.NullMarked;
