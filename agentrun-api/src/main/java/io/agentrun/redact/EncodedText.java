package io.agentrun.redact;

import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.Spans;
import io.agentrun.redact.internal.ValueShapes;
import java.util.function.Predicate;

/**
 * Finds long words that are secrets: Base64 whose text holds one, and random ones behind a secret name. It looks at every {@value #STRIDE}th character, which no run that is long enough
 * can escape, and decodes a run until it is no text; images and hashes are done after a few bytes. Not thread-safe: one
 * thread at a time.
 */
final class EncodedText {

    private static final int STRIDE = 16;
    private static final int SHORTEST = 24;

    private static final byte[] SEXTETS = new byte[128];

    static {
        java.util.Arrays.fill(SEXTETS, (byte) -1);
        String standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (int i = 0; i < standard.length(); i++) {
            SEXTETS[standard.charAt(i)] = (byte) i;
        }
        SEXTETS['-'] = 62;
        SEXTETS['_'] = 63;
    }

    private final CharSequence text;
    private final Spans spans;
    private final SecretNames names;
    private final Predicate<String> hasSecret;

    EncodedText(CharSequence text, SecretNames names, Spans spans, Predicate<String> hasSecret) {
        this.names = names;
        this.text = text;
        this.spans = spans;
        this.hasSecret = hasSecret;
    }

    void scan() {
        int done = 0;
        int at = STRIDE - 1;
        while (at < text.length()) {
            if (sextet(text.charAt(at)) < 0) {
                at += STRIDE;
                continue;
            }
            int start = at;
            while (start > done && sextet(text.charAt(start - 1)) >= 0) {
                start--;
            }
            int end = at;
            while (end < text.length() && sextet(text.charAt(end)) >= 0) {
                end++;
            }
            if (isAnnounced(start, end)) {
                spans.add(start, end);
            } else if (end - start >= SHORTEST) {
                judge(start, end);
            }
            done = end;
            at = end + STRIDE - 1;
        }
    }

    /** Returns whether it looks random and the word before is a secret name, as in {@code setx API_KEY value}. */
    private boolean isAnnounced(int start, int end) {
        int window = Math.min(end, start + SecretValues.WINDOW);
        if (end - start < STRIDE || start == 0) {
            return false;
        }
        int nameEnd = start;
        while (nameEnd > 0 && nameEnd > start - 4 && " \t\"'`".indexOf(text.charAt(nameEnd - 1)) >= 0) {
            nameEnd--;
        }
        int nameStart = nameEnd;
        while (nameStart > 0 && nameStart > nameEnd - 64 && Chars.isToken(text.charAt(nameStart - 1))) {
            nameStart--;
        }
        return nameEnd < start
                && nameStart < nameEnd
                && names.judge(text, nameStart, nameEnd) == NameKind.SECRET
                && ValueShapes.isRandomWord(text.subSequence(start, window).toString());
    }

    private void judge(int start, int end) {
        if (isAzureToken(start, end) || isHexToken(start, end)) {
            spans.add(start, end);
            return;
        }
        String decoded = decode(start, end);
        if (decoded != null && hasSecret.test(decoded)) {
            int padded = end;
            while (padded < end + 2 && Chars.at(text, padded) == '=') {
                padded++;
            }
            spans.add(start, padded);
        }
    }

    /** Returns the text, or null if it is none. */
    private @org.jspecify.annotations.Nullable String decode(int start, int end) {
        StringBuilder decoded = new StringBuilder();
        int buffer = 0;
        int bits = 0;
        for (int i = start; i < end; i++) {
            buffer = (buffer << 6 | sextet(text.charAt(i))) & 0xfff;
            bits += 6;
            if (bits >= 8) {
                bits -= 8;
                char c = (char) (buffer >> bits & 0xff);
                if (c >= 127 || (c < ' ' && c != '\n' && c != '\r' && c != '\t')) {
                    return null;
                }
                decoded.append(c);
            }
        }
        return decoded.toString();
    }

    /** Returns whether it is an Azure DevOps token of the old form: 52 characters of Base32 in lower case. */
    private boolean isAzureToken(int start, int end) {
        if (end - start != 52) {
            return false;
        }
        int digits = 0;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (!((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'))) {
                return false;
            }
            digits += Chars.isDigit(c) ? 1 : 0;
        }
        return digits > 0;
    }

    /** Returns whether it is a license key of New Relic or a key of Mailchimp: a number in hexadecimal, and where it is valid. */
    private boolean isHexToken(int start, int end) {
        int hex = start;
        while (hex < end && hex <= start + 36 && (Chars.isDigit(text.charAt(hex)) || isHexLetter(text.charAt(hex)))) {
            hex++;
        }
        boolean license = hex - start == 36 && Chars.matches(text, hex, "NRAL") && hex + 4 == end;
        return license || (hex - start == 32 && Chars.matches(text, hex, "-us") && end - hex <= 5);
    }

    private static boolean isHexLetter(char c) {
        return c >= 'a' && c <= 'f';
    }

    private static int sextet(char c) {
        return c < 128 ? SEXTETS[c] : -1;
    }
}
