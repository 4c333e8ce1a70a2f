/** What was measured, as a table for people, as JSON for programs, and inside a page of the documentation. */
@NullMarked
package io.agentrun.benchmark.report;

import org.jspecify.annotations.NullMarked;
