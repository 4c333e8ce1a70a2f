/** Tests of the rules of schedules. */
@NullMarked
package io.agentrun.rules.schedule;

import org.jspecify.annotations.NullMarked;
