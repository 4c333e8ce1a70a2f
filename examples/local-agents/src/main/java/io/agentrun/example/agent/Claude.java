package io.agentrun.example.agent;

import io.agentrun.event.EventType;
import io.agentrun.json.JsonObject;
import io.agentrun.worker.Agent;
import io.agentrun.worker.ProcessAgent;
import io.agentrun.worker.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Claude Code in its non-interactive mode, {@code claude -p --output-format stream-json}: one conversation for each session, resumed by
 * its id.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Claude extends Transcript {

    private Claude(Turn turn) {
        super(turn);
    }

    /**
     * The agent; it gets the prompt as its standard input.
     *
     * @param program the name of the program, or its path
     * @param arguments further ones, such as what tools it may use
     */
    public static Agent agent(String program, List<String> arguments) {
        return ProcessAgent.of(turn -> Shielded.process(command(program, arguments, Threads.of(turn))))
                .withInput(Turn::prompt)
                .withProtocol(Claude::new);
    }

    private static List<String> command(String program, List<String> arguments, Optional<String> thread) {
        List<String> command = new ArrayList<>(List.of(program, "-p", "--output-format", "stream-json", "--verbose"));
        command.addAll(arguments);
        thread.ifPresent(id -> command.addAll(List.of("--resume", id)));
        return command;
    }

    @Override
    boolean take(String type, JsonObject line) throws InterruptedException {
        switch (type) {
            case "system" -> {
                thread(line.string("session_id").orElse(null));
                status("agent-" + line.string("subtype").orElse("system"), line.without("type"));
                return true;
            }
            case "assistant", "user" -> {
                return message(line.object("message").orElse(JsonObject.empty()));
            }
            case "result" -> {
                result(line);
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    /** Takes the blocks of a message; one of which nothing is understood is not understood. */
    private boolean message(JsonObject message) throws InterruptedException {
        boolean understood = false;
        for (JsonObject block : objects(message, "content")) {
            understood |= block(block);
        }
        return understood;
    }

    private boolean block(JsonObject block) throws InterruptedException {
        switch (block.string("type").orElse("")) {
            case "text" -> say(block.string("text").orElse(""));
            case "thinking" ->
                status(
                        "agent-reasoning",
                        JsonObject.of("text", block.string("thinking").orElse("")));
            case "tool_use" ->
                write(
                        EventType.TOOL_CALL,
                        block.without("type").with("tool", block.string("name").orElse("")));
            case "tool_result" -> output(content(block));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The content of a tool's result: a text, or blocks of which some are texts. */
    private static String content(JsonObject result) {
        Optional<String> text = result.string("content");
        if (text.isPresent()) {
            return text.get();
        }
        StringBuilder texts = new StringBuilder();
        objects(result, "content")
                .forEach(block -> block.string("text")
                        .ifPresent(part -> texts.append(part).append('\n')));
        return texts.toString();
    }

    /** A call that the service refused comes as {@code success} too, with {@code is_error}. */
    private void result(JsonObject line) throws InterruptedException {
        thread(line.string("session_id").orElse(null));
        String subtype = line.string("subtype").orElse("");
        if (subtype.equals("success") && !line.bool("is_error").orElse(false)) {
            completed();
        } else {
            failed(line.string("result").orElse(null), subtype);
        }
        status("agent-usage", line.without("type").without("result"));
    }
}
