/** Tests of schedules kept going. */
@NullMarked
package io.agentrun.worker.schedule;

import org.jspecify.annotations.NullMarked;
