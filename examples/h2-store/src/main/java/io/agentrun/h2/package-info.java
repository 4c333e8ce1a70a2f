/**
 * A store on H2, over plain JDBC: an example for authors of stores, written from {@code docs/writing-a-store.md}. Start with
 * {@link io.agentrun.h2.H2AgentRunStore}. {@code Database} holds the one lock under which everything is written, {@code Tx}
 * is one transaction with its time, what the rules must see and the writing of what they decide, {@code Table} keeps
 * records of one kind, and the other {@code H2…} classes are the rooms of the store.
 */
@NullMarked
package io.agentrun.h2;

import org.jspecify.annotations.NullMarked;
