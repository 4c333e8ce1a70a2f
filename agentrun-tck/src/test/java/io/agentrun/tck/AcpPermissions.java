package io.agentrun.tck;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.json.JsonObject;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.QuestionContent;
import io.agentrun.question.QuestionOption;
import io.agentrun.question.QuestionResult;
import io.agentrun.question.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The permissions that an agent asks for in the Agent Client Protocol ({@code session/request_permission}), as questions. */
final class AcpPermissions {

    private AcpPermissions() {}

    /** Returns the question that a request asks. Its metadata is the whole request, its key the id of the tool call. */
    static NewQuestion question(JsonObject request) {
        JsonObject call = request.object("toolCall").orElse(JsonObject.empty());
        String id = call.string("toolCallId").orElse("tool call");
        QuestionContent content = new QuestionContent(
                call.string("title").orElse(id), options(request), null, null, null, JsonObject.of("acp", request));
        return NewQuestion.of(content.text()).with(content).withIdempotencyKey(id);
    }

    private static List<QuestionOption> options(JsonObject request) {
        List<QuestionOption> options = new ArrayList<>();
        for (JsonNode each : request.toJsonNode().path("options")) {
            JsonObject option = JsonObject.from(each);
            options.add(QuestionOption.of(
                            option.string("optionId").orElse(""),
                            option.string("name").orElse(""))
                    .withKind(option.string("kind").orElse(null)));
        }
        return options;
    }

    /** Returns the request that a question was made of. */
    static JsonObject request(QuestionContent question) {
        return question.metadata().object("acp").orElseThrow();
    }

    /** Returns the response to the agent for what became of its question. */
    static JsonObject response(QuestionContent question, QuestionResult result) {
        Reply reply = result.reply();
        String option = reply == null ? null : reply.isDeclined() ? refusal(question) : reply.optionId();
        return JsonObject.of(
                "outcome",
                option == null
                        ? JsonObject.of("outcome", "cancelled")
                        : JsonObject.of("outcome", "selected", "optionId", option));
    }

    /** Whoever declines refuses, once, where the agent offers it. */
    private static @Nullable String refusal(QuestionContent question) {
        return question.options().stream()
                .filter(option -> "reject_once".equals(option.kind()))
                .map(QuestionOption::id)
                .findFirst()
                .orElse(null);
    }

    /** Returns the answer that a response gives; empty for {@code cancelled}: the question is withdrawn. */
    static Optional<Reply> reply(JsonObject response) {
        JsonObject outcome = response.object("outcome").orElse(JsonObject.empty());
        return outcome.string("optionId").map(Reply::option);
    }
}
