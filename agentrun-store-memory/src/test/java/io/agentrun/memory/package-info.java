@NullMarked
package io.agentrun.memory;

import org.jspecify.annotations.NullMarked;
