package io.agentrun.json;

import io.agentrun.check.Require;

/**
 * Redacts a text that comes in chunks, so that a secret is found that was cut in two. It holds back the end of what it was
 * given, until more text shows that nothing there belongs to a secret; {@link #finish} gives the rest.
 *
 * <p>Held back are the last {@value #LOOK_BACK} characters, from the start of their line if it is not far, and as much more
 * as a secret or a long word takes, up to {@value #MAX_HELD}. What is longer than that, such as a private key without an
 * end, is masked and left out until its end comes. Text given so far and text held together are never more than that in
 * memory. Time is linear in the text, whatever the size of the chunks.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class StreamRedaction {

    /** How many characters at the end may be the beginning of a secret. */
    public static final int LOOK_BACK = 256;

    /** The most characters that are held back. */
    public static final int MAX_HELD = 16_384;

    private static final int LONGEST_LINE = 1_024;
    private static final String PROBE = "\nplain words\n";

    private final Redactor redactor;
    private final StringBuilder held = new StringBuilder();

    /** Length at which it is worth to look again. */
    private int next = LOOK_BACK * 2;

    /** Whether the beginning of what is held has been given as a mask, because the secret has no end yet. */
    private boolean masked;

    /** Begins a stream that this redactor masks. */
    public StreamRedaction(Redactor redactor) {
        this.redactor = Require.given("redactor", redactor);
    }

    /**
     * Adds a chunk and returns the redacted text that is safe to give away now; often it is empty.
     *
     * @throws io.agentrun.error.InvalidInputException if the chunk is null
     */
    public String append(String chunk) {
        String given = Require.given("chunk", chunk);
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < given.length(); ) {
            int end = Math.min(given.length(), at + MAX_HELD);
            held.append(given, at, end);
            at = end;
            if (held.length() >= next) {
                give(out);
            }
        }
        return out.toString();
    }

    /** Returns what is still held, redacted; the stream begins anew. */
    public String finish() {
        String rest = redactor.redact(held.toString());
        String out = masked ? withoutMask(rest) : rest;
        held.setLength(0);
        masked = false;
        next = LOOK_BACK * 2;
        return out;
    }

    private void give(StringBuilder out) {
        String text = held.toString();
        String whole = redactor.redact(text);
        int cut = cut(text, whole);
        if (cut > 0) {
            String safe = redactor.redact(text.substring(0, cut));
            out.append(masked ? withoutMask(safe) : safe);
            held.delete(0, cut);
            masked = false;
        } else if (text.length() >= MAX_HELD) {
            giveAll(text, whole, out);
        }
        next = held.length() + Math.max(LOOK_BACK, held.length() / 4);
    }

    /** Gives what could not be cut. Of a secret without an end, its beginning and its end stay, to know the end by. */
    private void giveAll(String text, String whole, StringBuilder out) {
        out.append(masked ? withoutMask(whole) : whole);
        boolean open = !redactor.redact(text + PROBE).endsWith(PROBE);
        held.setLength(0);
        if (open) {
            int opening = opening(text, whole);
            held.append(text, opening, opening + LOOK_BACK).append(text, text.length() - LOOK_BACK, text.length());
        }
        masked = open;
    }

    /** Returns where the open secret begins: what is masked at the end is behind what is equal at the beginning. */
    private static int opening(String text, String whole) {
        int same = 0;
        while (same < text.length() && same < whole.length() && text.charAt(same) == whole.charAt(same)) {
            same++;
        }
        return Math.min(same, text.length() - LOOK_BACK * 2);
    }

    private static String withoutMask(String text) {
        return text.startsWith(StandardRedactor.MASK) ? text.substring(StandardRedactor.MASK.length()) : text;
    }

    /** Returns the last index at which the text can be cut so that both parts are redacted as they are together; or 0. */
    private int cut(String text, String whole) {
        int at = boundary(text, text.length() - LOOK_BACK);
        for (int attempt = 0; attempt < 4 && at > 0; attempt++) {
            if (whole.equals(redactor.redact(text.substring(0, at)) + redactor.redact(text.substring(at)))) {
                return at;
            }
            at = boundary(text, at - (LOOK_BACK << attempt));
        }
        return 0;
    }

    /** Returns the start of the line that the index is in, or of the word if the line is long; 0 if there is none. */
    private static int boundary(String text, int index) {
        if (index <= 0) {
            return 0;
        }
        int line = text.lastIndexOf('\n', index - 1) + 1;
        if (index - line <= LONGEST_LINE) {
            return line;
        }
        return text.lastIndexOf(' ', index - 1) + 1;
    }
}
