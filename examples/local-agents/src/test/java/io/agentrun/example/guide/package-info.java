/** The programs of docs/embedding.md that need more than one module. */
@NullMarked
package io.agentrun.example.guide;

import org.jspecify.annotations.NullMarked;
