/**
 * JSON as it enters and leaves agentrun. Start at {@link io.agentrun.json.JsonObject}: an immutable object in canonical
 * form, so that equal contents are equal, print alike and hash alike ({@link io.agentrun.json.ContentHash}) whatever
 * store kept them. What a store could not keep is refused when a {@code JsonObject} is made, never later.
 * {@link io.agentrun.json.Redactor} masks secrets before something is stored.
 */
@NullMarked
package io.agentrun.json;

import org.jspecify.annotations.NullMarked;
