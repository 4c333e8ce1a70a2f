/**
 * The runners: workers that take runs under lease, start a process for each, stream its output and report how it ended.
 *
 * <p>Start at {@link io.agentrun.example.worker.Worker}.
 */
@NullMarked
package io.agentrun.example.worker;

import org.jspecify.annotations.NullMarked;
