/**
 * Runners as Jobs: {@link io.agentrun.k8s.job.RunnerJobLauncher} starts, watches and stops the Job of a run from a
 * {@link io.agentrun.k8s.job.JobTemplate}; {@link io.agentrun.k8s.job.RunnerRescue} gives the runs of lost runners to
 * others, and asks the cluster before it does.
 */
@NullMarked
package io.agentrun.k8s.job;

import org.jspecify.annotations.NullMarked;
