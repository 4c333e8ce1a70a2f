package io.agentrun.redact;

/**
 * Finds credentials whose form is a standard: JSON web tokens, {@code Bearer} and {@code Basic}, and the user and password
 * in a URL. Not thread-safe: one thread at a time.
 */
final class Credentials {

    private static final String BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private final CharSequence text;
    private final Spans spans;

    // End of the run of token characters that was looked at last, so that no run is walked twice.
    private int runEnd;

    Credentials(CharSequence text, Spans spans) {
        this.text = text;
        this.spans = spans;
    }

    /** Masks a JSON web token; returns its end, or the start if there is none. */
    int jsonWebToken(int start) {
        if (!Chars.matches(text, start, "eyJ") || !Chars.startsWord(text, start)) {
            return start;
        }
        int header = runEnd(start);
        if (header - start < 8 || Chars.at(text, header) != '.') {
            return start;
        }
        int payload = Chars.tokenEnd(text, header + 1);
        if ((payload - header < 4 && payload > header + 1) || Chars.at(text, payload) != '.') {
            return start;
        }
        int end = Chars.tokenEnd(text, payload + 1);
        while (Chars.at(text, end) == '.' && Chars.isToken(Chars.at(text, end + 1))) {
            end = Chars.tokenEnd(text, end + 1);
        }
        spans.add(start, end);
        return end;
    }

    private int runEnd(int start) {
        if (start >= runEnd) {
            runEnd = Chars.tokenEnd(text, start);
        }
        return runEnd;
    }

    /** Masks what follows {@code Bearer} or {@code Basic}; returns its end, or the start if there is none. */
    int scheme(int start) {
        if (!Chars.startsWord(text, start)) {
            return start;
        }
        boolean bearer = Chars.matchesIgnoringCase(text, start, "bearer ");
        if (!bearer && !Chars.matchesIgnoringCase(text, start, "basic ")) {
            return start;
        }
        int from = start + (bearer ? 7 : 6);
        while (from < text.length() && text.charAt(from) == ' ') {
            from++;
        }
        int end = from;
        while (end < text.length() && isCredential(text.charAt(end))) {
            end++;
        }
        if (end == from || !(bearer ? looksRandom(from, end) : looksBasic(from, end))) {
            return start;
        }
        spans.add(from, end);
        return end;
    }

    private boolean looksRandom(int start, int end) {
        int digitOrUpper = 0;
        for (int i = start + 1; i < end; i++) {
            digitOrUpper += Chars.isDigit(text.charAt(i)) || Chars.isUpper(text.charAt(i)) ? 1 : 0;
        }
        return end - start >= 20 || (end - start >= 8 && digitOrUpper > 0);
    }

    /** Returns whether it is Base64 of a printable name and a colon; prose that begins with "basic" is not. */
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

    private static boolean isCredential(char c) {
        return Chars.isToken(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '=';
    }

    /** Masks the password of {@code ://user:password@host}, or a token that stands for the user; the index is the colon. */
    void url(int colon) {
        if (!Chars.matches(text, colon, "://")) {
            return;
        }
        int start = colon + 3;
        int separator = -1;
        int at = -1;
        // A mask ends it: what was masked may have held a character that ended it before.
        for (int k = start; k < text.length() && !Chars.matches(text, k, SecretFinder.MASK); k++) {
            char c = text.charAt(k);
            boolean inPassword = (c == '#' || c == '?') && separator >= 0 && !isPort(separator + 1, k);
            if (!isUserInfo(c) && !inPassword) {
                break;
            }
            if (c == ':' && separator < 0) {
                separator = k;
            } else if (c == '@') {
                at = k;
            }
        }
        if (separator >= 0 && at > separator + 1) {
            if (!isVariable(separator + 1, at) && !isWordForIt(separator + 1, at)) {
                spans.add(separator + 1, at);
            }
        } else if (separator < 0 && at > start && isToken(start, at)) {
            spans.add(start, at);
        }
    }

    /** Masks the password of {@code user:password@tcp(host)}; the index is the colon. */
    void dataSource(int colon) {
        int at = colon + 1;
        while (at < text.length() && at < colon + 96 && isUserInfo(text.charAt(at)) && text.charAt(at) != ':') {
            if (text.charAt(at) == '@' && (Chars.matches(text, at, "@tcp(") || Chars.matches(text, at, "@unix("))) {
                if (at > colon + 1 && !isVariable(colon + 1, at)) {
                    spans.add(colon + 1, at);
                }
                return;
            }
            at++;
        }
    }

    private boolean isPort(int start, int end) {
        for (int i = start; i < end && i < start + 6; i++) {
            if (!Chars.isDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean isToken(int start, int end) {
        int window = Math.min(end, start + SecretValues.WINDOW);
        return ValueShapes.looksRandom(text.subSequence(start, window).toString(), 16) && isOneWord(start, window);
    }

    private boolean isOneWord(int start, int end) {
        for (int i = start; i < end; i++) {
            if (!Chars.isToken(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean isVariable(int start, int end) {
        char c = text.charAt(start);
        char next = Chars.at(text, start + 1);
        boolean variable = c == '$' && (next == '{' || next == '(' || (Chars.isUpper(next) && isName(start + 1, end)));
        boolean template = (c == '{' && text.charAt(end - 1) == '}') || (c == '%' && end - start == 2);
        return variable || template || isFill(c, start, end);
    }

    /** Returns whether it is what documentation writes for a password: {@code user:password@host}. */
    private boolean isWordForIt(int start, int end) {
        for (String word : new String[] {"password", "pass", "passwd"}) {
            if (end - start == word.length() && Chars.matchesIgnoringCase(text, start, word)) {
                return true;
            }
        }
        return false;
    }

    private boolean isName(int start, int end) {
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (!Chars.isUpper(c) && !Chars.isDigit(c) && c != '_') {
                return false;
            }
        }
        return true;
    }

    private boolean isFill(char fill, int start, int end) {
        for (int i = start; i < end; i++) {
            if (text.charAt(i) != fill) {
                return false;
            }
        }
        return fill == '*' || fill == 'x' || fill == 'X' || fill == '.';
    }

    private static boolean isUserInfo(char c) {
        return c > ' ' && "/?#\"'<>`\\".indexOf(c) < 0;
    }
}
