/** The same work by libraries that somebody might take instead; only in the profile {@code peers}. Start at {@code PeersScenario}. */
@NullMarked
package io.agentrun.benchmark.peers;

import org.jspecify.annotations.NullMarked;
