/**
 * Tenant views: a backend that shows one tenant or project, put between the operations of {@code io.agentrun.engine} and
 * the backend of a store. Start at {@link io.agentrun.engine.view.ScopedBackend}.
 *
 * <p>What another owner has is missing in all that is read and locked, so that the operations know nothing of views, but for
 * the cursors of lists and feeds, which belong to the narrowed scope.
 */
@NullMarked
package io.agentrun.engine.view;

import org.jspecify.annotations.NullMarked;
