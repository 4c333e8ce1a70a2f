/** Tests of the parts of the queries, without a database. */
@NullMarked
package io.agentrun.postgres.internal.query;

import org.jspecify.annotations.NullMarked;
