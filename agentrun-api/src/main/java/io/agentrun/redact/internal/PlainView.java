package io.agentrun.redact.internal;

import java.text.Normalizer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A text as a reader sees it, with the index of each character in the original: without invisible characters and terminal
 * sequences, with full-width and mathematical letters as ASCII, and with punctuation that URLs ({@code %3D}) and JSON
 * escape as it is. Most texts need none. Immutable.
 */
public final class PlainView {

    /** The characters of ASCII that are not what a reader sees, or begin an escape. */
    private static final boolean[] MARKS = new boolean[128];

    static {
        for (char c : new char[] {8, 27, '%', '\\'}) {
            MARKS[c] = true;
        }
    }

    private final String text;
    private final int[] starts;
    private final int[] ends;

    private PlainView(String text, int[] starts, int[] ends) {
        this.text = text;
        this.starts = starts;
        this.ends = ends;
    }

    public String text() {
        return text;
    }

    public int start(int index) {
        return starts[index];
    }

    /** Returns the index in the original after what the range in the view ends with. */
    public int end(int index) {
        return ends[index - 1];
    }

    /** Returns the view, or null if it is the text itself. */
    public static @Nullable PlainView of(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 128 ? MARKS[c] && (c < ' ' || isEscaped(text, i)) : isSpecial(c)) {
                return new Builder(text).build(i);
            }
        }
        return null;
    }

    private static boolean isEscaped(CharSequence text, int index) {
        return escape(text, index) != 0;
    }

    private static boolean isSpecial(char c) {
        return c == 0xAD
                || c == 0xA0
                || c == 0x3000
                || (c >= 0xFF01 && c <= 0xFF5E)
                || (c >= 0x2000
                        && (Character.getType(c) == Character.FORMAT
                                || (c >= 0xFE00 && c <= 0xFE0F)
                                || c == 0xD835
                                || c == 0xDB40))
                || c == 0x180E;
    }

    /** Returns the length of an escape in the upper half and its character in the lower half; 0 if there is none. */
    private static int escape(CharSequence text, int at) {
        if (text.charAt(at) == '%') {
            int value = hex(text, at + 1, 2);
            return value > ' ' && value < 127 && !Chars.isAlphanumeric((char) value) ? 3 << 16 | value : 0;
        }
        char next = Chars.at(text, at + 1);
        if (next == 'u') {
            int value = hex(text, at + 2, 4);
            boolean plain = value == 27 || (value > ' ' && value < 127 && value != '"' && value != '\\');
            return plain || (value >= 0x200B && value <= 0x200F) || value == 0xFEFF ? 6 << 16 | value : 0;
        }
        if (next == 'x') {
            return hex(text, at + 2, 2) == 27 ? 4 << 16 | 27 : 0;
        }
        if (next == 'e') {
            return Chars.at(text, at + 2) == '[' ? 2 << 16 | 27 : 0;
        }
        return Chars.matches(text, at, "\\033[") ? 4 << 16 | 27 : 0;
    }

    private static int hex(CharSequence text, int at, int digits) {
        int value = 0;
        for (int i = at; i < at + digits; i++) {
            int digit = Character.digit(Chars.at(text, i), 16);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    /** Makes a view. Not thread-safe: one thread at a time. */
    private static final class Builder {

        private final CharSequence text;
        private final StringBuilder out;
        private int[] starts;
        private int[] ends;

        Builder(CharSequence text) {
            this.text = text;
            this.out = new StringBuilder(text.length());
            this.starts = new int[text.length()];
            this.ends = new int[text.length()];
        }

        PlainView build(int plainUpTo) {
            for (int i = 0; i < plainUpTo; i++) {
                add(text.charAt(i), i, i + 1);
            }
            int at = plainUpTo;
            while (at < text.length()) {
                at = next(at);
            }
            starts = Arrays.copyOf(starts, out.length());
            ends = Arrays.copyOf(ends, out.length());
            return new PlainView(out.toString(), starts, ends);
        }

        private int next(int at) {
            char c = text.charAt(at);
            if (c == 27) {
                return sequenceEnd(at + 1);
            }
            if (c == '%' || c == '\\') {
                int escape = escape(text, at);
                int end = at + (escape >>> 16);
                char escaped = (char) escape;
                if (escape != 0) {
                    if (escaped == 27) {
                        return sequenceEnd(end);
                    }
                    if (escaped < 128) {
                        add(escaped, at, end);
                    }
                    return end;
                }
            }
            if (c < 128) {
                if (c != 8) {
                    add(c, at, at + 1);
                }
                return at + 1;
            }
            return wide(at);
        }

        private int wide(int at) {
            int codePoint = Character.codePointAt(text, at);
            int end = at + Character.charCount(codePoint);
            if (codePoint == 0xA0 || codePoint == 0x3000) {
                add(' ', at, end);
                return end;
            }
            if (Character.getType(codePoint) == Character.FORMAT || (codePoint >= 0xFE00 && codePoint <= 0xFE0F)) {
                return end;
            }
            if ((codePoint >= 0xFF01 && codePoint <= 0xFF5E) || (codePoint >= 0x1D400 && codePoint <= 0x1D7FF)) {
                String plain = Normalizer.normalize(Character.toString(codePoint), Normalizer.Form.NFKC);
                add(plain.charAt(0), at, end);
                return end;
            }
            for (int i = at; i < end; i++) {
                add(text.charAt(i), i, i + 1);
            }
            return end;
        }

        /** Returns the end of a terminal sequence whose escape character ends before this index. */
        private int sequenceEnd(int start) {
            char c = Chars.at(text, start);
            int at = start + 1;
            if (c == '[') {
                while (at < text.length() && at < start + 32 && text.charAt(at) < '@') {
                    at++;
                }
                return Math.min(text.length(), at + 1);
            }
            if (c == ']') {
                while (at < text.length() && at < start + 256 && text.charAt(at) != 7 && text.charAt(at) != 27) {
                    at++;
                }
                boolean two = Chars.at(text, at) == 27 && Chars.at(text, at + 1) == '\\';
                return Math.min(text.length(), at + (two ? 2 : 1));
            }
            return Math.min(text.length(), c >= '(' && c <= '/' ? start + 2 : c >= '0' && c <= '~' ? start + 1 : start);
        }

        private void add(char c, int start, int end) {
            starts[out.length()] = start;
            ends[out.length()] = end;
            out.append(c);
        }
    }
}
