package io.agentrun.example.agent;

import java.util.ArrayList;
import java.util.List;

/**
 * Processes that Ctrl-C does not reach. It reaches every process of the terminal; what we started shall end by our word, so that its
 * run is given back and not reported as failed. What ignores a signal hands that on to its children.
 */
final class Shielded {
    private static final List<String> SHIELD = List.of("sh", "-c", "trap '' INT; exec \"$@\"", "sh");

    private Shielded() {}

    /** Returns the builder of a process that runs the program. */
    static ProcessBuilder process(String... program) {
        return process(List.of(program));
    }

    /** Returns the builder of a process that runs the program. */
    static ProcessBuilder process(List<String> program) {
        List<String> command = new ArrayList<>(SHIELD);
        command.addAll(program);
        return new ProcessBuilder(command);
    }
}
