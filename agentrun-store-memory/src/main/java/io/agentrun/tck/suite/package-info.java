/**
 * The suites of the conformance kit; start with {@link io.agentrun.tck.suite.ConformanceSuite}, which tells how to run them.
 */
@NullMarked
package io.agentrun.tck.suite;

import org.jspecify.annotations.NullMarked;
