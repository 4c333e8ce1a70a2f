package io.agentrun.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;

/**
 * Which agent backend a run is for, by its wire string. The set is open: hosts add their own with {@link #of}.
 *
 * <p>Immutable.
 *
 * @param wire 1 to 200 characters; compared exactly
 */
public record BackendProfile(String wire) {
    /** The Codex backend. */
    public static final BackendProfile CODEX = new BackendProfile("codex");
    /** The DeepSeek backend. */
    public static final BackendProfile DEEPSEEK = new BackendProfile("deepseek");
    /** The MiniMax M3 backend. */
    public static final BackendProfile MINIMAX_M3 = new BackendProfile("minimax-m3");

    public BackendProfile {
        Texts.label("backendProfile", wire);
    }

    /**
     * Returns the profile with the given wire string, known or not.
     *
     * @throws io.agentrun.error.InvalidInputException if the text breaks the rule for labels
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static BackendProfile of(String wire) {
        return new BackendProfile(wire);
    }

    /** Returns the string in JSON and in the database. */
    @Override
    @JsonValue
    public String wire() {
        return wire;
    }

    @Override
    public String toString() {
        return wire;
    }
}
