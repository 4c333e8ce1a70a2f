/**
 * A store on H2 over plain JDBC: the example for authors of SQL backends. Start with {@link io.agentrun.h2.H2AgentRunStore}.
 *
 * <p>{@code H2Backend} runs transactions. {@code H2Tx} has the queries and writes of the port. {@code Tables} defines the
 * tables, {@code Table} stores records of one kind and builds queries on them, {@code Sql} executes statements and
 * translates the errors of H2. All operations, rules and checks are those of {@code io.agentrun.engine}.
 */
@NullMarked
package io.agentrun.h2;

import org.jspecify.annotations.NullMarked;
