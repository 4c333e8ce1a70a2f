@NullMarked
package io.agentrun.benchmark.report;

import org.jspecify.annotations.NullMarked;
