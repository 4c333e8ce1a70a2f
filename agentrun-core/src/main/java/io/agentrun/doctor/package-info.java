/**
 * What holds in every store at every moment, as code: {@link io.agentrun.doctor.StoreDoctor} reads a store through its public
 * API, changes nothing, and returns what does not hold. Audience: operators of a store in use, the conformance kit (after each
 * of its tests), load tests (at their end).
 *
 * <p>Each finding names the rule that is broken and the record that breaks it. What a finding is about was read twice with the
 * same result, so that records which others change meanwhile are not taken for broken ones.
 */
@NullMarked
package io.agentrun.doctor;

import org.jspecify.annotations.NullMarked;
