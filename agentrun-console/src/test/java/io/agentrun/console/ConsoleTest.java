package io.agentrun.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.AgentRunStore;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The handler, without a server: what it answers to whom. */
class ConsoleTest {

    private static final TenantScope ACME = TenantScope.tenant("acme");

    private final AgentRunStore store = InMemoryAgentRunStore.create();
    private final Sample sample = Sample.fill(store);
    private final Console console = console(Access.everything("ann", TenantScope.all()));

    @AfterEach
    void close() {
        store.close();
    }

    private Console console(Access access) {
        return Console.of(store, exchange -> Optional.of(access));
    }

    private AskedExchange asked(String path) throws IOException {
        return AskedExchange.get(path).askedOf(console);
    }

    private AskedExchange asked(String path, String id) throws IOException {
        return AskedExchange.get(path).with("id", id).askedOf(console);
    }

    private static AskedExchange request(String path) throws IOException {
        return path.startsWith(ActionRoutes.PATH)
                ? AskedExchange.action(path.substring(ActionRoutes.PATH.length()), Map.of())
                : AskedExchange.get(path);
    }

    @Test
    void the_queue_is_counted_and_says_why_each_task_waits() throws IOException {
        JsonNode queue = asked("/api/queue").json();

        assertThat(queue.at("/stats/byState/pending").asInt()).isEqualTo(3);
        assertThat(queue.at("/stats/byState/failed").asInt()).isEqualTo(1);
        assertThat(queue.at("/tasks/items")).hasSize(4);
        JsonNode why = queue.get("why");
        assertThat(why.get(sample.behind().id()).asText())
                .isEqualTo("it waits for the end of the turn " + sample.turn().id() + " of run "
                        + sample.running().id());
        assertThat(why.get(sample.delayed().id()).asText()).startsWith("it is not due before ");
        assertThat(why.get(sample.due().id()).asText()).contains("no worker for codex has taken it");
        assertThat(why.has(sample.broken().id())).isFalse();
    }

    @Test
    void lists_are_narrowed_and_paged() throws IOException {
        AskedExchange pending = AskedExchange.get("/api/queue")
                .with("state", "pending")
                .with("limit", "2")
                .askedOf(console);
        String cursor = pending.json().at("/tasks/nextCursor").asText();
        JsonNode next = AskedExchange.get("/api/queue")
                .with("state", "pending")
                .with("limit", "2")
                .with("cursor", cursor)
                .askedOf(console)
                .json();

        assertThat(pending.json().at("/tasks/items")).hasSize(2);
        assertThat(next.at("/tasks/items")).hasSize(1);
        assertThat(next.at("/tasks/nextCursor").isNull()).isTrue();
        assertThat(AskedExchange.get("/api/queue")
                        .with("lane", "slow")
                        .askedOf(console)
                        .json()
                        .at("/tasks/items/0/id")
                        .asText())
                .isEqualTo(sample.delayed().id());
    }

    @Test
    void a_task_is_shown_with_its_runs_and_its_explanation() throws IOException {
        JsonNode broken = asked("/api/task", sample.broken().id()).json();

        assertThat(broken.at("/task/state").asText()).isEqualTo("failed");
        assertThat(broken.at("/runs/items")).hasSize(1);
        assertThat(broken.at("/explanation/0/next").asText()).isEqualTo("none");
        assertThat(broken.at("/explanation/0/reason/kind").asText()).isEqualTo("ended");
    }

    @Test
    void a_failed_run_of_a_session_is_found() throws IOException {
        assertThat(asked("/api/sessions").json().at("/items")).hasSize(2);
        JsonNode failed = AskedExchange.get("/api/runs")
                .with("session", sample.session())
                .with("status", "failed")
                .askedOf(console)
                .json();

        assertThat(failed.at("/items")).hasSize(1);
        assertThat(failed.at("/items/0/id").asText()).isEqualTo(sample.failed().id());
        assertThat(asked("/api/session", sample.session()).json().at("/explanation"))
                .hasSize(3);
    }

    @Test
    void a_run_is_shown_with_its_commands() throws IOException {
        JsonNode run = asked("/api/run", sample.running().id()).json();

        assertThat(run.at("/run/status").asText()).isEqualTo("running");
        assertThat(run.at("/run/claim/lease/runnerId").asText()).isEqualTo("runner-7");
        assertThat(run.toString()).doesNotContain("token");
        assertThat(asked("/api/commands", sample.running().id())
                        .json()
                        .at("/items/0/payload/prompt")
                        .asText())
                .isEqualTo("Make LogoutTest pass too.");
    }

    @Test
    void any_id_is_explained_whatever_it_is_of() throws IOException {
        for (String id : List.of(
                sample.behind().id(), sample.running().id(), sample.turn().id(), sample.session())) {
            JsonNode chain = asked("/api/explain", id).json().get("explanation");

            assertThat(chain.get(0).get("id").asText()).isEqualTo(id);
            assertThat(chain.get(chain.size() - 1).get("text").asText()).isNotEmpty();
        }
        assertThat(asked("/api/explain", "nothing").status()).isEqualTo(404);
    }

    @Test
    void a_stream_of_an_ended_run_ends_and_goes_on_after_the_number_that_is_given() throws IOException {
        AskedExchange whole = asked("/api/stream", sample.failed().id());
        List<String> lines = whole.text().lines().toList();

        assertThat(whole.headers()).containsEntry("Content-Type", "application/x-ndjson; charset=utf-8");
        assertThat(lines.get(lines.size() - 1)).isEqualTo("{\"ended\":true}");
        long count = lines.size() - 1L;
        assertThat(AskedExchange.get("/api/stream")
                        .with("id", sample.failed().id())
                        .with("after", String.valueOf(count - 1))
                        .askedOf(console)
                        .text()
                        .lines())
                .containsExactly(lines.get((int) count - 1), "{\"ended\":true}");
    }

    @Test
    void a_stream_of_an_open_run_ends_with_the_run() throws Exception {
        store.runs().finish(sample.live(), TurnResult.of(Outcome.completed()));

        assertThat(asked("/api/stream", sample.running().id()).text())
                .contains("I read LogoutTest first.")
                .endsWith("{\"ended\":true}\n");
    }

    @Test
    void nothing_is_given_to_whom_the_guard_does_not_know() throws IOException {
        Console closed = Console.of(store, exchange -> Optional.empty());

        for (String path : closed.paths()) {
            AskedExchange refused = request(path).askedOf(closed);

            assertThat(refused.status()).as(path).isEqualTo(401);
            assertThat(refused.code()).isEqualTo("no-access");
        }
    }

    @Test
    void what_another_tenant_has_is_not_there() throws IOException {
        Console acme = console(Access.everything("ann", ACME));
        String theirs = sample.foreign().id();

        for (String path : acme.paths()) {
            AskedExchange exchange = path.startsWith(ActionRoutes.PATH)
                    ? AskedExchange.action(
                            path.substring(ActionRoutes.PATH.length()),
                            Map.of("id", theirs, "mode", "force", "text", "hello"))
                    : AskedExchange.get(path).with("id", theirs);
            exchange.askedOf(acme);

            assertThat(exchange.text()).as(path).doesNotContain("other", "Nobody else may read this.", "their-chat");
            if (!Set.of("/api/me", "/api/queue", "/api/runs", "/api/sessions", "/api/questions", "/api/do/doctor")
                    .contains(path)) {
                assertThat(exchange.status()).as(path).isEqualTo(404);
            }
        }
        assertThat(store.runs().get(theirs)).isEqualTo(sample.foreign());
        assertThat(asked("/api/run", theirs).status()).isEqualTo(200);
    }

    @Test
    void bad_input_is_refused_by_its_name() throws IOException {
        assertInvalid("id", AskedExchange.get("/api/run"));
        assertInvalid("id", AskedExchange.get("/api/run").with("id", "a\nb"));
        assertInvalid("id", AskedExchange.get("/api/run").with("id", "x".repeat(2_001)));
        assertInvalid("limit", AskedExchange.get("/api/queue").with("limit", "101"));
        assertInvalid("limit", AskedExchange.get("/api/queue").with("limit", "0"));
        assertInvalid("limit", AskedExchange.get("/api/queue").with("limit", "many"));
        assertInvalid("state", AskedExchange.get("/api/queue").with("state", "odd"));
        assertInvalid("cursor", AskedExchange.get("/api/queue").with("cursor", "odd"));
        assertInvalid("after", AskedExchange.get("/api/stream").with("id", "r").with("after", "-1"));
        assertInvalid("mode", AskedExchange.action("cancel-run", Map.of("id", "r")));
        assertInvalid("mode", AskedExchange.action("cancel-run", Map.of("id", "r", "mode", "odd")));
        assertInvalid("mode", AskedExchange.action("cancel-run", Map.of("id", "r", "mode", 1)));
        assertInvalid(
                "reason",
                AskedExchange.action("cancel-run", Map.of("id", "r", "mode", "force", "reason", "x".repeat(1_001))));
        assertInvalid("text", AskedExchange.action("steer", Map.of("id", "r")));
        assertInvalid("body", AskedExchange.action("steer", List.of()));
        assertInvalid("body", AskedExchange.action("steer", Map.of()).body("{".getBytes(StandardCharsets.UTF_8)));
    }

    private void assertInvalid(String field, AskedExchange exchange) throws IOException {
        assertThat(exchange.askedOf(console).status()).isEqualTo(400);
        assertThat(exchange.code()).isEqualTo("invalid-input");
        assertThat(exchange.json().at("/error/message").asText()).startsWith(field + " ");
    }

    @Test
    void a_body_that_is_too_large_is_refused() throws IOException {
        AskedExchange large = AskedExchange.action("steer", Map.of("text", "x".repeat(70_000)));

        assertThat(large.askedOf(console).status()).isEqualTo(413);
    }

    @Test
    void other_methods_and_paths_are_refused() throws IOException {
        for (String path : List.of("/api/queue", "/")) {
            for (String method : List.of("POST", "PUT", "DELETE", "HEAD", "OPTIONS")) {
                assertThat(AskedExchange.of(method, path).askedOf(console).status())
                        .isEqualTo(405);
            }
        }
        assertThat(AskedExchange.get("/api/do/steer").askedOf(console).status()).isEqualTo(405);
        for (String path : List.of("", "/x", "/../pom.xml", "/page/index.html", "/api/", "/api/nothing", "//")) {
            assertThat(asked(path).status()).as(path).isEqualTo(404);
        }
    }

    @Test
    void every_answer_has_the_headers_of_security_and_sets_no_cookie() throws IOException {
        for (String path : List.of("/", "/main.js", "/console.css", "/api/me", "/api/nothing", "/none")) {
            Map<String, String> headers = asked(path).headers();

            assertThat(headers)
                    .as(path)
                    .containsEntry(
                            "Content-Security-Policy",
                            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                                    + " frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
                    .containsEntry("X-Content-Type-Options", "nosniff")
                    .containsEntry("Referrer-Policy", "no-referrer")
                    .containsEntry("Cache-Control", "no-store")
                    .doesNotContainKey("Set-Cookie");
        }
    }

    @Test
    void the_page_makes_text_of_values_only_and_loads_nothing_from_elsewhere() throws IOException {
        String page = asked("/").text();

        assertThat(page).doesNotContain("<style", "style=", "onclick", "http:", "https:", "//");
        for (String name : List.of(
                "main.js",
                "api.js",
                "dom.js",
                "format.js",
                "parts.js",
                "queue.js",
                "run.js",
                "stream.js",
                "sessions.js",
                "questions.js",
                "inspect.js")) {
            assertThat(asked("/" + name).text())
                    .as(name)
                    .isNotEmpty()
                    .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(")
                    .doesNotContain("DOMParser", "setHTML", "srcdoc", "new Function", "cookie", "localStorage");
        }
    }
}
