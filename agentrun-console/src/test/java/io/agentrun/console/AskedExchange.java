package io.agentrun.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that a test makes of the handler. Not thread-safe: one thread at a time. */
final class AskedExchange implements ConsoleExchange {

    private final String method;
    private final String path;
    private final Map<String, String> parameters = new HashMap<>();
    private final Map<String, String> headers = new HashMap<>();
    private byte[] body = new byte[0];
    private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
    private int status;
    private Map<String, String> answered = Map.of();

    private AskedExchange(String method, String path) {
        this.method = method;
        this.path = path;
    }

    static AskedExchange get(String path) {
        return new AskedExchange("GET", path);
    }

    /** An action as the page sends it. */
    static AskedExchange action(String name, Object body) throws IOException {
        AskedExchange asked = of("POST", "/api/do/" + name)
                .header(Console.ACTION_HEADER, "1")
                .header("Content-Type", "application/json");
        return asked.body(Json.MAPPER.writeValueAsBytes(body));
    }

    static AskedExchange of(String method, String path) {
        return new AskedExchange(method, path);
    }

    AskedExchange with(String parameter, String value) {
        parameters.put(parameter, value);
        return this;
    }

    AskedExchange header(String name, String value) {
        headers.put(name.toLowerCase(Locale.ROOT), value);
        return this;
    }

    AskedExchange body(byte[] value) {
        body = value;
        return this;
    }

    AskedExchange askedOf(Console console) throws IOException {
        console.handle(this);
        return this;
    }

    int status() {
        return status;
    }

    Map<String, String> headers() {
        return answered;
    }

    String text() {
        return answer.toString(StandardCharsets.UTF_8);
    }

    JsonNode json() throws IOException {
        return Json.MAPPER.readTree(answer.toByteArray());
    }

    /** Returns the code of the refusal. */
    String code() throws IOException {
        return json().at("/error/code").asText();
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public @Nullable String parameter(String name) {
        return parameters.get(name);
    }

    @Override
    public @Nullable String header(String name) {
        return headers.get(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public InputStream body() {
        return new ByteArrayInputStream(body);
    }

    @Override
    public OutputStream answer(int status, Map<String, String> headers) {
        assertThat(this.status).as("an answer has begun already").isZero();
        this.status = status;
        this.answered = headers;
        return answer;
    }
}
