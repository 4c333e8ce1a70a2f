package io.agentrun.worker.stream;

/**
 * Finds the characters that belong to ANSI control sequences, one character after the other. A sequence that has no end is over
 * at the line's end, or after {@value #LONGEST} characters.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class AnsiFilter {

    static final char ESCAPE = '\u001B';

    private static final char BELL = '\u0007';
    private static final int LONGEST = 4_096;

    private enum State {
        TEXT,
        ESCAPED,
        /** Parameters and the final character of {@code ESC [}. */
        CONTROL,
        /** {@code ESC ]}, {@code ESC P} and the like, up to BEL or {@code ESC \}. */
        STRING
    }

    private State state = State.TEXT;
    private int length;

    /** Returns whether the character is a part of a sequence. */
    boolean takes(char c) {
        if (state == State.TEXT && c != ESCAPE) {
            return false;
        }
        if (c == '\n' || c == '\r' || ++length > LONGEST) {
            reset();
            return false;
        }
        switch (state) {
            case TEXT -> state = State.ESCAPED;
            case ESCAPED -> afterEscape(c);
            case CONTROL -> {
                if (c >= 0x40 && c <= 0x7E) {
                    reset();
                } else if (c < 0x20 || c > 0x7E) {
                    reset();
                    return takes(c);
                }
            }
            case STRING -> {
                if (c == BELL) {
                    reset();
                } else if (c == ESCAPE) {
                    state = State.ESCAPED;
                }
            }
        }
        return true;
    }

    /** Returns whether a sequence is under way. */
    boolean isInside() {
        return state != State.TEXT;
    }

    private void afterEscape(char c) {
        if (c == '[') {
            state = State.CONTROL;
        } else if (c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X') {
            state = State.STRING;
        } else if (c < 0x20 || c > 0x2F) {
            // What is no intermediate character is the last of a short sequence.
            reset();
        }
    }

    private void reset() {
        state = State.TEXT;
        length = 0;
    }
}
