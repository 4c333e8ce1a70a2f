package io.agentrun.redact;

import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.RandomText;
import io.agentrun.redact.internal.Spans;
import io.agentrun.redact.internal.ValueShapes;
import java.util.Set;

/**
 * Finds credentials whose form is a standard: JSON web tokens and keys, {@code Bearer} and {@code Basic}, the user and
 * password in a URL, and private keys of several lines: PEM, OpenPGP, SSH2 and PuTTY. Not thread-safe: one thread at a time.
 */
final class Credentials {

    private static final Set<String> PRIVATE_MEMBERS = Set.of("d", "p", "q", "dp", "dq", "qi", "k");

    private static final int LABEL = 48;

    private static final String BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /** How far a password goes on after a slash, which URLs escape. */
    private static final int AFTER_SLASH = 48;

    /** How far the members of a JSON Web Key are from each other. */
    private static final int JSON_KEY = 4_096;

    private final CharSequence text;
    private final Spans spans;

    // The end of the JSON Web Key that was looked at last.
    private int keyEnd;

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

    /** Masks the private members of the JSON Web Key whose type is named here, in text. */
    void jsonWebKey(int at) {
        if (!Chars.matches(text, at - 1, "kty") || at < keyEnd) {
            return;
        }
        int open = at;
        while (open > keyEnd && open > at - JSON_KEY && text.charAt(open) != '{') {
            open--;
        }
        int end = at;
        while (end < text.length() && end < at + JSON_KEY && text.charAt(end) != '}') {
            end++;
        }
        keyEnd = end;
        for (int i = open; i < end; i++) {
            if (text.charAt(i) == '"' && isPrivateMember(i)) {
                int value = Chars.indexOf(text, "\"", Chars.indexOf(text, ":", i, 12) + 1, 4) + 1;
                spans.add(value, Math.max(value, Chars.tokenEnd(text, value)));
                i = value;
            }
        }
    }

    /** Returns whether the quote is the first of a name from RFC 7518 whose value is private, and a colon follows. */
    private boolean isPrivateMember(int quote) {
        int end = quote + 1;
        while (end < quote + 4 && Chars.isLetter(Chars.at(text, end))) {
            end++;
        }
        String name = text.subSequence(quote + 1, Math.min(end, text.length())).toString();
        int colon = end;
        while (colon < end + 4 && "\"\\ ".indexOf(Chars.at(text, colon)) >= 0) {
            colon++;
        }
        int value = colon + 1;
        while (value < colon + 5 && " \\".indexOf(Chars.at(text, value)) >= 0) {
            value++;
        }
        return PRIVATE_MEMBERS.contains(name)
                && colon > end
                && Chars.at(text, colon) == ':'
                && Chars.at(text, value) == '"'
                && Chars.tokenEnd(text, value + 1) - value > 16;
    }

    /** Masks the password in what a QR code for a wireless network says: {@code WIFI:T:WPA;S:name;P:…;;}. */
    void wireless(int at) {
        if (!Chars.matches(text, at, "WIFI:")) {
            return;
        }
        int name = Chars.indexOf(text, "P:", at + 5, 128);
        if (name < 0 || (text.charAt(name - 1) != ';' && name != at + 5)) {
            return;
        }
        int end = name + 2;
        while (end < text.length() && end < name + 80 && text.charAt(end) != ';' && text.charAt(end) > ' ') {
            end += text.charAt(end) == '\\' ? 2 : 1;
        }
        if (Chars.at(text, end) == ';' && !Chars.matches(text, name + 2, SecretFinder.MASK)) {
            spans.add(name + 2, end);
        }
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
        boolean okta = Chars.matches(text, start, "SSWS ");
        boolean bearer = okta || Chars.matchesIgnoringCase(text, start, "bearer ");
        if (!bearer && !Chars.matchesIgnoringCase(text, start, "basic ")) {
            return start;
        }
        int from = start + (okta ? 5 : bearer ? 7 : 6);
        while (from < text.length() && text.charAt(from) == ' ') {
            from++;
        }
        int end = from;
        while (end < text.length() && isCredential(text.charAt(end))) {
            end++;
        }
        if (end == from || !(bearer ? looksRandom(from, end) : looksBasic(from, end)) || isExample(from, end)) {
            return start;
        }
        spans.add(from, end);
        return end;
    }

    private boolean isExample(int start, int end) {
        return end - start < LABEL
                && Placeholders.isExample(text.subSequence(start, end).toString());
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
        int slash = -1;
        // A mask ends it: what was masked may have held a character that ended it before.
        for (int k = start; k < text.length() && !Chars.matches(text, k, SecretFinder.MASK); k++) {
            char c = text.charAt(k);
            boolean inPassword = (c == '#' || c == '?' || c == '/') && separator >= 0 && !isPort(separator + 1, k);
            if (c == '/' && inPassword && slash < 0) {
                slash = k;
            }
            boolean domain = c == '\\' && separator < 0 && isDomain(start, k);
            if ((!isUserInfo(c) && !inPassword && !domain) || (slash >= 0 && k > slash + AFTER_SLASH)) {
                break;
            }
            if (c == ':' && separator < 0) {
                separator = k;
            } else if (c == '@') {
                at = k;
            }
        }
        if (separator >= 0 && at > separator + 1) {
            if (!isVariable(separator + 1, at) && !isWordForIt(separator + 1, at) && !isDefault(start, separator, at)) {
                spans.add(separator + 1, at);
            }
        } else if (separator < 0 && at > start && isToken(start, at)) {
            spans.add(start, at);
        }
    }

    /** Returns whether the backslash parts the domain of a user from the name, and is no escape. */
    private boolean isDomain(int start, int at) {
        char next = Chars.at(text, at + 1);
        return at > start && Chars.isToken(next) && "nrtu".indexOf(next) < 0;
    }

    /** Masks the password of {@code user:password@tcp(host)}; the index is the colon. */
    void dataSource(int colon) {
        int at = colon + 1;
        while (at < text.length() && at < colon + 96 && isUserInfo(text.charAt(at)) && text.charAt(at) != ':') {
            if (text.charAt(at) == '@') {
                boolean source = Chars.matches(text, at, "@tcp(") || Chars.matches(text, at, "@unix(");
                if (source ? at > colon + 1 && !isVariable(colon + 1, at) : isLogin(colon, at)) {
                    spans.add(colon + 1, at);
                }
                if (source) {
                    return;
                }
            }
            at++;
        }
    }

    /** Returns whether a name precedes the colon, a host follows, and what is between them looks random. */
    private boolean isLogin(int colon, int at) {
        return Chars.isToken(Chars.at(text, colon - 1))
                && Chars.isAlphanumeric(Chars.at(text, at + 1))
                && !Chars.matches(text, at + 1, "sha")
                && RandomText.isMixed(text, colon + 1, at, 10);
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

    /** Returns whether the password is the name of the user, as in the settings that software comes with. */
    private boolean isDefault(int start, int separator, int end) {
        return end - separator - 1 == separator - start
                && Chars.matches(
                        text, separator + 1, text.subSequence(start, separator).toString())
                && isOneWord(start, separator);
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

    /** Masks from BEGIN to END, or to the end of a text that was cut in between; returns the end, or the start. */
    int pem(int start) {
        int label;
        if (Chars.matches(text, start, "-----BEGIN ")) {
            label = start + 11;
        } else if (Chars.matches(text, start, "---- BEGIN ")) {
            label = start + 11;
        } else {
            return start;
        }
        int labelEnd = Chars.indexOf(text, "----", label, LABEL);
        if (labelEnd < 0 || Chars.indexOf(text, "PRIVATE KEY", label, labelEnd - label) < 0) {
            return start;
        }
        int end = Chars.indexOf(text, "-- END ", labelEnd, text.length());
        end = end < 0 ? Chars.indexOf(text, "--END ", labelEnd, text.length()) : end;
        int close = end < 0 ? -1 : Chars.indexOf(text, "----", end + 5, LABEL);
        return maskBlock(start, close < 0 ? -1 : close + 4, '-');
    }

    /** Masks a PuTTY key file from its first line, or from its private lines; returns the end, or the start. */
    int putty(int start) {
        if (!Chars.matches(text, start, "PuTTY-User-Key-File-") && !Chars.matches(text, start, "Private-Lines:")) {
            return start;
        }
        int mac = Chars.indexOf(text, "Private-MAC:", start, text.length());
        if (mac < 0) {
            return maskBlock(start, -1, ' ');
        }
        return maskBlock(start, Chars.tokenEnd(text, Chars.skipBlanks(text, mac + 12, 4)), ' ');
    }

    private int maskBlock(int start, int end, char fill) {
        int last = end < 0 ? text.length() : end;
        while (last < text.length() && text.charAt(last) == fill && fill == '-') {
            last++;
        }
        spans.add(start, last);
        return last;
    }
}
