package io.agentrun.spring.console;

import io.agentrun.console.Console;
import io.agentrun.console.ConsoleExchange;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The console below a path of the host. Once the host is ending, a stream of events ends with its next part, ten seconds later at most.
 *
 * <p>Thread-safe.
 */
final class ConsoleServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Console console;
    private volatile boolean ending;

    ConsoleServlet(Console console) {
        this.console = console;
    }

    /** Lets streams end. */
    void end() {
        ending = true;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getPathInfo() == null) {
            // The page asks for what is below its own path.
            response.sendRedirect(request.getRequestURI() + "/");
            return;
        }
        try {
            console.handle(new Mounted(request, response));
        } catch (EndingException e) {
            // The page says that the connection is lost, and asks again.
        }
    }

    /** Tells a stream that the host is ending. */
    private static final class EndingException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** An exchange of a servlet. Not thread-safe: one thread at a time. */
    private final class Mounted implements ConsoleExchange {

        private final HttpServletRequest request;
        private final HttpServletResponse response;

        private Mounted(HttpServletRequest request, HttpServletResponse response) {
            this.request = request;
            this.response = response;
        }

        @Override
        public String method() {
            return request.getMethod();
        }

        @Override
        public String path() {
            return request.getPathInfo();
        }

        @Override
        public @Nullable String parameter(String name) {
            return request.getParameter(name);
        }

        @Override
        public @Nullable String header(String name) {
            return request.getHeader(name);
        }

        @Override
        public InputStream body() throws IOException {
            return request.getInputStream();
        }

        @Override
        public OutputStream answer(int status, Map<String, String> headers) throws IOException {
            response.setStatus(status);
            headers.forEach(response::setHeader);
            return new FilterOutputStream(response.getOutputStream()) {
                @Override
                public void write(byte[] bytes, int from, int length) throws IOException {
                    out.write(bytes, from, length);
                }

                /** A stream flushes after each of its parts; what is answered at once does not. */
                @Override
                public void flush() throws IOException {
                    out.flush();
                    if (ending) {
                        throw new EndingException();
                    }
                }

                @Override
                public void close() throws IOException {
                    out.close();
                }
            };
        }
    }
}
