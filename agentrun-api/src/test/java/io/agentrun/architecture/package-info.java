/** Tests of how the module is built, not of what it does. */
@NullMarked
package io.agentrun.architecture;

import org.jspecify.annotations.NullMarked;
