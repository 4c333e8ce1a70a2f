/**
 * The suites of the conformance kit; start with {@link io.agentrun.tck.suite.StoreConformance}.
 */
@NullMarked
package io.agentrun.tck.suite;

import org.jspecify.annotations.NullMarked;
