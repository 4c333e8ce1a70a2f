package io.agentrun.worker.stream;

import io.agentrun.check.Require;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes text of what a process writes fit for a store: NUL and lone surrogates, which JSON in a database cannot hold, become
 * U+FFFD, and a line that is too long becomes several, never cut inside a code point. Colours and other ANSI control sequences
 * stay as they are unless {@link #withoutAnsi()} takes them out. Everything else stays.
 *
 * <p>A line ends with LF, CR LF, or CR alone, as progress bars write it; its end is no part of it.
 *
 * <p>Immutable.
 */
public final class OutputText {

    /** The longest line unless set, in chars (UTF-16 units); at most three bytes of UTF-8 each. */
    public static final int DEFAULT_MAX_LINE = 8_000;

    private static final int CHUNK = 8_192;
    private static final char REPLACEMENT = '\uFFFD';
    private static final OutputText STANDARD = new OutputText(DEFAULT_MAX_LINE, false);

    private final int maxLine;
    private final boolean stripsAnsi;

    private OutputText(int maxLine, boolean stripsAnsi) {
        this.maxLine = maxLine;
        this.stripsAnsi = stripsAnsi;
    }

    /** Lines of up to {@value #DEFAULT_MAX_LINE} chars; ANSI sequences stay. */
    public static OutputText standard() {
        return STANDARD;
    }

    /**
     * The same with another longest line, in chars.
     *
     * @throws io.agentrun.error.InvalidInputException if it is less than 2 or more than 1,000,000
     */
    public OutputText withMaxLine(int chars) {
        return new OutputText(Require.between("maxLine", chars, 2, 1_000_000), stripsAnsi);
    }

    /** The same, taking out ANSI sequences: CSI (colours, cursor), OSC (titles, links) and two-character escapes. */
    public OutputText withoutAnsi() {
        return new OutputText(maxLine, true);
    }

    /** The longest line, in chars. */
    public int maxLine() {
        return maxLine;
    }

    boolean stripsAnsi() {
        return stripsAnsi;
    }

    /** A decoder of one process's output, which makes lines of bytes. */
    public LineDecoder decoder() {
        return new LineDecoder(this);
    }

    /** A piece of a line. */
    private record Piece(String text, boolean whole) {}

    /**
     * Reads bytes of UTF-8 to their end and passes each line on when it has ended. It holds one line at most, so that output
     * without a line end takes no memory. The input stays open.
     *
     * @throws io.agentrun.error.InvalidInputException if a parameter is null
     * @throws IOException if reading fails; what was read before has been passed on
     * @throws InterruptedException what the receiver throws
     */
    public void read(InputStream in, LineReceiver to) throws IOException, InterruptedException {
        Require.given("in", in);
        Require.given("to", to);
        List<Piece> pieces = new ArrayList<>();
        LineDecoder decoder = new LineDecoder(this, (text, first, last) -> {
            if (first || !text.isEmpty()) {
                pieces.add(new Piece(text, first && last));
            }
        });
        byte[] chunk = new byte[CHUNK];
        try {
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                decoder.decode(chunk, 0, n);
                pass(pieces, to);
            }
        } finally {
            decoder.finish();
            pass(pieces, to);
        }
    }

    private static void pass(List<Piece> pieces, LineReceiver to) throws InterruptedException {
        for (Piece piece : pieces) {
            to.line(piece.text(), piece.whole());
        }
        pieces.clear();
    }

    /**
     * Returns the text as one or more lines as a store can hold them; a text without characters is one empty line, and a line
     * end at its end begins no further line.
     *
     * @throws io.agentrun.error.InvalidInputException if the text is null
     */
    public List<String> lines(String text) {
        Require.given("text", text);
        if (text.length() <= maxLine && isPlain(text)) {
            return List.of(text);
        }
        List<String> lines = new ArrayList<>();
        LineBuilder builder = new LineBuilder(this, collector(lines));
        builder.append(text);
        builder.finish();
        return lines.isEmpty() ? List.of("") : List.copyOf(lines);
    }

    /** Collects pieces as lines; where only the end of a line was missing, there is none more. */
    static LineBuilder.Pieces collector(List<String> lines) {
        return (text, first, last) -> {
            if (first || !text.isEmpty()) {
                lines.add(text);
            }
        };
    }

    /**
     * Returns the text without what a store cannot hold, line ends and length as they are; the same instance if there is
     * nothing to change. ANSI sequences stay in any case.
     *
     * @throws io.agentrun.error.InvalidInputException if the text is null
     */
    public static String clean(String text) {
        Require.given("text", text);
        for (int i = 0; i < text.length(); i++) {
            if (isBad(text, i)) {
                return cleaned(text, i);
            }
        }
        return text;
    }

    private static String cleaned(String text, int from) {
        StringBuilder clean = new StringBuilder(text);
        for (int i = from; i < text.length(); i++) {
            if (isBad(text, i)) {
                clean.setCharAt(i, REPLACEMENT);
            }
        }
        return clean.toString();
    }

    private static boolean isBad(String text, int at) {
        char c = text.charAt(at);
        if (c == 0) {
            return true;
        }
        if (Character.isHighSurrogate(c)) {
            return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }

    private boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n'
                    || c == '\r'
                    || c == 0
                    || Character.isSurrogate(c)
                    || (c == AnsiFilter.ESCAPE && stripsAnsi)) {
                return false;
            }
        }
        return true;
    }
}
