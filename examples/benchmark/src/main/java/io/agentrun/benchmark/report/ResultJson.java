package io.agentrun.benchmark.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The results as JSON: an array of objects that all have the same seven members, null where one does not apply; those that
 * measured something else than time have a {@code value} and a {@code unit} besides.
 */
public final class ResultJson {

    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ResultJson() {}

    /** Writes the file, and the folder that it is in. */
    public static void write(Path file, List<Result> results) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.writeString(file, text(results) + "\n");
    }

    /** Reads what was written. */
    public static List<Result> read(Path file) throws IOException {
        List<Result> results = new ArrayList<>();
        for (JsonNode node : MAPPER.readTree(Files.readString(file))) {
            JsonNode value = node.get("value");
            results.add(new Result(
                    node.get("scenario").asText(),
                    node.get("threads").asInt(),
                    number(node, "opsPerSecond"),
                    number(node, "p50Micros"),
                    number(node, "p99Micros"),
                    number(node, "limitPerSecond"),
                    number(node, "ratio"),
                    value == null
                            ? null
                            : new Result.Figure(
                                    value.asDouble(), node.path("unit").asText())));
        }
        return results;
    }

    static String text(List<Result> results) throws IOException {
        ArrayNode array = MAPPER.createArrayNode();
        for (Result result : results) {
            ObjectNode node = array.addObject();
            node.put("scenario", result.scenario());
            node.put("threads", result.threads());
            put(node, "opsPerSecond", result.opsPerSecond());
            put(node, "p50Micros", result.p50Micros());
            put(node, "p99Micros", result.p99Micros());
            put(node, "limitPerSecond", result.limitPerSecond());
            put(node, "ratio", result.ratio());
            Result.Figure figure = result.figure();
            if (figure != null) {
                node.put("value", rounded(figure.value()));
                node.put("unit", figure.unit());
            }
        }
        return MAPPER.writeValueAsString(array);
    }

    private static void put(ObjectNode node, String name, @Nullable Double value) {
        if (value == null || !Double.isFinite(value)) {
            node.putNull(name);
        } else {
            node.put(name, rounded(value));
        }
    }

    private static double rounded(double value) {
        return Math.round(value * 1_000) / 1_000.0;
    }

    private static @Nullable Double number(JsonNode node, String name) {
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? null : value.asDouble();
    }
}
