/** A worker on threads, on the store in memory. */
@NullMarked
package io.agentrun.worker;

import org.jspecify.annotations.NullMarked;
