package io.agentrun.json;

import io.agentrun.check.Require;
import java.util.List;

/**
 * Redacts a text that comes in chunks, so that a secret is found that was cut in two. It holds back the end of what it was
 * given, until more text shows that nothing there belongs to a secret; {@link #finish} gives the rest. A reader who waits need
 * not wait for more text: {@link #appendLines} and {@link #settle} hold back only what a secret may begin in.
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
    private static final int LEAST_TOKEN = 8;
    private static final String PROBE = "\nplain words\n";

    private static final String TOKEN = "q7Xw9Kp2Zr5TnB8v";

    /**
     * Lines that are masked only because of what stands before them; the first looks like a secret, the second like a member
     * of a block, as deep as blocks are.
     */
    private static final List<String> NEXT_LINES = List.of(
            TOKEN + "\n" + " ".repeat(64) + "value: " + TOKEN + "\nplain words\n",
            TOKEN + "\nplain words\n",
            "plain words\n",
            "");

    private final Redactor redactor;
    private final String nextLines;
    private final StringBuilder held = new StringBuilder();

    /** Length at which it is worth to look again. */
    private int next = LOOK_BACK * 2;

    /** What has been given already for the beginning of what is held: a mask, if a secret has no end yet. */
    private String given = "";

    /** How many characters were added of which nothing has been given yet. */
    private int ungiven;

    /** Begins a stream that this redactor masks. */
    public StreamRedaction(Redactor redactor) {
        this.redactor = Require.given("redactor", redactor);
        this.nextLines = NEXT_LINES.stream()
                .filter(lines -> redactor.redact(lines).equals(lines))
                .findFirst()
                .orElse("");
    }

    /**
     * Adds a chunk and returns the redacted text that is safe to give away now; often it is empty.
     *
     * @throws io.agentrun.error.InvalidInputException if the chunk is null
     */
    public String append(String chunk) {
        Require.given("chunk", chunk);
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < chunk.length(); ) {
            int end = Math.min(chunk.length(), at + MAX_HELD);
            held.append(chunk, at, end);
            ungiven += end - at;
            at = end;
            if (held.length() >= next) {
                give(out);
            }
        }
        return out.toString();
    }

    /**
     * Adds whole lines and returns the redacted text that is safe to give away now: all of it, unless its end may be the
     * beginning of a secret that goes on in the next line: it announces one, or its last word looks like a part of a token. A
     * secret in a column of a table, whose head came in another call, may pass.
     *
     * @throws io.agentrun.error.InvalidInputException if the lines are null
     */
    public String appendLines(String lines) {
        Require.given("lines", lines);
        if (held.isEmpty() && lines.endsWith("\n") && !endsInToken(lines)) {
            String withNext = lines + nextLines;
            if (redactor.redact(withNext).equals(withNext)) {
                return lines;
            }
        }
        return append(lines) + settle();
    }

    /**
     * Returns what is held, redacted, as far as no secret may begin in it: up to the end of its last line or word at most. What
     * it leaves is the beginning of a secret, or looks like it.
     */
    public String settle() {
        String text = held.toString();
        int at = settled(text);
        if (at == 0) {
            return "";
        }
        held.delete(0, at);
        ungiven = Math.min(ungiven, held.length());
        next = held.length() + LOOK_BACK * 2;
        return fresh(redactor.redact(text.substring(0, at)));
    }

    /**
     * Returns all that is held, redacted as it stands, for a reader who cannot wait. If a secret has begun in it, the rest of
     * that secret is still masked when it comes.
     */
    public String release() {
        String settled = settle();
        String text = held.toString();
        if (text.isEmpty()) {
            return settled;
        }
        String whole = redactor.redact(text);
        String out = settled + fresh(whole);
        int keep = text.length();
        if (!isClosed(text)) {
            keep = Math.max(0, opening(text, whole));
        } else if (!text.endsWith("\n")) {
            keep = Math.max(word(text, text.length()), text.length() - LOOK_BACK);
        }
        held.delete(0, keep);
        given = redactor.redact(held.toString());
        ungiven = 0;
        next = held.length() + LOOK_BACK * 2;
        return out;
    }

    /** Returns what is still held, redacted; the stream begins anew. */
    public String finish() {
        String out = fresh(redactor.redact(held.toString()));
        held.setLength(0);
        given = "";
        ungiven = 0;
        next = LOOK_BACK * 2;
        return out;
    }

    /** Returns whether text is held of which nothing has been given away, not even a mask. */
    public boolean holds() {
        return ungiven > 0;
    }

    private void give(StringBuilder out) {
        String text = held.toString();
        String whole = redactor.redact(text);
        int cut = cut(text, whole);
        if (cut > 0) {
            out.append(fresh(redactor.redact(text.substring(0, cut))));
            held.delete(0, cut);
            ungiven = Math.min(ungiven, held.length());
        } else if (text.length() >= MAX_HELD) {
            giveAll(text, whole, out);
        }
        next = held.length() + Math.max(LOOK_BACK, held.length() / 4);
    }

    /** Gives what could not be cut. Of a secret without an end, its beginning and its end stay, to know the end by. */
    private void giveAll(String text, String whole, StringBuilder out) {
        out.append(fresh(whole));
        boolean open = !redactor.redact(text + PROBE).endsWith(PROBE);
        held.setLength(0);
        if (open) {
            int opening = opening(text, whole);
            held.append(text, opening, opening + LOOK_BACK).append(text, text.length() - LOOK_BACK, text.length());
        }
        given = open ? StandardRedactor.MASK : "";
        ungiven = 0;
    }

    /** Returns where the open secret begins: what is masked at the end is behind what is equal at the beginning. */
    private static int opening(String text, String whole) {
        int same = 0;
        while (same < text.length() && same < whole.length() && text.charAt(same) == whole.charAt(same)) {
            same++;
        }
        return Math.min(same, text.length() - LOOK_BACK * 2);
    }

    /** Returns what of a redacted beginning of the held text has not been given yet. */
    private String fresh(String redacted) {
        int known = 0;
        while (known < Math.min(given.length(), redacted.length()) && given.charAt(known) == redacted.charAt(known)) {
            known++;
        }
        // What is left of both differs where text was given that turned out to be a secret's beginning.
        given = known == redacted.length() ? given.substring(known) : "";
        return redacted.substring(known);
    }

    /** Returns the last end of a line or word up to which nothing can become a secret by what follows; or 0. */
    private int settled(String text) {
        int at = word(text, text.length());
        String whole = at > 0 ? redactor.redact(text) : "";
        boolean lines = text.endsWith("\n");
        for (int attempt = 0; attempt < 8 && at > 0; attempt++) {
            String first = text.substring(0, at);
            if (isClosed(first) && whole.equals(redactor.redact(first) + redactor.redact(text.substring(at)))) {
                return at;
            }
            // A line that announces a secret is kept whole: its beginning tells how to read its end.
            at = attempt < 6 && !lines ? word(text, at - 1) : boundary(text, at - 1);
        }
        return 0;
    }

    /** Returns whether what follows the text is masked only for its own sake. */
    private boolean isClosed(String text) {
        return !endsInToken(text) && redactor.redact(text + nextLines).endsWith(nextLines);
    }

    /** Returns whether the text is lines of which the last ends with a word that may be a part of a wrapped token. */
    private static boolean endsInToken(String text) {
        int end = text.endsWith("\n") ? text.length() - 1 : 0;
        int at = end;
        boolean letters = false;
        boolean digits = false;
        while (at > 0 && isTokenChar(text.charAt(at - 1))) {
            at--;
            letters |= Character.isLetter(text.charAt(at));
            digits |= Character.isDigit(text.charAt(at));
        }
        return letters && digits && end - at >= LEAST_TOKEN;
    }

    private static boolean isTokenChar(char c) {
        return c < 128 && (Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '+' || c == '/' || c == '=');
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

    /** Returns the index behind the last space or line end before the given index; 0 if there is none. */
    private static int word(String text, int index) {
        int at = Math.max(index, 0);
        while (at > 0 && text.charAt(at - 1) != ' ' && text.charAt(at - 1) != '\n') {
            at--;
        }
        return at;
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
