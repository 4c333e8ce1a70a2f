/** Tests of group commit without a database, and of the shortcuts with one but without the engine. */
@NullMarked
package io.agentrun.postgres.internal.shortcut;

import org.jspecify.annotations.NullMarked;
