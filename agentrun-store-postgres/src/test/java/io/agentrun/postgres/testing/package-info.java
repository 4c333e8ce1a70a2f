/** What the tests of this module stand on: a server, a database for each test, a hand on its clock, the invariants. */
@NullMarked
package io.agentrun.postgres.testing;

import org.jspecify.annotations.NullMarked;
