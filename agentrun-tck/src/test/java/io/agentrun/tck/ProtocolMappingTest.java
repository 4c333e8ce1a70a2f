package io.agentrun.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TerminalStatus;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.QuestionContent;
import io.agentrun.question.QuestionOption;
import io.agentrun.question.QuestionResult;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Holds the tables of docs/questions.md about other protocols against mappings that lose nothing. */
class ProtocolMappingTest {

    private static final QuestionContent CHOICE = new QuestionContent(
            "Delete build/?",
            List.of(QuestionOption.of("yes", "Yes"), QuestionOption.of("no", "No")),
            null,
            null,
            null,
            JsonObject.empty());

    private static final JsonObject PERMISSION = JsonObject.parse("""
            {"sessionId": "sess_1", "_meta": {"trace": "t"},
             "toolCall": {"toolCallId": "call_1", "title": "Delete build/", "kind": "delete",
                          "rawInput": {"path": "build"}, "locations": [{"path": "/work/build", "line": 3}]},
             "options": [{"optionId": "once", "name": "Allow once", "kind": "allow_once"},
                         {"optionId": "always", "name": "Always allow", "kind": "allow_always", "_meta": {"a": 1}},
                         {"optionId": "no", "name": "Reject", "kind": "reject_once"}]}
            """);

    private static Run run(RunStatus status, int openQuestions) {
        return Run.builder("run_1", new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                .status(status)
                .outcome(status.terminal() ? outcome(status) : null)
                .openQuestions(openQuestions)
                .createdAt(Instant.EPOCH)
                .build();
    }

    private static Outcome outcome(RunStatus status) {
        return new Outcome(TerminalStatus.fromWire("status", status.wire()), null, null);
    }

    private static List<String> table(String heading) throws IOException {
        String guide = Files.readString(Path.of("..", "docs", "questions.md"));
        String table = guide.substring(guide.indexOf("\n| " + heading + " |") + 1);
        return Pattern.compile("(?m)^\\| `[^\\n]*\\|$")
                .matcher(table.substring(0, table.indexOf("\n\n")))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    private static QuestionResult ended(QuestionState state, @Nullable Reply reply) {
        return new QuestionResult("qst_1", null, state, reply, null);
    }

    @Test
    void a_run_is_a_task_of_mcp_and_the_task_tells_the_run_s_own_status() throws IOException {
        List<String> rows = new ArrayList<>();
        for (RunStatus status : RunStatus.values()) {
            JsonObject task = McpTasks.task(run(status, 0));
            rows.add("| `" + status.wire() + "` | `" + task.string("status").orElseThrow() + "` |");
            assertThat(McpTasks.status(task)).isEqualTo(status);
            if (!status.terminal()) {
                assertThat(McpTasks.task(run(status, 1)).string("status")).contains("input_required");
            }
        }

        assertThat(table("run")).isEqualTo(rows);
    }

    @Test
    void an_elicitation_is_a_question_and_its_results_are_answers() throws IOException {
        JsonObject asked = JsonObject.parse("""
                {"mode": "form", "message": "Your name?", "_meta": {"progressToken": 7},
                 "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}}}
                """);
        QuestionContent question = McpTasks.question(asked);
        JsonObject accepted = JsonObject.of("action", "accept", "content", JsonObject.of("name", "Ann"));
        List<String> rows = new ArrayList<>();
        for (JsonObject result :
                List.of(accepted, JsonObject.of("action", "decline"), JsonObject.of("action", "cancel"))) {
            QuestionResult ended = McpTasks.reply(question, result)
                    .map(reply -> ended(QuestionState.ANSWERED, reply))
                    .orElseGet(() -> ended(QuestionState.WITHDRAWN, null));
            rows.add("| `" + result.string("action").orElseThrow() + "` | `" + words(ended) + "` |");
            assertThat(McpTasks.result(ended)).isEqualTo(result);
        }

        assertThat(McpTasks.request(question)).isEqualTo(asked);
        assertThat(question.schema()).isEqualTo(asked.object("requestedSchema").orElseThrow());
        assertThat(McpTasks.result(ended(QuestionState.EXPIRED, null))).isEqualTo(JsonObject.of("action", "cancel"));
        assertThat(table("elicitation")).isEqualTo(rows);
    }

    private static String words(QuestionResult ended) {
        Reply reply = ended.reply();
        return reply == null ? "withdrawn" : reply.isDeclined() ? "answered, declined" : "answered, content";
    }

    @Test
    void a_question_with_options_is_an_elicitation_whose_result_names_one() {
        JsonObject asked = McpTasks.elicitation(CHOICE);
        JsonObject result =
                JsonObject.of("action", "accept", "content", JsonObject.of("option", "no", "why", "not now"));

        Reply reply = McpTasks.reply(CHOICE, result).orElseThrow();

        assertThat(asked.toJson()).contains("\"const\":\"yes\"").contains("Delete build/?");
        CHOICE.requireFitting("reply", reply);
        assertThat(reply).isEqualTo(Reply.option("no").withContent(JsonObject.of("why", "not now")));
        assertThat(McpTasks.result(ended(QuestionState.ANSWERED, reply))).isEqualTo(result);
        assertThat(McpTasks.elicitation(QuestionContent.of("Name?")).toJson()).contains("\"text\"");
    }

    @Test
    void a_permission_of_acp_is_a_question_and_nothing_of_the_request_is_lost() {
        NewQuestion question = AcpPermissions.question(PERMISSION);

        assertThat(question.idempotencyKey()).isEqualTo("call_1");
        assertThat(question.content().text()).isEqualTo("Delete build/");
        assertThat(question.content().options())
                .extracting(QuestionOption::id, QuestionOption::title, QuestionOption::kind)
                .contains(tuple("always", "Always allow", "allow_always"));
        assertThat(AcpPermissions.request(question.content())).isEqualTo(PERMISSION);
    }

    @Test
    void what_became_of_a_permission_is_a_response_and_back() throws IOException {
        QuestionContent question = AcpPermissions.question(PERMISSION).content();
        List<String> rows = new ArrayList<>();
        rows.add(row("answered, an option", question, ended(QuestionState.ANSWERED, Reply.option("always"))));
        rows.add(row("answered, declined", question, ended(QuestionState.ANSWERED, Reply.declined())));
        rows.add(row("expired", question, ended(QuestionState.EXPIRED, null)));
        rows.add(row("withdrawn", question, ended(QuestionState.WITHDRAWN, null)));
        for (String outcome : List.of(
                "{\"outcome\": {\"outcome\": \"selected\", \"optionId\": \"once\"}}",
                "{\"outcome\": {\"outcome\": \"cancelled\"}}")) {
            JsonObject response = JsonObject.parse(outcome);
            QuestionResult ended = AcpPermissions.reply(response)
                    .map(reply -> ended(QuestionState.ANSWERED, reply))
                    .orElseGet(() -> ended(QuestionState.WITHDRAWN, null));
            assertThat(AcpPermissions.response(question, ended)).isEqualTo(response);
        }

        assertThat(table("question")).isEqualTo(rows);
    }

    private static String row(String words, QuestionContent question, QuestionResult ended) {
        JsonObject outcome =
                AcpPermissions.response(question, ended).object("outcome").orElseThrow();
        String option = outcome.string("optionId").map(id -> " " + id).orElse("");
        return "| `" + words + "` | `" + outcome.string("outcome").orElseThrow() + option + "` |";
    }
}
