package io.agentrun.tck;

import io.agentrun.json.JsonObject;
import io.agentrun.question.QuestionContent;
import io.agentrun.question.QuestionResult;
import io.agentrun.question.Reply;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A run as a task of the Model Context Protocol, and its questions as elicitations in form mode. */
final class McpTasks {

    private static final String OPTION = "option";

    private McpTasks() {}

    /** Returns status and status message; the message is the run's own status, so that nothing is lost. */
    static JsonObject task(Run run) {
        return JsonObject.of(
                "taskId",
                run.id(),
                "status",
                status(run),
                "statusMessage",
                run.status().wire());
    }

    private static String status(Run run) {
        return switch (run.status()) {
            case PENDING, CLAIMED, RUNNING -> run.openQuestions() > 0 ? "input_required" : "working";
            case WAITING -> "input_required";
            case COMPLETED -> "completed";
            case FAILED, BLOCKED -> "failed";
            case CANCELLED -> "cancelled";
        };
    }

    /** Returns the run's status that a task tells. */
    static RunStatus status(JsonObject task) {
        return RunStatus.fromWire("statusMessage", task.string("statusMessage").orElse(null));
    }

    /** Returns the parameters of {@code elicitation/create} for a question. */
    static JsonObject elicitation(QuestionContent question) {
        return JsonObject.of("message", question.text(), "requestedSchema", schema(question));
    }

    private static JsonObject schema(QuestionContent question) {
        if (question.options().isEmpty()) {
            JsonObject given = question.schema();
            return given == null ? object("text", Map.of("type", "string")) : given;
        }
        List<Map<String, String>> choices = question.options().stream()
                .map(option -> Map.of("const", option.id(), "title", option.title()))
                .toList();
        return object(OPTION, Map.of("type", "string", "oneOf", choices));
    }

    private static JsonObject object(String name, Map<String, ?> property) {
        return JsonObject.of("type", "object", "properties", Map.of(name, property), "required", List.of(name));
    }

    /** Returns the answer in the result of an elicitation; empty for {@code cancel}: the question stays open. */
    static Optional<Reply> reply(QuestionContent question, JsonObject result) {
        return switch (result.string("action").orElse("")) {
            case "accept" ->
                Optional.of(accepted(question, result.object("content").orElse(JsonObject.empty())));
            case "decline" -> Optional.of(Reply.declined());
            default -> Optional.empty();
        };
    }

    private static Reply accepted(QuestionContent question, JsonObject content) {
        if (question.options().isEmpty()) {
            return Reply.content(content);
        }
        JsonObject rest = content.without(OPTION);
        return Reply.option(content.string(OPTION).orElse("")).withContent(rest.isEmpty() ? null : rest);
    }

    /** Returns the result of an elicitation for a question that has ended. */
    static JsonObject result(QuestionResult ended) {
        Reply reply = ended.reply();
        if (reply == null) {
            return JsonObject.of("action", "cancel");
        }
        return reply.isDeclined()
                ? JsonObject.of("action", "decline")
                : JsonObject.of("action", "accept", "content", content(reply));
    }

    private static JsonObject content(Reply reply) {
        JsonObject content = reply.content() == null ? JsonObject.empty() : reply.content();
        return reply.optionId() == null ? content : content.with(OPTION, reply.optionId());
    }

    /** Returns the question that an elicitation of somebody else's server asks; the whole request goes with it. */
    static QuestionContent question(JsonObject elicitation) {
        return new QuestionContent(
                elicitation.string("message").orElse("?"),
                List.of(),
                elicitation.object("requestedSchema").orElse(null),
                null,
                null,
                JsonObject.of("mcp", elicitation));
    }

    /** Returns the request that a question was made of; null if it was made of none. */
    static @Nullable JsonObject request(QuestionContent question) {
        return question.metadata().object("mcp").orElse(null);
    }
}
