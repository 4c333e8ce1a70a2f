package io.agentrun.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request to the console, and its answer, as the HTTP layer of a host has them: a few lines over a servlet or any other.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public interface ConsoleExchange {

    /** Returns the method in capitals, such as {@code GET}. */
    String method();

    /** Returns the path below the path at which the console is mounted, decoded: {@code /} for the page itself. */
    String path();

    /** Returns the first value of the parameter of the query, decoded; null if there is none. */
    @Nullable
    String parameter(String name);

    /** Returns the header, whose name counts in any case; null if there is none. */
    @Nullable
    String header(String name);

    /**
     * Returns the body.
     *
     * @throws IOException if it cannot be read
     */
    InputStream body() throws IOException;

    /**
     * Begins the answer and returns where its body goes. The console calls it once, and closes the stream. What is flushed must be
     * sent: a stream of events has minutes between its parts.
     *
     * @throws IOException if the client is gone
     */
    OutputStream answer(int status, Map<String, String> headers) throws IOException;
}
