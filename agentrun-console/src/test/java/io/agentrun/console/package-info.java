@NullMarked
package io.agentrun.console;

import org.jspecify.annotations.NullMarked;
