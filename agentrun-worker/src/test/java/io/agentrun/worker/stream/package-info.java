/** Tests of what streams. */
@NullMarked
package io.agentrun.worker.stream;

import org.jspecify.annotations.NullMarked;
