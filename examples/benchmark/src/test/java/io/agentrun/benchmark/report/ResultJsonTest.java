package io.agentrun.benchmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultJsonTest {

    private static final Result COMPARED = new Result("append", 8, 1234.5678, 10.25, 99.0, 2000.0, 0.617, null);

    @Test
    void every_line_has_the_same_members() throws IOException {
        List<Result> results = List.of(COMPARED, Result.ofRate("memory", 1, 25_000));

        JsonNode json = new ObjectMapper().readTree(ResultJson.text(results));

        assertThat(json)
                .hasSize(2)
                .allSatisfy(line -> assertThat(line.fieldNames())
                        .toIterable()
                        .containsExactly(
                                "scenario",
                                "threads",
                                "opsPerSecond",
                                "p50Micros",
                                "p99Micros",
                                "limitPerSecond",
                                "ratio"));
        assertThat(json.get(0).get("opsPerSecond").asDouble()).isEqualTo(1234.568);
        assertThat(json.get(1).get("ratio").isNull()).isTrue();
    }

    @Test
    void what_is_no_time_has_a_value_and_its_unit_besides() throws IOException {
        JsonNode json = new ObjectMapper().readTree(ResultJson.text(List.of(Result.of("WAL", 1, 512, "bytes"))));

        assertThat(json.get(0).get("value").asDouble()).isEqualTo(512);
        assertThat(json.get(0).get("unit").asText()).isEqualTo("bytes");
    }

    @Test
    void what_is_no_number_is_null() throws IOException {
        Result line = new Result("stuck", 1, Double.NaN, Double.POSITIVE_INFINITY, 1.0, null, null, null);

        JsonNode json = new ObjectMapper().readTree(ResultJson.text(List.of(line)));

        assertThat(json.get(0).get("opsPerSecond").isNull()).isTrue();
        assertThat(json.get(0).get("p50Micros").isNull()).isTrue();
    }

    @Test
    void a_file_is_read_as_it_was_written_and_its_folder_is_made(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("target").resolve("benchmark.json");
        Result rounded = new Result("append", 8, 1234.568, 10.25, 99.0, 2000.0, 0.617, null);
        Result bytes = Result.of("WAL", 1, 512, "bytes");

        ResultJson.write(file, List.of(COMPARED, bytes));

        assertThat(ResultJson.read(file)).containsExactly(rounded, bytes);
    }
}
