/**
 * What the terminal shows: progress from the feed of the queue, the tail of a run, and the report at the end.
 *
 * <p>Nothing here talks to the workers: everything is read from the store, as another process could.
 */
@NullMarked
package io.agentrun.example.terminal;

import org.jspecify.annotations.NullMarked;
