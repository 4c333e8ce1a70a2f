package io.agentrun.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.AgentRunStore;
import io.agentrun.console.Access;
import io.agentrun.console.Guard;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** The console in a host. */
@Timeout(120)
class ConsoleTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String TOKEN = "a token of operators";

    /** A host with nothing of its own. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Plain {}

    /** A host that knows who asks. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class WithGuard {

        @Bean
        Guard guard() {
            return request -> Optional.ofNullable(request.header("User"))
                    .map(user -> Access.reading(user, TenantScope.tenant("tenant")));
        }
    }

    private static ConfigurableApplicationContext start(Class<?> application, String... properties) {
        String[] all = Stream.concat(
                        Stream.of(
                                "spring.main.banner-mode=off",
                                "server.port=0",
                                "server.shutdown=graceful",
                                "logging.level.root=off",
                                "agentrun.store.type=memory",
                                "spring.autoconfigure.exclude="
                                        + "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration,"
                                        + "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration"),
                        Stream.of(properties))
                .toArray(String[]::new);
        return Host.start(application, all);
    }

    private static HttpRequest.Builder request(ConfigurableApplicationContext host, String path) {
        String port = host.getEnvironment().getProperty("local.server.port");
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void operators_who_know_the_token_see_and_act_and_others_get_the_empty_page() throws Exception {
        try (ConfigurableApplicationContext host =
                start(Plain.class, "agentrun.console.token=" + TOKEN, "agentrun.console.path=/ops/agents")) {
            AgentRunStore store = host.getBean(AgentRunStore.class);
            QueueTask task = store.queue().create(HostApplication.task("look at me"));

            HttpResponse<String> page = send(request(host, "/ops/agents/"));
            HttpResponse<String> bare = send(request(host, "/ops/agents"));
            HttpResponse<String> nobody = send(request(host, "/ops/agents/api/queue"));
            HttpResponse<String> wrong = send(request(host, "/ops/agents/api/queue")
                    .header("Authorization", "Bearer another token of operators"));
            HttpResponse<String> queue =
                    send(request(host, "/ops/agents/api/queue").header("Authorization", "Bearer " + TOKEN));
            HttpResponse<String> cancelled = send(request(host, "/ops/agents/api/do/cancel-task")
                    .header("Authorization", "Bearer " + TOKEN)
                    .header("agentrun-console", "1")
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"id\":\"" + task.id() + "\",\"mode\":\"graceful\",\"reason\":\"too late\"}")));

            assertThat(page.body()).contains("<html").doesNotContain("look at me");
            assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'none'");
            assertThat(bare.statusCode()).isEqualTo(302);
            assertThat(bare.headers().firstValue("Location").orElseThrow()).endsWith("/ops/agents/");
            assertThat(nobody.statusCode()).isEqualTo(401);
            assertThat(wrong.statusCode()).isEqualTo(401);
            assertThat(queue.body()).contains("look at me");
            assertThat(cancelled.statusCode()).as(cancelled.body()).isEqualTo(200);
            assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.CANCELLED);
        }
    }

    @Test
    void a_guard_of_the_host_takes_the_place_of_the_token() throws Exception {
        try (ConfigurableApplicationContext host = start(WithGuard.class, "agentrun.console.token=" + TOKEN)) {
            host.getBean(AgentRunStore.class).queue().create(HostApplication.task("look at me"));

            assertThat(send(request(host, "/agentrun-console/api/queue").header("User", "ann"))
                            .body())
                    .contains("look at me");
            assertThat(send(request(host, "/agentrun-console/api/queue").header("Authorization", "Bearer " + TOKEN))
                            .statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void without_a_guard_and_a_token_there_is_no_console() throws Exception {
        try (ConfigurableApplicationContext host = start(Plain.class, "agentrun.console.token=")) {
            assertThat(send(request(host, "/agentrun-console/")).statusCode()).isEqualTo(404);
        }
    }

    @Test
    void a_token_that_could_be_guessed_is_refused_at_the_start() {
        assertThatThrownBy(() -> start(Plain.class, "agentrun.console.token=short"))
                .rootCause()
                .hasMessageContaining("at least 16 characters")
                .hasMessageNotContaining("short");
    }

    @Test
    void a_stream_that_somebody_looks_at_keeps_no_host_from_ending() throws Exception {
        Iterator<String> lines;
        try (ConfigurableApplicationContext host = start(
                Plain.class,
                "agentrun.console.token=" + TOKEN,
                // A stream that nobody ended would hold the web server up for ten minutes.
                "spring.lifecycle.timeout-per-shutdown-phase=10m")) {
            AgentRunStore store = host.getBean(AgentRunStore.class);
            store.queue().create(HostApplication.task("look at me"));
            String run = store.queue()
                    .dispatchNext(DispatchRequest.any())
                    .orElseThrow()
                    .run()
                    .id();
            lines = HTTP.send(
                            request(host, "/agentrun-console/api/stream?id=" + run + "&after=0")
                                    .header("Authorization", "Bearer " + TOKEN)
                                    .build(),
                            BodyHandlers.ofLines())
                    .body()
                    .iterator();
            assertThat(lines.next()).contains(run);
        }
        while (lines.hasNext()) {
            lines.next();
        }
    }
}
