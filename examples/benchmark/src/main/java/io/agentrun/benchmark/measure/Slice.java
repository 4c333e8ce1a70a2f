package io.agentrun.benchmark.measure;

/**
 * What one side did in one slice.
 *
 * <p>Immutable.
 *
 * @param perSecond how much all its clients did in a second
 * @param latencies how long the single calls took
 */
public record Slice(double perSecond, Latencies latencies) {}
