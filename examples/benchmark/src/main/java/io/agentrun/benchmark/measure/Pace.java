package io.agentrun.benchmark.measure;

import java.time.Duration;

/**
 * How long is measured.
 *
 * <p>Immutable.
 *
 * @param slice how long each side works before the other's turn
 * @param rounds how many measured slices each side has
 * @param warmUps how many slices each side has before them
 */
public record Pace(Duration slice, int rounds, int warmUps) {}
