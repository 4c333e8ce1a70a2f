/** Tests of Jobs as agents. */
@NullMarked
package io.agentrun.k8s.agent;

import org.jspecify.annotations.NullMarked;
