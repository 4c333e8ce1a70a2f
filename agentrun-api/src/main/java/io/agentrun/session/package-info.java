/**
 * Sessions: the conversations that outlive runs. A session has one active turn at a time, a version that every visible
 * change raises, a mark per reader, and a volume (see {@code io.agentrun.storage}).
 *
 * <p>Start at {@link io.agentrun.SessionStore}. Lists are for people and sorted by activity; a program that
 * must not miss a change reads {@link io.agentrun.SessionStore#changes}.
 */
@NullMarked
package io.agentrun.session;

import org.jspecify.annotations.NullMarked;
