@NullMarked
package io.agentrun.benchmark;

import org.jspecify.annotations.NullMarked;
