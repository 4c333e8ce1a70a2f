/** Tests of the parts of the connection handling, without a database. */
@NullMarked
package io.agentrun.postgres.internal.db;

import org.jspecify.annotations.NullMarked;
