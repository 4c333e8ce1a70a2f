@NullMarked
package io.agentrun.benchmark.measure;

import org.jspecify.annotations.NullMarked;
