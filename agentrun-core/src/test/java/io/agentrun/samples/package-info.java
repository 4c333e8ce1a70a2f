/** Records to test rules with, and what a change does to them, in words. */
@NullMarked
package io.agentrun.samples;

import org.jspecify.annotations.NullMarked;
