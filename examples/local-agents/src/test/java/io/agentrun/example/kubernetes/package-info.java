/** Tests of the example: real processes, and the store's own events to wait for. */
@NullMarked
package io.agentrun.example.kubernetes;

import org.jspecify.annotations.NullMarked;
