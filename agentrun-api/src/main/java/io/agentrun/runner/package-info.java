/**
 * What executes runs: runners that announce themselves, the cluster Jobs that were started for runs, and the backends
 * that runs may ask for. None of it takes part in the lease (see {@code io.agentrun.lease}): it is the record of who
 * and where.
 *
 * <p>Start at {@link io.agentrun.RunnerStore}.
 */
@NullMarked
package io.agentrun.runner;

import org.jspecify.annotations.NullMarked;
