/**
 * A store on H2 over plain JDBC, the example for authors of SQL backends. Start with {@link io.agentrun.h2.H2AgentRunStore};
 * {@code H2Tx} has the queries of the port, {@code Tables} the schema. Operations and rules are in {@code io.agentrun.engine}.
 */
@NullMarked
package io.agentrun.h2;

import org.jspecify.annotations.NullMarked;
