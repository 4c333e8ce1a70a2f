package io.agentrun.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.error.FailureKind;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Codex and Claude Code, whose parts are played by scripts that print what the programs print. */
@Timeout(120)
class RealAgentsTest {

    private static final String CODEX = """
            #!/bin/sh
            prompt=$(cat); args="$*"; thread=th_1
            while [ $# -gt 0 ]; do [ "$1" = resume ] && thread=$2; shift; done
            printf '%s\\n' "{\\"type\\":\\"thread.started\\",\\"thread_id\\":\\"$thread\\"}" '{"type":"turn.started"}'
            case $prompt in
            silent) exit 0 ;;
            fail)
              printf '%s\\n' '{"type":"error","message":"stream lost"}' \\
                '{"type":"turn.failed","error":{"message":"no more credit"}}'
              exit 1 ;;
            esac
            printf '%s\\n' \\
              '{"type":"item.completed","item":{"id":"item_0","type":"reasoning","text":"let me see"}}' \\
              '{"type":"item.started","item":{"id":"item_1","type":"command_execution","command":"ls","aggregated_output":"","exit_code":null,"status":"in_progress"}}' \\
              '{"type":"item.completed","item":{"id":"item_1","type":"command_execution","command":"ls","aggregated_output":"a\\nb\\n","exit_code":0,"status":"completed"}}' \\
              '{"type":"item.completed","item":{"id":"item_2","type":"file_change","changes":[{"path":"a","kind":"update"}],"status":"completed"}}' \\
              '{"type":"item.completed","item":{"id":"item_3","type":"hologram","depth":3}}' \\
              '{"type":"weather.changed","sky":"blue"}' \\
              'not json at all'
            echo 'a warning' >&2
            printf '%s\\n' "{\\"type\\":\\"item.completed\\",\\"item\\":{\\"id\\":\\"item_4\\",\\"type\\":\\"agent_message\\",\\"text\\":\\"$args: $prompt\\"}}" \\
              '{"type":"turn.completed","usage":{"input_tokens":100,"cached_input_tokens":20,"output_tokens":5}}'
            """;

    private static final String CLAUDE = """
            #!/bin/sh
            prompt=$(cat); args="$*"; session=s_1
            while [ $# -gt 0 ]; do [ "$1" = --resume ] && session=$2; shift; done
            printf '%s\\n' "{\\"type\\":\\"system\\",\\"subtype\\":\\"init\\",\\"session_id\\":\\"$session\\",\\"model\\":\\"m\\"}"
            case $prompt in
            fail)
              printf '%s\\n' "{\\"type\\":\\"result\\",\\"subtype\\":\\"success\\",\\"is_error\\":true,\\"result\\":\\"overloaded\\",\\"session_id\\":\\"$session\\"}"
              exit 0 ;;
            esac
            printf '%s\\n' \\
              '{"type":"assistant","message":{"content":[{"type":"thinking","thinking":"let me see"},{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}}]}}' \\
              '{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"a\\nb"}]}]}}' \\
              '{"type":"stream_gossip","said":"nothing"}' \\
              "{\\"type\\":\\"assistant\\",\\"message\\":{\\"content\\":[{\\"type\\":\\"text\\",\\"text\\":\\"$args: $prompt\\"}]}}" \\
              "{\\"type\\":\\"result\\",\\"subtype\\":\\"success\\",\\"is_error\\":false,\\"result\\":\\"done\\",\\"session_id\\":\\"$session\\",\\"num_turns\\":2}"
            """;

    @TempDir
    Path directory;

    private Agents agents(AgentRunStore store, AgentOption.Kind kind, String script, String tasks) throws IOException {
        Path program = Files.writeString(directory.resolve(kind.word()), script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        AgentOption agent = new AgentOption(kind, program.toString(), List.of("--quiet"));
        return new Agents(
                store, directory, tasks, Options.defaults().withTail(null).withAgent(agent));
    }

    private static List<String> told(AgentRunStore store, Run run) {
        return store.events().list(run.id(), 0, 500).items().stream()
                .filter(event -> event.type() != EventType.TERMINAL_STATUS)
                .filter(event ->
                        event.type() != EventType.BACKEND_STATUS || phase(event).startsWith("agent-"))
                .map(RealAgentsTest::words)
                .toList();
    }

    private static String phase(RunEvent event) {
        return event.payload().string("phase").orElse("");
    }

    private static String words(RunEvent event) {
        String what = event.payload()
                .string("text")
                .or(() -> event.payload().string("tool"))
                .or(() -> event.payload().list("changes").map(Object::toString))
                .orElse("");
        String kind = event.type() == EventType.BACKEND_STATUS
                ? phase(event)
                : event.type().wire();
        return (kind + " " + what).strip();
    }

    @Test
    void what_codex_tells_becomes_events_and_what_is_not_understood_is_kept() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Agents agents = agents(store, AgentOption.Kind.CODEX, CODEX, """
                    {"title": "one", "prompt": "fix it", "session": "s"}
                    """);

            assertThat(agents.run()).isZero();

            List<String> told = told(store, agents.runs("one").get(0));
            assertThat(told).contains("command_output a warning");
            assertThat(told)
                    .filteredOn(words -> !words.equals("command_output a warning"))
                    .containsExactly(
                            "agent-thread",
                            "agent-turn",
                            "agent-reasoning let me see",
                            "tool_call shell",
                            "command_output a",
                            "command_output b",
                            "tool_call shell",
                            "diff [{kind=update, path=a}]",
                            "command_output {\"type\":\"item.completed\",\"item\":{\"id\":\"item_3\",\"type\":\"hologram\",\"depth\":3}}",
                            "command_output {\"type\":\"weather.changed\",\"sky\":\"blue\"}",
                            "command_output not json at all",
                            "assistant_message exec --json --quiet -: fix it",
                            "agent-usage");
            assertThat(store.sessions().get("s").thread().threadId()).isEqualTo("th_1");
        }
    }

    @Test
    void the_next_task_of_a_session_resumes_the_thread() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Agents agents = agents(store, AgentOption.Kind.CODEX, CODEX, """
                    {"title": "one", "prompt": "first", "session": "s"}
                    {"title": "two", "prompt": "second", "session": "s"}
                    """);

            assertThat(agents.run()).isZero();

            assertThat(told(store, agents.runs("one").get(0)))
                    .contains("assistant_message exec --json --quiet -: first");
            assertThat(told(store, agents.runs("two").get(0)))
                    .contains("assistant_message exec --json --quiet resume th_1 -: second");
        }
    }

    @Test
    void a_turn_that_codex_calls_failed_or_does_not_end_fails() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Agents agents = agents(store, AgentOption.Kind.CODEX, CODEX, """
                    {"title": "bad", "prompt": "fail"}
                    {"title": "mute", "prompt": "silent"}
                    """);

            assertThat(agents.run()).isEqualTo(1);

            assertThat(agents.task("bad").outcome()).isNotNull();
            assertThat(agents.task("bad").outcome().message()).isEqualTo("no more credit");
            assertThat(agents.task("bad").outcome().failureKind()).isEqualTo(FailureKind.BACKEND_FAILED);
            assertThat(told(store, agents.runs("bad").get(0))).contains("error stream lost", "error no more credit");
            assertThat(agents.task("mute").outcome().message()).isEqualTo("it ended without saying how");
        }
    }

    @Test
    void what_claude_tells_becomes_events_and_its_session_is_resumed() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Agents agents = agents(store, AgentOption.Kind.CLAUDE, CLAUDE, """
                    {"title": "one", "prompt": "first", "session": "s"}
                    {"title": "two", "prompt": "second", "session": "s"}
                    {"title": "bad", "prompt": "fail"}
                    """);

            assertThat(agents.run()).isEqualTo(1);

            assertThat(told(store, agents.runs("one").get(0)))
                    .containsExactly(
                            "agent-init",
                            "agent-reasoning let me see",
                            "tool_call Bash",
                            "command_output a",
                            "command_output b",
                            "command_output {\"type\":\"stream_gossip\",\"said\":\"nothing\"}",
                            "assistant_message -p --output-format stream-json --verbose --quiet: first",
                            "agent-usage");
            assertThat(told(store, agents.runs("two").get(0)))
                    .contains(
                            "assistant_message -p --output-format stream-json --verbose --quiet --resume s_1: second");
            assertThat(agents.task("bad").outcome().message()).isEqualTo("overloaded");
        }
    }

    @Test
    void a_program_that_is_not_there_fails_its_task_and_says_so() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            AgentOption agent = new AgentOption(
                    AgentOption.Kind.CODEX, directory.resolve("none").toString(), List.of());
            Agents agents = new Agents(
                    store, directory, """
                    {"title": "one", "prompt": "first"}
                    """, Options.defaults().withTail(null).withAgent(agent));

            assertThat(agents.run()).isEqualTo(1);

            assertThat(agents.task("one").state()).isEqualTo(TaskState.FAILED);
            assertThat(agents.task("one").outcome().message()).contains("127");
        }
    }
}
