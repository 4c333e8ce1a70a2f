/** Tests of agents that are processes. */
@NullMarked
package io.agentrun.worker.process;

import org.jspecify.annotations.NullMarked;
