/** What a host's registries see, on the store in memory. */
@NullMarked
package io.agentrun.micrometer;

import org.jspecify.annotations.NullMarked;
