@NullMarked
package io.agentrun.benchmark.scenario;

import org.jspecify.annotations.NullMarked;
