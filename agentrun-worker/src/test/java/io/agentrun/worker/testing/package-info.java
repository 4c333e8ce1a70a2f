/** What the tests of this module share: a scheduler whose time stands still, runs under lease, stores that fail. */
@NullMarked
package io.agentrun.worker.testing;

import org.jspecify.annotations.NullMarked;
