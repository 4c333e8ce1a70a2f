/** Tests of the file under the store. */
@NullMarked
package io.agentrun.memory.journal;

import org.jspecify.annotations.NullMarked;
