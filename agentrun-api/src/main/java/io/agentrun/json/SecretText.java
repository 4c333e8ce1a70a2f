package io.agentrun.json;

import static io.agentrun.json.StandardRedactor.MASK;

import org.jspecify.annotations.Nullable;

/**
 * Masks the well-known shapes of secrets in one text, by hand and from left to right, so that no text takes more than
 * linear time. A match swallows all token characters that follow it; a second run over the result so finds nothing
 * that the first did not. Not thread-safe: one thread at a time.
 */
final class SecretText {

    private static final int SHORTEST = 8;

    private static final String BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private static final boolean[] FIRST = new boolean[128];

    static {
        for (char c : "gxAnhsrebB-:".toCharArray()) {
            FIRST[c] = true;
        }
    }

    private final String text;
    private @Nullable StringBuilder out;
    private int copied;

    // End of the run of token characters that was looked at last, so that no run is walked twice.
    private int runEnd;

    // The password of the URL that the scan is in.
    private int passwordStart = -1;
    private int passwordEnd;

    private SecretText(String text) {
        this.text = text;
    }

    static String mask(String text) {
        if (text.length() < SHORTEST) {
            return text;
        }
        int start = candidate(text, 0);
        return start == text.length() ? text : new SecretText(text).masked(start);
    }

    /** The next place where two characters begin a known shape, or the length: most texts have none. */
    private static int candidate(String text, int from) {
        int last = text.length() - 1;
        for (int i = from; i < last; i++) {
            char c = text.charAt(i);
            if (c < FIRST.length && FIRST[c] && isSecond(c, text.charAt(i + 1))) {
                return i;
            }
        }
        return text.length();
    }

    private static boolean isSecond(char first, char second) {
        return switch (first) {
            case 'g' -> second == 'h' || second == 'i' || second == 'l';
            case 'x' -> second == 'o' || second == 'a';
            case 'A' -> second == 'K' || second == 'S' || second == 'I';
            case 'n' -> second == 'p';
            case 'h' -> second == 'f';
            case 's', 'r' -> second == 'k';
            case 'e' -> second == 'y';
            case 'b', 'B' -> (second | 0x20) == 'e' || (second | 0x20) == 'a';
            case '-' -> second == '-';
            default -> second == '/';
        };
    }

    private String masked(int start) {
        int i = start;
        while (i < text.length()) {
            if (i == passwordStart) {
                i = replace(i, passwordEnd);
                continue;
            }
            int end = secretEnd(i);
            i = end > i ? end : candidate(text, i + 1);
            if (passwordStart >= end && passwordStart < i) {
                i = passwordStart;
            }
        }
        if (out == null) {
            return text;
        }
        return out.append(text, copied, text.length()).toString();
    }

    /** Masks what starts here and says where it ends; anything not after {@code i} means that nothing starts here. */
    private int secretEnd(int i) {
        return switch (text.charAt(i)) {
            case 'g' -> gitToken(i);
            case 'x' -> isSlack(i) ? token(i, 5, 10) : i;
            case 'A' -> googleOrAmazonKey(i);
            case 'n' -> at(i, "npm_") ? plain(i, 4, 30) : i;
            case 'h' -> at(i, "hf_") ? plain(i, 3, 20) : i;
            case 's', 'r' -> startsWord(i) ? secretKey(i) : i;
            case 'e' -> at(i, "eyJ") && startsWord(i) ? jsonWebToken(i) : i;
            case 'b', 'B' -> startsWord(i) ? credentials(i) : i;
            case '-' -> at(i, "-----BEGIN ") ? privateKey(i) : i;
            case ':' -> at(i, "://") ? findPassword(i) : i;
            default -> i;
        };
    }

    private boolean at(int i, String prefix) {
        return text.startsWith(prefix, i);
    }

    private boolean isSlack(int i) {
        if (at(i, "xapp-")) {
            return true;
        }
        return at(i, "xox") && i + 4 < text.length() && isAlphanumeric(text.charAt(i + 3)) && text.charAt(i + 4) == '-';
    }

    /** A prefix and at least so many letters and digits. */
    private int plain(int i, int prefix, int atLeast) {
        for (int k = i + prefix; k < i + prefix + atLeast; k++) {
            if (k >= text.length() || !isAlphanumeric(text.charAt(k))) {
                return i;
            }
        }
        return replace(i, i + prefix + atLeast);
    }

    /** A prefix and at least so many token characters. */
    private int token(int i, int prefix, int atLeast) {
        int end = runEnd(i + prefix);
        return end - i - prefix >= atLeast ? replace(i, end) : i;
    }

    private int gitToken(int i) {
        if (at(i, "github_pat_")) {
            return token(i, 11, 20);
        }
        if (at(i, "glpat-")) {
            return token(i, 6, 16);
        }
        boolean gitHub = at(i, "gh") && i + 3 < text.length() && text.charAt(i + 3) == '_';
        return gitHub && "pousr".indexOf(text.charAt(i + 2)) >= 0 ? plain(i, 4, 20) : i;
    }

    private int googleOrAmazonKey(int i) {
        if (at(i, "AIza")) {
            return token(i, 4, 30);
        }
        return at(i, "AKIA") || at(i, "ASIA") ? amazonKey(i) : i;
    }

    private int amazonKey(int i) {
        for (int k = i + 4; k < i + 20; k++) {
            if (k >= text.length() || !isUpperOrDigit(text.charAt(k))) {
                return i;
            }
        }
        return replace(i, i + 20);
    }

    /** OpenAI, Anthropic, Stripe: not the hyphenated words of package and file names. */
    private int secretKey(int i) {
        if (at(i, "sk_live_") || at(i, "sk_test_") || at(i, "rk_live_") || at(i, "rk_test_")) {
            return plain(i, 8, 10);
        }
        if (!at(i, "sk-")) {
            return i;
        }
        int end = runEnd(i + 3);
        if (end - i - 3 < 16) {
            return i;
        }
        boolean oneWord = text.substring(i + 3, i + 19).indexOf('-') < 0;
        return oneWord || hasUpperOrDigit(i + 3, end) ? replace(i, end) : i;
    }

    private int jsonWebToken(int i) {
        int header = runEnd(i);
        if (header - i < 8 || !isDot(header)) {
            return i;
        }
        int payload = runEndFrom(header + 1);
        if (payload - header < 4 || !isDot(payload)) {
            return i;
        }
        int end = runEndFrom(payload + 1);
        while (isDot(end) && runEndFrom(end + 1) > end + 1) {
            end = runEndFrom(end + 1);
        }
        return replace(i, end);
    }

    private int credentials(int i) {
        boolean bearer = text.regionMatches(true, i, "bearer ", 0, 7);
        if (!bearer && !text.regionMatches(true, i, "basic ", 0, 6)) {
            return i;
        }
        int start = i + (bearer ? 7 : 6);
        while (start < text.length() && text.charAt(start) == ' ') {
            start++;
        }
        int end = start;
        while (end < text.length() && isCredential(text.charAt(end))) {
            end++;
        }
        if (end == start) {
            return i;
        }
        boolean secret = isAfterAuthorization(i) || (bearer ? looksRandom(start, end) : looksBasic(start, end));
        return secret ? replace(start, end) : i;
    }

    private boolean looksRandom(int start, int end) {
        return end - start >= 20 || (end - start >= 8 && hasUpperOrDigit(start + 1, end));
    }

    /**
     * Base64 of a printable name and a colon; prose that begins with "basic" is not. Only what stands before the colon
     * decides, so that the answer is the same when something behind it has been masked.
     */
    private boolean looksBasic(int start, int end) {
        int buffer = 0;
        int bits = 0;
        for (int k = start; k < end; k++) {
            int sextet = BASE64.indexOf(text.charAt(k));
            if (sextet < 0) {
                return false;
            }
            buffer = (buffer << 6 | sextet) & 0xfff;
            bits += 6;
            if (bits >= 8) {
                bits -= 8;
                int decoded = buffer >> bits & 0xff;
                if (decoded <= ' ' || decoded >= 0x7f || decoded == ':') {
                    return decoded == ':';
                }
            }
        }
        return false;
    }

    /** A header line, or the same inside quotes: anything that follows is a credential. */
    private boolean isAfterAuthorization(int i) {
        int at = i;
        while (at > 0 && at > i - 8 && " \t:=\"'\\".indexOf(text.charAt(at - 1)) >= 0) {
            at--;
        }
        return at < i && text.regionMatches(true, at - 13, "authorization", 0, 13);
    }

    /** From BEGIN to END, or to the end of a text that was cut in between. */
    private int privateKey(int i) {
        int label = i + 11;
        int labelEnd = text.indexOf("-----", label);
        if (labelEnd < 0
                || labelEnd - label > 40
                || !text.substring(label, labelEnd).contains("PRIVATE KEY")) {
            return i;
        }
        int end = text.indexOf("-----END ", labelEnd);
        int close = end < 0 ? -1 : text.indexOf("-----", end + 9);
        return replace(i, close < 0 ? text.length() : close + 5);
    }

    /** Remembers where the password of {@code user:password@host} stands; the user is scanned like any text. */
    private int findPassword(int i) {
        int start = i + 3;
        int colon = -1;
        int lastAt = -1;
        // A mask ends it: what was masked may have held a character that ended it before.
        for (int k = start; k < text.length() && isUserInfo(text.charAt(k)) && !at(k, MASK); k++) {
            char c = text.charAt(k);
            if (c == ':' && colon < 0) {
                colon = k;
            } else if (c == '@') {
                lastAt = k;
            }
        }
        if (colon >= 0 && lastAt > colon + 1) {
            passwordStart = colon + 1;
            passwordEnd = lastAt;
        }
        return i;
    }

    /** Puts the mask in place of these characters and of all token characters that follow. */
    private int replace(int start, int end) {
        int swallowed = end > 0 && isToken(text.charAt(end - 1)) ? runEnd(end) : end;
        if (out == null) {
            out = new StringBuilder(text.length());
        }
        out.append(text, copied, start).append(MASK);
        copied = swallowed;
        return swallowed;
    }

    private int runEnd(int from) {
        if (from >= runEnd) {
            runEnd = runEndFrom(from);
        }
        return runEnd;
    }

    private int runEndFrom(int from) {
        int end = from;
        while (end < text.length() && isToken(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** No token character before it, except the letter of an escape: logs are full of text inside JSON. */
    private boolean startsWord(int i) {
        if (i == 0 || !isToken(text.charAt(i - 1))) {
            return true;
        }
        return i > 1 && text.charAt(i - 2) == '\\' && "nrt".indexOf(text.charAt(i - 1)) >= 0;
    }

    private boolean isDot(int i) {
        return i < text.length() && text.charAt(i) == '.';
    }

    private boolean hasUpperOrDigit(int start, int end) {
        for (int k = start; k < end; k++) {
            if (isUpperOrDigit(text.charAt(k))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isToken(char c) {
        return isAlphanumeric(c) || c == '_' || c == '-';
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || isUpperOrDigit(c);
    }

    private static boolean isUpperOrDigit(char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static boolean isCredential(char c) {
        return isToken(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '=';
    }

    private static boolean isUserInfo(char c) {
        return c > ' ' && "/?#\"'<>`\\".indexOf(c) < 0;
    }
}
