package io.agentrun.text;

import org.jspecify.annotations.Nullable;

/**
 * Finds out what is wrong with a text, in words; without an exception, so that the exceptions themselves can use it.
 *
 * <p>Thread-safe.
 */
public final class PlainText {

    /** What is wrong with a text that {@link #isHidden} finds something in. */
    public static final String HIDDEN = "must not hold format characters or line separators";

    private PlainText() {}

    /**
     * Returns what is wrong with a text that stands for something (an id, a key, a label): everything that {@link #problem}
     * finds, and a text that is blank, begins or ends with white space, or holds a control or hidden character.
     *
     * @param max the greatest length, in code points
     * @return the rest of a sentence that begins with the field's name, or null if nothing is wrong
     */
    public static @Nullable String problemOfName(String text, int max) {
        if (isVisibleAscii(text, max)) {
            return null;
        }
        String problem = problem(text, max);
        if (problem != null) {
            return problem;
        }
        if (text.isBlank()) {
            return "must not be blank";
        }
        if (isSpace(text.codePointAt(0)) || isSpace(text.codePointBefore(text.length()))) {
            return "must not begin or end with white space";
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            return "must not hold control characters";
        }
        return text.codePoints().anyMatch(PlainText::isHidden) ? HIDDEN : null;
    }

    /**
     * Returns what is wrong with a free text: that it is too long, or holds a NUL character or a lone surrogate, which
     * databases and JSON cannot keep.
     *
     * @param max the greatest length, in code points
     * @return the rest of a sentence that begins with the field's name, or null if nothing is wrong
     */
    public static @Nullable String problem(String text, int max) {
        // Code points are at most as many as chars, so that the count is needed for long texts alone.
        if (text.length() > max && text.codePointCount(0, text.length()) > max) {
            return "must not be longer than " + max + " characters";
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return "must not hold a NUL character";
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return "must not hold a lone surrogate";
            }
        }
        return null;
    }

    /**
     * Returns whether nobody sees the character: Unicode's format characters, U+2028 and U+2029. They can make two names
     * look alike, turn the direction of the text around them, and begin a line in a log.
     */
    public static boolean isHidden(int codePoint) {
        if (codePoint < 0xAD) {
            return false;
        }
        int type = Character.getType(codePoint);
        return type == Character.FORMAT || type == Character.LINE_SEPARATOR || type == Character.PARAGRAPH_SEPARATOR;
    }

    /** Returns whether the character joins or parts its neighbours, as in emoji of several people and in Persian. */
    public static boolean isJoiner(int codePoint) {
        return codePoint == 0x200C || codePoint == 0x200D;
    }

    /** Returns whether nothing can be wrong: visible ASCII of an allowed length, as nearly every name is. */
    private static boolean isVisibleAscii(String text, int max) {
        int length = text.length();
        if (length == 0 || length > max) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c > '~') {
                return false;
            }
        }
        return true;
    }

    private static boolean isSpace(int codePoint) {
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
    }
}
