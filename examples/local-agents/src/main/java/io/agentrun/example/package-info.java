/**
 * A host program: runs command lines from a file as local agents, through the queue.
 *
 * <p>Start at {@link io.agentrun.example.LocalAgents}, which holds the parts together. {@code worker} is what a runner
 * does with a run under lease; {@code terminal} is what a reader does with the feed of the queue, the events of a run and
 * the unread sessions. {@link io.agentrun.example.SmallHost} is the program of the README.
 */
@NullMarked
package io.agentrun.example;

import org.jspecify.annotations.NullMarked;
