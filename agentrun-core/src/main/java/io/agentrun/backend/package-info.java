/**
 * The port below the engine: what a database has to provide so that {@link io.agentrun.engine.EngineStore} makes a store of
 * it. Start at {@link io.agentrun.backend.StoreBackend}.
 *
 * <p>A backend finds records, locks them and writes what it is given. It decides nothing: the rules decide, and the engine
 * asks them. {@link io.agentrun.backend.StoreReads} and {@link io.agentrun.backend.StoreTx} are small queries; their default
 * methods are <em>read sets</em>, made of the small ones, which a backend overrides where one round trip is worth it.
 * {@link io.agentrun.backend.Shortcuts} are whole operations as one statement, and optional.
 */
@NullMarked
package io.agentrun.backend;

import org.jspecify.annotations.NullMarked;
