package io.agentrun.console;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An exchange of the console's own server. Not thread-safe: one thread at a time. */
final class OwnExchange implements ConsoleExchange {

    private final HttpExchange http;
    private final Map<String, String> parameters = new HashMap<>();

    OwnExchange(HttpExchange http) {
        this.http = http;
        String query = http.getRequestURI().getRawQuery();
        if (query != null) {
            for (String pair : query.split("&", -1)) {
                int at = pair.indexOf('=');
                if (at > 0) {
                    parameters.putIfAbsent(decoded(pair.substring(0, at)), decoded(pair.substring(at + 1)));
                }
            }
        }
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // What is no encoding is taken as it is; no id and no number is like that.
            return text;
        }
    }

    @Override
    public String method() {
        return http.getRequestMethod();
    }

    @Override
    public String path() {
        return String.valueOf(http.getRequestURI().getPath());
    }

    @Override
    public @Nullable String parameter(String name) {
        return parameters.get(name);
    }

    @Override
    public @Nullable String header(String name) {
        return http.getRequestHeaders().getFirst(name);
    }

    @Override
    public InputStream body() {
        return http.getRequestBody();
    }

    @Override
    public OutputStream answer(int status, Map<String, String> headers) throws IOException {
        headers.forEach(http.getResponseHeaders()::set);
        http.sendResponseHeaders(status, 0);
        return http.getResponseBody();
    }
}
