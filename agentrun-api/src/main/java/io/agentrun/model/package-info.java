/**
 * The values that more than one part of the API needs: whose something is ({@link io.agentrun.model.Owner},
 * {@link io.agentrun.model.TenantScope}), what a run works with ({@link io.agentrun.model.RunSpec}), how something ended
 * ({@link io.agentrun.model.Outcome}), pages, and the limits of a store ({@link io.agentrun.model.Limits}).
 */
@NullMarked
package io.agentrun.model;

import org.jspecify.annotations.NullMarked;
