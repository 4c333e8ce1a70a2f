/** Mounts the console in a host on Spring Boot: {@link io.agentrun.spring.console.ConsoleAutoConfiguration}. */
@NullMarked
package io.agentrun.spring.console;

import org.jspecify.annotations.NullMarked;
