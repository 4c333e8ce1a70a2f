/** Tests of what operations tell of themselves. */
@NullMarked
package io.agentrun.engine.report;

import org.jspecify.annotations.NullMarked;
