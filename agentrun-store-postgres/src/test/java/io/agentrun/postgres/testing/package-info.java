/** What the tests of this module use: a server, a database for each test, control over its clock, the invariants. */
@NullMarked
package io.agentrun.postgres.testing;

import org.jspecify.annotations.NullMarked;
