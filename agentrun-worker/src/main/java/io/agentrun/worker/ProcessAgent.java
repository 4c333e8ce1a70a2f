package io.agentrun.worker;

import io.agentrun.check.Require;
import io.agentrun.error.FailureKind;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.worker.stream.LineReceiver;
import io.agentrun.worker.stream.OutputText;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Works on each turn with a process of this machine: starts the program, passes its output on, and ends the turn as the program ended.
 *
 * <p>The output becomes {@code command_output} events, a line each, or what an {@link AgentProtocol} makes of it. Standard error is
 * stored as output, unless the builder of the process redirects it. Standard input is the given text and then its end; without a text
 * it is empty. A program that cannot be started fails the turn with {@code infra-failed}, and an {@code error} event says why. Steers
 * are not passed on: they end with the turn.
 *
 * <p>Immutable. Program, input and protocol are called for several turns at once.
 */
public final class ProcessAgent implements Agent {

    /** Longer lines come to a protocol's turn as plain output, in pieces. */
    private static final OutputText PROTOCOL_LINES = OutputText.standard().withMaxLine(1_000_000);

    /** Says how the process of a turn is started. */
    @FunctionalInterface
    public interface Program {

        /**
         * Returns the command with its environment and directory.
         *
         * @throws IOException if there can be none; the message is for people
         */
        ProcessBuilder of(Turn turn) throws IOException;
    }

    private final Program program;
    private final @Nullable Function<Turn, String> input;
    private final @Nullable Function<Turn, AgentProtocol> protocol;

    private ProcessAgent(
            Program program, @Nullable Function<Turn, String> input, @Nullable Function<Turn, AgentProtocol> protocol) {
        this.program = program;
        this.input = input;
        this.protocol = protocol;
    }

    /**
     * An agent that runs the program, with an empty standard input.
     *
     * @throws io.agentrun.error.InvalidInputException if it is null
     */
    public static ProcessAgent of(Program program) {
        return new ProcessAgent(Require.given("program", program), null, null);
    }

    /**
     * The same whose process gets a text as its standard input, in UTF-8; for prompts, which may be longer than a command line, and
     * which a list of processes would show.
     *
     * @throws io.agentrun.error.InvalidInputException if it is null
     */
    public ProcessAgent withInput(Function<Turn, String> value) {
        return new ProcessAgent(program, Require.given("input", value), protocol);
    }

    /**
     * The same whose process writes lines that the protocol understands, one protocol for each turn. A line of more than a million
     * chars is stored as plain output.
     *
     * @throws io.agentrun.error.InvalidInputException if it is null
     */
    public ProcessAgent withProtocol(Function<Turn, AgentProtocol> value) {
        return new ProcessAgent(program, input, Require.given("protocol", value));
    }

    @Override
    public TurnResult run(Turn turn) throws Exception {
        Process process;
        try {
            process = turn.start(program.of(turn));
        } catch (IOException e) {
            String why = "cannot be started: " + e.getMessage();
            turn.events().write(new NewEvent(EventType.ERROR, JsonObject.of("text", why)));
            return TurnResult.of(Outcome.failed(FailureKind.INFRA_FAILED, why));
        }
        turn.output(process.getErrorStream());
        AgentProtocol understood = protocol == null ? null : protocol.apply(turn);
        if (understood == null) {
            turn.output(process.getInputStream());
        } else {
            turn.lines(process, PROTOCOL_LINES, receiver(turn, understood));
        }
        feed(process, input == null ? "" : input.apply(turn));
        TurnResult exit = turn.exit(process);
        return understood == null ? exit : understood.result(exit);
    }

    private static LineReceiver receiver(Turn turn, AgentProtocol protocol) {
        return (line, whole) -> {
            if (whole) {
                protocol.line(line);
            } else {
                turn.events().line(line);
            }
        };
    }

    /** Writes to the standard input and closes it. */
    private static void feed(Process process, String text) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It has closed its input or ended without reading it: how it ends says whether it needed the rest.
        }
    }
}
