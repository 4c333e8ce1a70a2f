package io.agentrun.redact.internal;

/** What a value looks like by its characters alone. Immutable. */
public final class ValueShapes {

    private ValueShapes() {}

    public static boolean isShortNumber(String value) {
        return value.length() >= 4 && value.length() <= 10 && isNumber(value) && value.indexOf('.') < 0;
    }

    public static boolean isNumber(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (!Chars.isDigit(c) && c != '.' && c != ',' && c != '_' && c != '-' && c != '%') {
                return false;
            }
        }
        return true;
    }

    public static boolean isWord(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (!Character.isLetter(c) && c != '_') {
                return false;
            }
        }
        return true;
    }

    public static boolean isAscii(String value) {
        return value.chars().allMatch(c -> c < 128);
    }

    public static boolean mixesCase(String value) {
        boolean lower = false;
        for (int i = 0; i < value.length(); i++) {
            if (Chars.isUpper(value.charAt(i)) && lower) {
                return true;
            }
            lower |= Chars.isLetter(value.charAt(i)) && !Chars.isUpper(value.charAt(i));
        }
        return false;
    }

    /** Returns whether it is letters and digits, with a digit, and with more than one change of case. */
    public static boolean mixesBoth(String value) {
        return hasDigit(value)
                && mixesCase(value)
                && value.chars().allMatch(c -> Chars.isAlphanumeric((char) c))
                && value.chars().filter(c -> Chars.isUpper((char) c)).count() > 1;
    }

    public static boolean changesCase(String value, int times) {
        int changes = 0;
        for (int i = 1; i < value.length(); i++) {
            changes += Chars.isUpper(value.charAt(i)) != Chars.isUpper(value.charAt(i - 1)) ? 1 : 0;
        }
        return value.length() >= 8 && changes >= times;
    }

    public static boolean hasDigit(String value) {
        return value.chars().anyMatch(c -> Chars.isDigit((char) c));
    }

    public static boolean hasSymbol(String value) {
        return value.chars().anyMatch(c -> c < 128 && !Chars.isAlphanumeric((char) c) && " _-./:".indexOf(c) < 0);
    }

    public static boolean isFile(String lower) {
        int dot = lower.lastIndexOf('.');
        return dot > 0
                && lower.length() - dot <= 5
                && lower.length() - dot > 2
                && lower.substring(dot + 1).chars().allMatch(c -> c >= 'a' && c <= 'z')
                && lower.substring(0, dot).chars().allMatch(c -> Chars.isToken((char) c) || c == '/' || c == '.');
    }

    /** Returns whether it is a path or an address without a secret of its own. */
    public static boolean isPath(String value) {
        if (value.startsWith("http://") || value.startsWith("https://")) {
            return true;
        }
        boolean rooted = value.startsWith("/")
                || value.startsWith("./")
                || value.startsWith("../")
                || value.startsWith("~/")
                || value.startsWith("C:\\");
        if (!rooted) {
            return false;
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '+' || c == '=' || c == '!') {
                return false;
            }
        }
        if (value.length() >= 32 && isRandomWord(value.replace("/", "")) && mixesCase(value)) {
            return false;
        }
        return value.length() < 24 || value.chars().filter(c -> c == '/').count() > value.length() / 16;
    }

    /** Returns whether letters and digits alone change between their classes as often as in no name. */
    public static boolean isRandomWord(String value) {
        int changes = 0;
        int digits = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (!Chars.isAlphanumeric(c)) {
                return false;
            }
            digits += Chars.isDigit(c) ? 1 : 0;
            changes += i > 0 && kind(c) != kind(value.charAt(i - 1)) ? 1 : 0;
        }
        boolean often =
                (digits >= 2 && changes * 3 >= value.length()) || (digits > 0 && changes * 5 >= value.length() * 2);
        return value.length() >= 12 && often;
    }

    public static int kind(char c) {
        return Chars.isDigit(c) ? 0 : Chars.isUpper(c) ? 1 : 2;
    }

    /** Returns whether upper and lower case change as often as in no word and no name of code. */
    public static boolean isScrambled(String value) {
        int changes = 0;
        for (int i = 1; i < value.length(); i++) {
            changes += Chars.isUpper(value.charAt(i)) != Chars.isUpper(value.charAt(i - 1)) ? 1 : 0;
        }
        return value.length() >= 10 && changes * 5 >= value.length() * 2;
    }

    /** Returns whether letters and digits, or both cases, are mixed as in no word. */
    public static boolean looksRandom(String value, int shortest) {
        if (value.length() < shortest) {
            return false;
        }
        int digits = 0;
        int letters = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == ' ') {
                return false;
            }
            digits += Chars.isDigit(c) ? 1 : 0;
            letters += Chars.isLetter(c) ? 1 : 0;
        }
        return (digits > 0 && letters > 0) || (letters > 0 && hasSymbol(value)) || isScrambled(value);
    }

    /** Returns whether it is a token of one word with both cases and digits, as no number, digest and name is. */
    public static boolean isStrong(String value) {
        int end = value.length();
        while (end > 0 && value.charAt(end - 1) == '=') {
            end--;
        }
        String word = value.substring(0, end);
        return (isRandomWord(word) && mixesCase(word)) || isScrambled(word);
    }

    public static boolean isHex(String value) {
        return value.chars().allMatch(c -> Chars.isDigit((char) c) || (c >= 'a' && c <= 'f'));
    }

    /** Returns whether it holds what patterns are written with, and no token. */
    public static boolean isPattern(String value) {
        return value.chars().anyMatch(c -> "[({\\|*?".indexOf(c) >= 0);
    }

    /** Returns whether it is put together of words, as {@code base64-encoded-v2} or {@code example.com/a1} are. */
    public static boolean isSpoken(String value) {
        int word = 0;
        int longest = 0;
        boolean parts = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            word = c >= 'a' && c <= 'z' ? word + 1 : 0;
            longest = Math.max(longest, word);
            parts |= "-_./(".indexOf(c) >= 0;
        }
        return parts && longest >= 4;
    }

    public static boolean isIdentifier(String value, int from) {
        for (int i = from; i < value.length(); i++) {
            char c = value.charAt(i);
            if (!Chars.isAlphanumeric(c) && c != '_' && c != '.' && c != '-') {
                return false;
            }
        }
        return value.length() > from && !Chars.isDigit(value.charAt(from));
    }
}
