/** Tests of the store on PostgreSQL; those that every store passes are in the conformance kit. */
@NullMarked
package io.agentrun.postgres;

import org.jspecify.annotations.NullMarked;
