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
 * Codex in its non-interactive mode, {@code codex exec --json}: one thread for each session, resumed by its id.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Codex extends Transcript {

    private Codex(Turn turn) {
        super(turn);
    }

    /**
     * The agent; it gets the prompt as its standard input.
     *
     * @param program the name of the program, or its path
     * @param arguments further ones for {@code codex exec}, such as a sandbox
     */
    public static Agent agent(String program, List<String> arguments) {
        return ProcessAgent.of(turn -> Shielded.process(command(program, arguments, Threads.of(turn))))
                .withInput(Turn::prompt)
                .withProtocol(Codex::new);
    }

    private static List<String> command(String program, List<String> arguments, Optional<String> thread) {
        List<String> command = new ArrayList<>(List.of(program, "exec", "--json"));
        command.addAll(arguments);
        thread.ifPresent(id -> command.addAll(List.of("resume", id)));
        command.add("-");
        return command;
    }

    @Override
    boolean take(String type, JsonObject line) throws InterruptedException {
        switch (type) {
            case "thread.started" -> {
                thread(line.string("thread_id").orElse(null));
                status("agent-thread", line.without("type"));
            }
            case "turn.started" -> status("agent-turn", JsonObject.empty());
            case "turn.completed" -> {
                completed();
                status("agent-usage", line.without("type"));
            }
            case "turn.failed" ->
                failed(
                        line.object("error")
                                .flatMap(error -> error.string("message"))
                                .orElse(null),
                        "the turn failed");
            case "error" ->
                write(
                        EventType.ERROR,
                        JsonObject.of("text", line.string("message").orElse("")));
            case "item.started", "item.updated", "item.completed" -> {
                JsonObject item = line.object("item").orElse(JsonObject.empty());
                return item(item.string("type").orElse(""), item, type.substring(5));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean item(String type, JsonObject item, String step) throws InterruptedException {
        boolean completed = step.equals("completed");
        switch (type) {
            case "agent_message" -> {
                if (completed) {
                    say(item.string("text").orElse(""));
                }
            }
            case "reasoning" -> {
                if (completed) {
                    status("agent-reasoning", item.without("type"));
                }
            }
            case "command_execution" -> {
                if (completed) {
                    output(item.string("aggregated_output").orElse(""));
                }
                if (!step.equals("updated")) {
                    tool("shell", item.without("aggregated_output"));
                }
            }
            case "file_change" -> {
                if (completed) {
                    write(EventType.DIFF, item.without("type"));
                }
            }
            case "mcp_tool_call" ->
                tool(
                        item.string("server").orElse("") + "/"
                                + item.string("tool").orElse(""),
                        item);
            case "web_search" -> tool("web_search", item);
            case "todo_list" -> status("agent-plan", item.without("type"));
            case "error" ->
                write(
                        EventType.ERROR,
                        JsonObject.of("text", item.string("message").orElse("")));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void tool(String name, JsonObject item) throws InterruptedException {
        write(EventType.TOOL_CALL, item.without("type").with("tool", name));
    }
}
