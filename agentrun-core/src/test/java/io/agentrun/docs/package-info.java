/** Tests that hold the documents against the code; they rewrite the generated parts with {@code -Dagentrun.docs=write}. */
@NullMarked
package io.agentrun.docs;

import org.jspecify.annotations.NullMarked;
