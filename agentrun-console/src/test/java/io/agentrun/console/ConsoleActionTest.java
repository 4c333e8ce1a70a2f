package io.agentrun.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.AgentRunStore;
import io.agentrun.command.CommandType;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.TenantScope;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionOption;
import io.agentrun.question.Reply;
import io.agentrun.queue.TaskState;
import io.agentrun.run.RunStatus;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is done in the console, by whom. */
class ConsoleActionTest {

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

    @Test
    void an_action_that_the_access_does_not_allow_is_refused_and_does_nothing() throws IOException {
        Console reader = console(Access.reading("ann", TenantScope.all()));
        Map<String, String> body = Map.of("id", sample.running().id(), "mode", "force", "text", "hello");

        for (String path : reader.paths()) {
            if (path.startsWith(ActionRoutes.PATH)) {
                AskedExchange refused = AskedExchange.action(path.substring(ActionRoutes.PATH.length()), body)
                        .askedOf(reader);

                assertThat(refused.status()).as(path).isEqualTo(403);
                assertThat(refused.code()).isEqualTo("not-allowed");
            }
        }
        assertThat(store.runs().get(sample.running().id()).status()).isEqualTo(RunStatus.RUNNING);
        assertThat(asked("/api/me").json().get("actions")).hasSize(Action.values().length);
        assertThat(AskedExchange.get("/api/me").askedOf(reader).json().get("actions"))
                .isEmpty();
    }

    @Test
    void a_cancel_does_not_allow_force() throws IOException {
        Console canceller = console(new Access("ann", TenantScope.all(), EnumSet.of(Action.CANCEL)));
        Map<String, String> force = Map.of("id", sample.running().id(), "mode", "force");
        Map<String, String> ask = Map.of("id", sample.running().id(), "mode", "graceful", "reason", "too late");

        assertThat(AskedExchange.action("cancel-run", force).askedOf(canceller).status())
                .isEqualTo(403);
        assertThat(AskedExchange.action("cancel-run", ask).askedOf(canceller).status())
                .isEqualTo(200);
        assertThat(store.runs().get(sample.running().id()).cancelRequest())
                .isNotNull()
                .matches(request -> request.reason().equals("too late (ann, in the console)"));
    }

    @Test
    void a_run_is_ended_by_force_and_a_task_is_cancelled() throws IOException {
        AskedExchange.action("cancel-run", Map.of("id", sample.running().id(), "mode", "force"))
                .askedOf(console);
        AskedExchange.action("cancel-task", Map.of("id", sample.due().id(), "mode", "graceful"))
                .askedOf(console);

        assertThat(store.runs().get(sample.running().id()).status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(store.queue().get(sample.due().id()).state()).isEqualTo(TaskState.CANCELLED);
    }

    @Test
    void a_task_that_has_failed_is_tried_again_once() throws IOException {
        Map<String, String> retry = Map.of("id", sample.broken().id(), "key", "k-1");

        AskedExchange.action("retry", retry).askedOf(console);
        AskedExchange again = AskedExchange.action("retry", retry).askedOf(console);

        assertThat(again.status()).isEqualTo(200);
        assertThat(store.queue().get(sample.broken().id()).state()).isEqualTo(TaskState.PENDING);
        assertThat(AskedExchange.action("retry", Map.of("id", sample.due().id()))
                        .askedOf(console)
                        .status())
                .isEqualTo(409);
    }

    @Test
    void a_question_is_shown_and_answered_in_the_name_of_who_asks() throws IOException {
        Question question = store.questions()
                .ask(
                        sample.live(),
                        NewQuestion.of("Keep the old test?")
                                .withOptions(List.of(
                                        QuestionOption.of("keep", "Keep it"), QuestionOption.of("drop", "Drop it"))));

        assertThat(asked("/api/questions").json().at("/items/0/content/text").asText())
                .isEqualTo("Keep the old test?");
        AskedExchange.action("answer", Map.of("id", question.id(), "option", "keep"))
                .askedOf(console);

        assertThat(asked("/api/questions").json().get("items")).isEmpty();
        assertThat(store.questions().get(question.id()).end())
                .isNotNull()
                .matches(end -> "ann".equals(end.answeredBy()))
                .matches(end -> Reply.option("keep").equals(end.reply()));
    }

    @Test
    void an_agent_is_steered_once_however_often_it_is_sent() throws IOException {
        Map<String, String> steer = Map.of(
                "id",
                sample.running().id(),
                "text",
                "rather so",
                "turn",
                sample.turn().id(),
                "key",
                "k-1");

        AskedExchange.action("steer", steer).askedOf(console);
        AskedExchange.action("steer", steer).askedOf(console);

        assertThat(store.commands().list(sample.running().id(), 0, 10).items())
                .filteredOn(command -> command.type() == CommandType.STEER)
                .singleElement()
                .matches(command -> command.payload().string("prompt").equals(Optional.of("rather so")));
    }

    @Test
    void the_doctor_is_for_those_who_see_all_tenants() throws IOException {
        JsonNode found =
                AskedExchange.action("doctor", Map.of()).askedOf(console).json();
        AskedExchange refused =
                AskedExchange.action("doctor", Map.of()).askedOf(console(Access.everything("ann", ACME)));

        assertThat(found.get("findings")).isEmpty();
        assertThat(found.get("runs").asInt()).isEqualTo(5);
        assertThat(refused.status()).isEqualTo(403);
    }

    @Test
    void an_action_without_the_header_of_the_page_or_without_json_is_refused() throws IOException {
        byte[] body =
                Json.MAPPER.writeValueAsBytes(Map.of("id", sample.running().id(), "mode", "force"));
        List<AskedExchange> forged = List.of(
                AskedExchange.of("POST", "/api/do/cancel-run").body(body),
                AskedExchange.of("POST", "/api/do/cancel-run")
                        .header("Content-Type", "application/json")
                        .body(body),
                AskedExchange.of("POST", "/api/do/cancel-run")
                        .header(Console.ACTION_HEADER, "1")
                        .header("Content-Type", "text/plain")
                        .body(body));

        for (AskedExchange exchange : forged) {
            assertThat(exchange.askedOf(console).status()).isEqualTo(403);
        }
        assertThat(store.runs().get(sample.running().id()).status()).isEqualTo(RunStatus.RUNNING);
    }
}
