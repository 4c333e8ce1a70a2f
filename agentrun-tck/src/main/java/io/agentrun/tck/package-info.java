/**
 * The conformance kit: what every store of agentrun must do, as JUnit tests that an adapter runs on its own store.
 *
 * <p>An adapter implements {@link io.agentrun.tck.StoreFixture} once and extends
 * {@link io.agentrun.tck.suite.StoreConformance}; {@code docs/writing-a-store.md} shows both. Each test names the
 * {@link io.agentrun.rules.Rule} that it proves. Nothing is skipped: a suite that runs without its siblings fails.
 */
@NullMarked
package io.agentrun.tck;

import org.jspecify.annotations.NullMarked;
