/**
 * What makes a text acceptable, as pure functions. Start at {@link io.agentrun.text.PlainText}.
 */
@NullMarked
package io.agentrun.text;

import org.jspecify.annotations.NullMarked;
