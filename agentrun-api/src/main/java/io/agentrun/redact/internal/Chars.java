package io.agentrun.redact.internal;

/** Classes of characters, and comparisons in a {@link CharSequence} that need no copy. Immutable. */
public final class Chars {

    /** How many characters ASCII has. */
    public static final int ASCII = 128;

    private Chars() {}

    public static boolean isToken(char c) {
        return isAlphanumeric(c) || c == '_' || c == '-';
    }

    public static boolean isAlphanumeric(char c) {
        return isLetter(c) || isDigit(c);
    }

    public static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || isUpper(c);
    }

    public static boolean isUpper(char c) {
        return c >= 'A' && c <= 'Z';
    }

    public static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    public static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    public static boolean isBreak(char c) {
        return c == '\n' || c == '\r';
    }

    public static boolean isQuote(char c) {
        return c == '"' || c == '\'' || c == '`';
    }

    public static char lower(char c) {
        return isUpper(c) ? (char) (c + 32) : c;
    }

    /** Returns the character, or NUL when the index is outside of the text. */
    public static char at(CharSequence text, int index) {
        return index >= 0 && index < text.length() ? text.charAt(index) : 0;
    }

    public static boolean matches(CharSequence text, int start, String word) {
        if (start < 0 || start + word.length() > text.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (text.charAt(start + i) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether the lower-case word is at this index, in any case. */
    public static boolean matchesIgnoringCase(CharSequence text, int start, String word) {
        if (start < 0 || start + word.length() > text.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (lower(text.charAt(start + i)) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether no token character precedes, except the letter of an escape: logs are full of text inside JSON. */
    public static boolean startsWord(CharSequence text, int index) {
        return index == 0 || !isToken(text.charAt(index - 1)) || isEscapeLetter(text, index - 1);
    }

    /** Returns whether the character is the letter of {@code \n}, {@code \r} or {@code \t} written as two characters. */
    public static boolean isEscapeLetter(CharSequence text, int index) {
        return index > 0 && text.charAt(index - 1) == '\\' && "nrt".indexOf(text.charAt(index)) >= 0;
    }

    public static int tokenEnd(CharSequence text, int start) {
        int end = start;
        while (end < text.length() && isToken(text.charAt(end))) {
            end++;
        }
        return end;
    }

    public static int skipBlanks(CharSequence text, int start, int most) {
        int at = start;
        while (at < text.length() && at < start + most && isBlank(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** Returns where the first occurrence begins, within this many characters; -1 if there is none. */
    public static int indexOf(CharSequence text, String word, int start, int most) {
        int last = (int) Math.min((long) start + most, (long) text.length() - word.length());
        for (int i = start; i <= last; i++) {
            if (text.charAt(i) == word.charAt(0) && matches(text, i, word)) {
                return i;
            }
        }
        return -1;
    }
}
