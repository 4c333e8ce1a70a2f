package io.agentrun.worker.process;

import io.agentrun.check.Require;
import io.agentrun.error.FailureKind;
import io.agentrun.model.Outcome;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How a process ended.
 *
 * <p>Immutable.
 *
 * @param code its exit code, 0 or more; 128 and a signal's number if that signal ended it, as shells report it too
 */
public record ProcessExit(int code) {

    private static final int BY_SIGNAL = 128;
    private static final int LAST_SIGNAL = 64;
    private static final Map<Integer, String> NAMES = Map.of(
            1, "SIGHUP", 2, "SIGINT", 3, "SIGQUIT", 4, "SIGILL", 6, "SIGABRT", 9, "SIGKILL", 11, "SIGSEGV", 13,
            "SIGPIPE", 15, "SIGTERM");

    public ProcessExit {
        Require.between("code", code, 0, Integer.MAX_VALUE);
    }

    /** Whether it did what it was to do: the code is 0. */
    public boolean succeeded() {
        return code == 0;
    }

    /**
     * The number of the signal that ended it; empty for a code that is none. A process that returns such a code by itself cannot
     * be told from one that was ended.
     */
    public OptionalInt signal() {
        return code > BY_SIGNAL && code <= BY_SIGNAL + LAST_SIGNAL
                ? OptionalInt.of(code - BY_SIGNAL)
                : OptionalInt.empty();
    }

    /** Returns it in words: "exit code 3", "ended by SIGKILL (exit code 137)". */
    public String message() {
        OptionalInt signal = signal();
        if (signal.isEmpty()) {
            return "exit code " + code;
        }
        String name = NAMES.getOrDefault(signal.getAsInt(), "signal " + signal.getAsInt());
        return "ended by " + name + " (exit code " + code + ")";
    }

    /** Returns the outcome of a turn that the process was: completed with code 0, failed with {@code backend-failed} otherwise. */
    public Outcome outcome() {
        return succeeded() ? Outcome.completed() : Outcome.failed(FailureKind.BACKEND_FAILED, message());
    }
}
