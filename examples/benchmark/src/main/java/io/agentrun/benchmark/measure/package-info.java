/**
 * How things are timed: clients that do one operation again and again, in slices of a second or so that alternate between what
 * is compared. Start at {@link io.agentrun.benchmark.measure.Alternation}.
 */
@NullMarked
package io.agentrun.benchmark.measure;

import org.jspecify.annotations.NullMarked;
