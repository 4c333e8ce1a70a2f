/**
 * The reference store: in memory, or on one file.
 */
@NullMarked
package io.agentrun.memory;

import org.jspecify.annotations.NullMarked;
