/**
 * Brings agentrun into a host on Spring Boot 3.5 or 4: a store that joins the host's transactions, a worker for the host's
 * {@link io.agentrun.worker.Agent}, maintenance, health, metrics, problem details, and an end in the right order.
 *
 * <p>Start at {@link io.agentrun.spring.AgentRunProperties}; {@code docs/spring-boot.md} is the guide. Beans that a host defines take
 * the place of those here.
 */
@NullMarked
package io.agentrun.spring;

import org.jspecify.annotations.NullMarked;
