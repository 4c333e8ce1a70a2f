package io.agentrun.console;

import java.util.Optional;

/**
 * Tells who asks. It is asked once for each request for data or for an action; the page itself, which holds no data, is given to
 * everybody who reaches the console.
 *
 * <p>Thread-safe, as implementations must be.
 */
@FunctionalInterface
public interface Guard {

    /** Returns what whoever made the request may see and do; empty if that is nothing, which is answered with status 401. */
    Optional<Access> access(ConsoleExchange exchange);
}
