/**
 * The rules for input that records and stores share: texts, numbers, times. What breaks one is an
 * {@link io.agentrun.error.InvalidInputException} that names the field. Start at {@link io.agentrun.check.Texts}.
 */
@NullMarked
package io.agentrun.check;

import org.jspecify.annotations.NullMarked;
