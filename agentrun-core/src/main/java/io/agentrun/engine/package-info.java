/**
 * The engine: every operation of a store, written once, over a {@link io.agentrun.backend.StoreBackend}. Start at
 * {@link io.agentrun.engine.EngineStore}.
 *
 * <p>An operation checks its input, takes its read set under locks, asks the rule in {@link io.agentrun.rules}, and writes the
 * change that the rule returns. Where the backend has a {@link io.agentrun.backend.Shortcuts shortcut}, that is tried first; if
 * it is refused, the rule says why.
 */
@NullMarked
package io.agentrun.engine;

import org.jspecify.annotations.NullMarked;
