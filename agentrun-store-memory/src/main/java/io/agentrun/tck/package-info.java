/**
 * The conformance kit: the proof that a store obeys the rules.
 */
@NullMarked
package io.agentrun.tck;

import org.jspecify.annotations.NullMarked;
