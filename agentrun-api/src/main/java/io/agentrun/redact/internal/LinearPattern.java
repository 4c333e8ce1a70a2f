package io.agentrun.redact.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * A compiled pattern of {@code SecretRule}: a row of character classes, each repeated a bounded number of times, matched
 * from left to right without ever going back. One attempt at one index reads at most {@value #LONGEST} characters.
 *
 * <p>Immutable.
 */
public final class LinearPattern {

    static final int LONGEST = 256;

    /** How far a match may be looked at for its digit, beyond what the pattern needs. */
    private static final int DIGIT_WINDOW = 64;

    /** A part as long as this may be continued on the next line. */
    private static final int BREAKABLE = 8;

    private static final String IGNORE_CASE = "(?i)";
    private static final String WITH_DIGIT = "(?=.*[0-9])";
    private static final String WORD_START = "\\b";
    private static final String WORD_BEFORE = "\\w*";

    private record Part(long low, long high, int min, int max) {
        boolean accepts(char c) {
            return c < 64 ? (low >>> c & 1) != 0 : c < 128 && (high >>> (c - 64) & 1) != 0;
        }
    }

    private final Part[] parts;
    private final boolean wordStart;
    private final boolean wordBefore;
    private final boolean withDigit;
    private final int prefix;

    private LinearPattern(Part[] parts, boolean wordStart, boolean wordBefore, boolean withDigit) {
        this.parts = parts;
        this.wordStart = wordStart;
        this.wordBefore = wordBefore;
        this.withDigit = withDigit;
        int single = 0;
        while (single < parts.length && parts[single].min == 1 && parts[single].max == 1) {
            single++;
        }
        this.prefix = single;
    }

    /**
     * Compiles the pattern.
     *
     * @throws IllegalArgumentException when it is not in the syntax that {@code SecretRule} describes
     */
    public static LinearPattern compile(String pattern) {
        return new Compiler(pattern).compile();
    }

    public boolean begins(char first, char second) {
        return parts[0].accepts(first) && parts[1].accepts(second);
    }

    /** Returns whether this character, or NUL for the end and for what is not ASCII, may follow the first two of a match. */
    public boolean continues(char third) {
        if (parts[1].max != 1) {
            return true;
        }
        for (int p = 2; p < parts.length; p++) {
            if (parts[p].accepts(third) || (parts[p].min >= BREAKABLE && Chars.isBreak(third))) {
                return true;
            }
            if (parts[p].min > 0) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether it matches only where a word begins. */
    public boolean isAtWordStart() {
        return wordStart;
    }

    /** Returns the end of a match that begins at this index, or -1. */
    public int match(CharSequence text, int start) {
        if (wordStart && !Chars.startsWord(text, start)) {
            return -1;
        }
        int at = start;
        boolean mayBreak = true;
        for (int p = 0; p < parts.length; p++) {
            Part part = parts[p];
            int most = p == parts.length - 1 ? part.min : part.max;
            int taken = 0;
            while (taken < most) {
                if (at < text.length() && part.accepts(text.charAt(at))) {
                    at++;
                    taken++;
                } else if (mayBreak && part.min >= BREAKABLE && taken < part.min && afterBreak(text, at, part) > 0) {
                    at = afterBreak(text, at, part);
                    mayBreak = false;
                } else {
                    break;
                }
            }
            if (taken < part.min) {
                return -1;
            }
        }
        return withDigit && !hasDigit(text, start + prefix, at) ? -1 : at;
    }

    /** Returns the index after a line break that cuts the part in two, or -1: a terminal wraps long tokens. */
    private static int afterBreak(CharSequence text, int at, Part part) {
        int next = at;
        if (Chars.at(text, next) == '\r') {
            next++;
        }
        if (Chars.at(text, next) != '\n') {
            return -1;
        }
        next++;
        return part.accepts(Chars.at(text, next)) ? next : -1;
    }

    private static boolean hasDigit(CharSequence text, int start, int end) {
        for (int i = start; i < text.length() && i < end + DIGIT_WINDOW; i++) {
            char c = text.charAt(i);
            if (Chars.isDigit(c)) {
                return true;
            }
            if (i >= end && !Chars.isToken(c)) {
                return false;
            }
        }
        return false;
    }

    /** Returns where the mask begins: at the match, or at the start of the word that it is in. */
    public int maskStart(CharSequence text, int start) {
        if (!wordBefore) {
            return start;
        }
        int at = start;
        while (at > 0 && at > start - 64 && isBefore(text, at - 1)) {
            at--;
        }
        return at;
    }

    private static boolean isBefore(CharSequence text, int index) {
        char c = text.charAt(index);
        return (Chars.isToken(c) || c == '~' || c == '.') && !Chars.isEscapeLetter(text, index);
    }

    /** Returns where the mask ends: all that could be part of the token goes too. */
    public int maskEnd(CharSequence text, int end) {
        Part last = parts[parts.length - 1];
        int at = end;
        while (at < text.length() && (last.accepts(text.charAt(at)) || Chars.isToken(text.charAt(at)))) {
            at++;
        }
        return at;
    }

    /** Reads a pattern. Not thread-safe: one thread at a time. */
    private static final class Compiler {

        private final String pattern;
        private int at;
        private boolean ignoreCase;

        Compiler(String pattern) {
            this.pattern = pattern;
        }

        LinearPattern compile() {
            ignoreCase = skip(IGNORE_CASE);
            boolean wordStart = skip(WORD_START);
            boolean wordBefore = !wordStart && skip(WORD_BEFORE);
            boolean withDigit = skip(WITH_DIGIT);
            List<Part> parts = new ArrayList<>();
            long length = 0;
            while (at < pattern.length()) {
                Part part = part();
                length += part.max == Integer.MAX_VALUE ? part.min : part.max;
                if (part.max == Integer.MAX_VALUE && at < pattern.length()) {
                    throw refused("only its last part may be without an upper bound");
                }
                parts.add(part);
            }
            if (parts.size() < 2 || parts.get(0).min != 1 || parts.get(1).min < 1) {
                throw refused("it must begin with two characters or classes that are always there");
            }
            if (length > LONGEST) {
                throw refused("it must not need more than " + LONGEST + " characters");
            }
            return new LinearPattern(parts.toArray(Part[]::new), wordStart, wordBefore, withDigit);
        }

        private boolean skip(String what) {
            boolean there = pattern.startsWith(what, at);
            at += there ? what.length() : 0;
            return there;
        }

        private Part part() {
            long[] set = new long[2];
            char c = pattern.charAt(at);
            if (c == '[') {
                charClass(set);
            } else {
                if ("(){}*+?.|^$]".indexOf(c) >= 0) {
                    throw refused("'" + c + "' must be escaped");
                }
                add(set, literal());
            }
            int min = 1;
            int max = 1;
            if (skip("?")) {
                min = 0;
            } else if (skip("{")) {
                int close = pattern.indexOf('}', at);
                if (close < 0) {
                    throw refused("a brace is not closed");
                }
                String[] bounds = pattern.substring(at, close).split(",", -1);
                at = close + 1;
                min = number(bounds[0]);
                max = bounds.length == 1 ? min : bounds[1].isEmpty() ? Integer.MAX_VALUE : number(bounds[1]);
            }
            if (max < min) {
                throw refused("its bounds are the wrong way round");
            }
            return new Part(set[0], set[1], min, max);
        }

        private void charClass(long[] set) {
            at++;
            while (at < pattern.length() && pattern.charAt(at) != ']') {
                char from = literal();
                char to = from;
                if (at + 1 < pattern.length() && pattern.charAt(at) == '-' && pattern.charAt(at + 1) != ']') {
                    at++;
                    to = literal();
                }
                for (char c = from; c <= to; c++) {
                    add(set, c);
                }
            }
            if (at == pattern.length()) {
                throw refused("a class is not closed");
            }
            at++;
        }

        private char literal() {
            if (pattern.charAt(at) == '\\') {
                at++;
            }
            if (at == pattern.length() || pattern.charAt(at) <= ' ' || pattern.charAt(at) > '~') {
                throw refused("it must be of visible ASCII characters");
            }
            return pattern.charAt(at++);
        }

        private void add(long[] set, char c) {
            set[c >> 6] |= 1L << (c & 63);
            if (ignoreCase && Chars.isLetter(c)) {
                char other = (char) (c ^ 0x20);
                set[other >> 6] |= 1L << (other & 63);
            }
        }

        private int number(String digits) {
            try {
                return Integer.parseUnsignedInt(digits);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(message("a bound is not a number"), e);
            }
        }

        private IllegalArgumentException refused(String why) {
            return new IllegalArgumentException(message(why));
        }

        private String message(String why) {
            return "the pattern " + pattern + " cannot be used: " + why;
        }
    }
}
