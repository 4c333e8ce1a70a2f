/** What is measured: each scenario makes ready what it needs, measures, and reports its lines. */
@NullMarked
package io.agentrun.benchmark.scenario;

import org.jspecify.annotations.NullMarked;
