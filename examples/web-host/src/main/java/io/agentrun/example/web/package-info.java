/** A service on Spring Boot whose users order work of agents. */
@NullMarked
package io.agentrun.example.web;

import org.jspecify.annotations.NullMarked;
