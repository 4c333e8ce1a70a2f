package io.agentrun.worker.stream;

/**
 * Puts characters together to lines that a store can hold. It holds one line, at most.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class LineBuilder {

    /** Takes the lines, each in one piece or, where it is too long, in several. */
    interface Pieces {

        /**
         * Takes a piece of a line.
         *
         * @param text never empty, unless the line is, or its end alone was missing
         * @param first whether the line begins with it
         * @param last whether the line ends with it
         */
        void piece(String text, boolean first, boolean last);
    }

    private static final char REPLACEMENT = '\uFFFD';

    private final int maxLine;
    private final AnsiFilter ansi = new AnsiFilter();
    private final boolean stripsAnsi;
    private final Pieces pieces;
    private final StringBuilder line = new StringBuilder();

    /** A high surrogate that waits for its other half; 0 for none. */
    private char high;

    private boolean afterReturn;

    /** Whether a piece of the line under way has been given. */
    private boolean cut;

    LineBuilder(OutputText text, Pieces pieces) {
        this.maxLine = text.maxLine();
        this.stripsAnsi = text.stripsAnsi();
        this.pieces = pieces;
    }

    void append(String text) {
        for (int i = 0; i < text.length(); i++) {
            append(text.charAt(i));
        }
    }

    void append(char c) {
        if (stripsAnsi && ansi.takes(c)) {
            return;
        }
        if (high != 0) {
            char first = high;
            high = 0;
            if (Character.isLowSurrogate(c)) {
                add(first, c);
                return;
            }
            add(REPLACEMENT);
        }
        if (c == '\n' || c == '\r') {
            if (c == '\r' || !afterReturn) {
                end();
            }
        } else if (Character.isHighSurrogate(c)) {
            high = c;
        } else {
            add(c == 0 || Character.isLowSurrogate(c) ? REPLACEMENT : c);
        }
        afterReturn = c == '\r';
    }

    /** Ends the last line, if it has characters. What comes next is a new text. */
    void finish() {
        if (high != 0) {
            high = 0;
            add(REPLACEMENT);
        }
        if (line.length() > 0 || cut) {
            end();
        }
        afterReturn = false;
    }

    /** Returns whether a line is under way. */
    boolean holds() {
        return line.length() > 0 || high != 0;
    }

    private void add(char c) {
        if (line.length() + 1 > maxLine) {
            give(false);
        }
        line.append(c);
    }

    private void add(char first, char second) {
        if (line.length() + 2 > maxLine) {
            give(false);
        }
        line.append(first).append(second);
        afterReturn = false;
    }

    private void end() {
        give(true);
    }

    private void give(boolean last) {
        String text = line.toString();
        line.setLength(0);
        boolean first = !cut;
        cut = !last;
        pieces.piece(text, first, last);
    }
}
