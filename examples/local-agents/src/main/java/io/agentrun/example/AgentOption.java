package io.agentrun.example;

import io.agentrun.example.agent.Claude;
import io.agentrun.example.agent.Codex;
import io.agentrun.example.agent.CommandLines;
import io.agentrun.model.BackendProfile;
import io.agentrun.worker.Agent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What works on the tasks, as {@code --agent} names it.
 *
 * <p>Immutable.
 *
 * @param kind which agent
 * @param path its program; null for the one of its name on the PATH
 * @param arguments further arguments for it
 */
record AgentOption(Kind kind, @Nullable String path, List<String> arguments) {

    /** The options that are read here. */
    static final Set<String> NAMES = Set.of("--agent", "--agent-path", "--agent-arg");

    /** The agents. Immutable. */
    enum Kind {
        /** A command line in a shell, in place of an agent. */
        COMMAND("command", "local-process"),
        CODEX("prompt", "codex"),
        CLAUDE("prompt", "claude");

        private final String work;
        private final String backend;

        Kind(String work, String backend) {
            this.work = work;
            this.backend = backend;
        }

        /** The field of a task that says what is to be done. */
        String work() {
            return work;
        }

        /** The backend of its runs, by which its worker knows them. */
        BackendProfile backend() {
            return BackendProfile.of(backend);
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    AgentOption {
        arguments = List.copyOf(arguments);
    }

    static AgentOption commandLines() {
        return new AgentOption(Kind.COMMAND, null, List.of());
    }

    /** The same with one of {@link #NAMES} set. */
    AgentOption with(String option, String value) {
        return switch (option) {
            case "--agent" -> new AgentOption(kind(value), path, arguments);
            case "--agent-path" -> new AgentOption(kind, value, arguments);
            case "--agent-arg" -> {
                List<String> more = new ArrayList<>(arguments);
                more.add(value);
                yield new AgentOption(kind, path, more);
            }
            default -> throw new IllegalArgumentException(option);
        };
    }

    private static Kind kind(String text) {
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.word().equals(text))
                .findFirst()
                .orElseThrow(() -> new UsageException("--agent must be command, codex or claude, not '" + text + "'"));
    }

    /**
     * Checks that no program is named for command lines, which a shell runs.
     *
     * @throws UsageException if one is
     */
    void requireConsistent() {
        if (kind == Kind.COMMAND && !equals(commandLines())) {
            throw new UsageException("--agent-path and --agent-arg go with --agent codex and --agent claude alone");
        }
    }

    /** Returns the agent. */
    Agent open() {
        String program = path == null ? kind.word() : path;
        return switch (kind) {
            case COMMAND -> CommandLines.agent();
            case CODEX -> Codex.agent(program, arguments);
            case CLAUDE -> Claude.agent(program, arguments);
        };
    }
}
