package io.agentrun.example;

import java.nio.file.Path;
import java.util.List;

/**
 * A file of tasks that cannot be used, with every reason.
 *
 * <p>Immutable.
 */
public final class BadTaskFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // made by List.copyOf, which is serialisable
    private final List<String> problems;

    BadTaskFileException(Path file, List<String> problems) {
        super(file + " has " + (problems.size() == 1 ? "a problem" : problems.size() + " problems"));
        this.problems = List.copyOf(problems);
    }

    /** What is wrong, a line for each, in the order of the file. */
    public List<String> problems() {
        return problems;
    }
}
