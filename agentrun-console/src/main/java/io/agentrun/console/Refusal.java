package io.agentrun.console;

import java.io.Serial;

/** A request that the console itself refuses. Not thread-safe: one thread at a time. */
final class Refusal extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    Refusal(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }
}
