package io.agentrun.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandType;
import io.agentrun.command.NewCommand;
import io.agentrun.error.StateConflictException;
import io.agentrun.event.EventPage;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionOption;
import io.agentrun.question.QuestionResult;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Holds docs/questions.md against the programs that it quotes, and these against a store. */
class QuestionGuideTest {

    private static final Path GUIDE = Path.of("..", "docs", "questions.md");
    private static final Path SOURCES = Path.of("src", "test", "java", "io", "agentrun", "tck");

    // begin: ask
    /** Asks, and waits for what becomes of it; null if the run is to end first. The lease is kept by heartbeats of another thread. */
    static @Nullable QuestionResult ask(AgentRunStore store, RunLease lease, NewQuestion question) {
        Question asked = store.questions().ask(lease.fence(), question);
        if (asked.state().terminal()) {
            return QuestionResult.of(asked); // It was asked before, under its key.
        }
        while (true) {
            CommandDelivery delivery = store.commands().await(lease.fence(), 10, Duration.ofMinutes(1));
            if (delivery.signal() != LeaseSignal.CONTINUE) {
                return null; // The lease is lost, or somebody has cancelled the run.
            }
            for (Command command : delivery.commands()) {
                if (command.type() == CommandType.ANSWER) {
                    store.commands().acknowledge(lease.fence(), command.id());
                    QuestionResult result = QuestionResult.parse(command.payload());
                    store.commands().finish(lease.fence(), command.id(), TurnResult.of(Outcome.completed()));
                    if (result.questionId().equals(asked.id())) {
                        return result;
                    }
                }
            }
        }
    }
    // end: ask

    @Test
    void the_guide_quotes_what_is_tested_here() throws IOException {
        String guide = Files.readString(GUIDE);

        assertThat(guide)
                .contains(quoted("QuestionGuideTest.java", "ask"))
                .contains(quoted("ApprovalPage.java", "page"));
    }

    private static String quoted(String file, String name) throws IOException {
        String source = Files.readString(SOURCES.resolve(file));
        int from = source.indexOf("// begin: " + name + "\n");
        int to = source.indexOf("    // end: " + name + "\n");
        return source.substring(source.indexOf('\n', from) + 1, to)
                .stripTrailing()
                .stripIndent();
    }

    @Test
    void a_person_answers_on_the_page_what_an_agent_has_asked() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Owner owner = new Owner("acme", "web");
            Run run = store.runs()
                    .create(NewRun.builder(owner, RunSpec.of(BackendProfile.CODEX))
                            .build());
            Command turn = store.commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "tidy up")));
            RunLease lease = store.leases().claim(run.id(), "runner-a", Duration.ofMinutes(5));
            store.commands().acknowledge(lease.fence(), turn.id());
            NewQuestion question = NewQuestion.of("Delete <build>?")
                    .withOptions(List.of(QuestionOption.of("yes", "Yes"), QuestionOption.of("no", "No")))
                    .withIdempotencyKey("delete");
            Question asked = store.questions().ask(lease.fence(), question);
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            new ApprovalPage(store, exchange -> TenantScope.tenant("acme"), exchange -> "ann").on(server);
            server.start();
            try {
                URI page = URI.create("http://localhost:" + server.getAddress().getPort() + "/");
                HttpResponse<String> shown = send(HttpRequest.newBuilder(page).build());
                HttpRequest answer = HttpRequest.newBuilder(page)
                        .POST(HttpRequest.BodyPublishers.ofString("id=" + asked.id() + "&option=yes"))
                        .build();
                HttpResponse<String> answered = send(answer);
                HttpResponse<String> other = send(HttpRequest.newBuilder(page)
                        .POST(HttpRequest.BodyPublishers.ofString("id=" + asked.id() + "&option=no"))
                        .build());

                assertThat(shown.body()).contains("Delete &lt;build>?").contains("value=\"yes\"");
                assertThat(answered.statusCode()).isEqualTo(200);
                assertThat(answered.body()).doesNotContain("Delete");
                assertThat(other.statusCode()).isEqualTo(409);
                assertThat(ask(store, lease, question))
                        .isEqualTo(new QuestionResult(
                                asked.id(), "delete", QuestionState.ANSWERED, Reply.option("yes"), "ann"));
            } finally {
                server.stop(0);
            }
        }
    }

    @Test
    void who_asks_gets_the_answer_that_is_given_later() {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Run run = store.runs()
                    .create(NewRun.builder(new Owner("acme", "web"), RunSpec.of(BackendProfile.CODEX))
                            .build());
            Command turn = store.commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "tidy up")));
            RunLease lease = store.leases().claim(run.id(), "runner-a", Duration.ofMinutes(5));
            store.commands().acknowledge(lease.fence(), turn.id());

            Future<Race.Finish<QuestionResult>> asking =
                    Race.background(() -> ask(store, lease, NewQuestion.of("which one?")));
            EventPage page = store.events().await(run.id(), 3, 10, Duration.ofMinutes(1));
            String id = page.items().get(0).payload().string("questionId").orElseThrow();
            store.questions().answer(id, Reply.text("this"), "ann");

            QuestionResult result = Race.await(asking).value();
            assertThat(result)
                    .isEqualTo(new QuestionResult(id, null, QuestionState.ANSWERED, Reply.text("this"), "ann"));
            store.runs().cancel(run.id(), "no more");
            NewQuestion late = NewQuestion.of("and now?");
            assertThatExceptionOfType(StateConflictException.class).isThrownBy(() -> ask(store, lease, late));
        }
    }

    private static HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }
}
