/**
 * What the scanners of {@link io.agentrun.redact} look at: characters and words, without any name. Not for hosts; it may change
 * in every release.
 */
@NullMarked
package io.agentrun.redact.internal;

import org.jspecify.annotations.NullMarked;
