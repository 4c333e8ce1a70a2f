/** Tests of time and threads. */
@NullMarked
package io.agentrun.worker.time;

import org.jspecify.annotations.NullMarked;
