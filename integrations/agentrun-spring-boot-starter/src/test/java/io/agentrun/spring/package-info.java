/** Real application contexts; the same tests run with Spring Boot 3.5 here, and with 4 in the module {@code spring-boot-4-tests}. */
@NullMarked
package io.agentrun.spring;

import org.jspecify.annotations.NullMarked;
