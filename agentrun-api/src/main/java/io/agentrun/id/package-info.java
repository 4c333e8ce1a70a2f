/**
 * Where the ids of new records come from. Start at {@link io.agentrun.id.IdSource}.
 */
@NullMarked
package io.agentrun.id;

import org.jspecify.annotations.NullMarked;
