package io.agentrun.example.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueQuery;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The service as its users see it. The agent is a shell that says what it reads, and ends when it is told {@code stop}. */
@Timeout(120)
class WebHostTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MOST_LINES = 150;
    private static final String OPERATOR_TOKEN = "only operators know this";

    private static EmbeddedPostgres postgres;
    private static ConfigurableApplicationContext service;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.builder()
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("encoding", "UTF8")
                .start();
        service = new SpringApplicationBuilder(WebHost.class)
                .properties(
                        "spring.main.banner-mode=off",
                        "logging.level.root=warn",
                        "server.port=0",
                        "agentrun.worker.close-patience=1ms",
                        "OPERATOR_TOKEN=" + OPERATOR_TOKEN)
                .registerShutdownHook(false)
                .run(
                        "--spring.datasource.url=" + postgres.getJdbcUrl("postgres", "postgres"),
                        "--web-host.command=sh,-c,while read line; do echo \"heard $line\";"
                                + " if [ \"$line\" = stop ]; then exit 0; fi; done");
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
        postgres.close();
    }

    private static URI uri(String path) {
        return URI.create("http://localhost:" + service.getEnvironment().getProperty("local.server.port") + path);
    }

    private static JsonNode post(String path, String json) throws IOException, InterruptedException {
        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(uri(path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 202);
        return answer.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(answer.body());
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String order(String prompt) throws IOException, InterruptedException {
        return post("/orders", "{\"prompt\":\"" + prompt + "\"}").path("id").asString();
    }

    /** Returns the order once it is in the state. */
    private static JsonNode await(String id, String state) throws IOException, InterruptedException {
        JsonNode order = JSON.readTree(get("/orders/" + id).body());
        while (!order.path("state").asString().equals(state)) {
            LockSupport.parkNanos(10_000_000);
            order = JSON.readTree(get("/orders/" + id).body());
        }
        return order;
    }

    /** A browser's stream, from after an event on. */
    private static Iterator<String> stream(String id, String lastEventId) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri("/orders/" + id + "/events"));
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<Stream<String>> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofLines());
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        return answer.body().iterator();
    }

    /** Reads on to a line that contains the text; returns the lines up to it. */
    private static List<String> readTo(Iterator<String> lines, String text) {
        List<String> read = new ArrayList<>();
        while (read.isEmpty() || !read.get(read.size() - 1).contains(text)) {
            read.add(lines.next());
        }
        return read;
    }

    private static String lastId(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("id: "))
                .reduce("", (before, line) -> line.substring("id: ".length()));
    }

    @Test
    void an_order_is_worked_on_steered_streamed_over_a_reconnect_and_completed() throws Exception {
        String id = order("the first line");
        await(id, "running");
        List<String> before = readTo(stream(id, ""), "heard the first line");

        post("/orders/" + id + "/steer", "{\"prompt\":\"the second line\"}");
        Iterator<String> again = stream(id, lastId(before));
        List<String> after = readTo(again, "heard the second line");
        post("/orders/" + id + "/steer", "{\"prompt\":\"stop\"}");
        after.addAll(readTo(again, "event: end"));

        assertThat(String.join("\n", after))
                .doesNotContain("heard the first line")
                .contains("heard stop");
        assertThat(await(id, "completed").path("run").asString()).isNotEmpty();
    }

    @Test
    void an_order_is_cancelled_while_its_agent_works() throws Exception {
        String id = order("for ever");
        await(id, "running");

        post("/orders/" + id + "/cancel", "");

        assertThat(await(id, "cancelled").path("id").asString()).isEqualTo(id);
    }

    @Test
    void an_order_whose_row_cannot_be_written_leaves_no_task() throws Exception {
        int tasks = tasks();
        JdbcTemplate host = service.getBean(JdbcTemplate.class);
        host.execute("ALTER TABLE orders ADD CONSTRAINT polite CHECK (prompt <> 'refused')");

        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(uri("/orders"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\":\"refused\"}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(tasks()).isEqualTo(tasks);
    }

    private static int tasks() {
        return service.getBean(AgentRunStore.class)
                .queue()
                .list(QueueQuery.in(TenantScope.all()))
                .items()
                .size();
    }

    @Test
    void an_order_that_is_not_there_is_not_found() throws Exception {
        assertThat(get("/orders/none").statusCode()).isEqualTo(404);
        assertThat(get("/orders/none/events").statusCode()).isEqualTo(404);
    }

    @Test
    void the_service_is_healthy() throws Exception {
        JsonNode health = JSON.readTree(get("/actuator/health").body());

        assertThat(health.path("components").path("agentrun").path("status").asString())
                .isEqualTo("UP");
    }

    @Test
    void operators_see_an_order_in_the_console_and_cancel_it_there() throws Exception {
        String id = order("seen by operators");
        await(id, "running");

        String page = get("/ops/agents/").body();
        String task = "";
        for (JsonNode shown :
                console("queue", HttpRequest.newBuilder()).path("tasks").path("items")) {
            task = shown.path("title").asString().equals("order " + id)
                    ? shown.path("id").asString()
                    : task;
        }
        HttpRequest.Builder cancel = HttpRequest.newBuilder()
                .header("agentrun-console", "1")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"id\":\"" + task + "\",\"mode\":\"graceful\"}"));
        console("do/cancel-task", cancel);

        assertThat(page).contains("<html");
        assertThat(get("/ops/agents/api/queue").statusCode()).isEqualTo(401);
        assertThat(await(id, "cancelled").path("id").asString()).isEqualTo(id);
    }

    private static JsonNode console(String path, HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpRequest made = request.uri(uri("/ops/agents/api/" + path))
                .header("Authorization", "Bearer " + OPERATOR_TOKEN)
                .build();
        HttpResponse<String> answer = HTTP.send(made, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    @Test
    void the_service_is_short() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            long lines = 0;
            for (Path file : files.filter(each -> each.toString().endsWith(".java"))
                    .filter(each -> !each.endsWith("package-info.java"))
                    .toList()) {
                lines += Files.readAllLines(file).size();
            }
            assertThat(lines).isLessThanOrEqualTo(MOST_LINES);
        }
    }
}
