package io.agentrun.redact;

import io.agentrun.redact.Assignment.Style;
import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.RandomText;
import io.agentrun.redact.internal.ValueShapes;
import java.util.Set;

/**
 * Finds where values end. Each search remembers what it walked over, so that text with many openings and no end is walked
 * over once. Not thread-safe: one thread at a time.
 */
final class ValueEnds {

    private static final int KINDS = 16;

    /** How many backslashes may precede a quote: JSON in JSON in JSON. */
    static final int MAX_ESCAPES = 7;

    /** How many brackets and commas at the end of a value are taken for those of what is around it. */
    private static final int MAX_CLOSING = 8;

    /** How long a word in brackets is that another redactor has put in place of a secret. */
    private static final int LONGEST_MASK = 16;

    private static final int MAX_BLANKS = 12;
    private static final int MAX_SCHEME = 24;
    private static final int SHORTEST_CREDENTIAL = 16;

    /** How many words a phrase has that opens a wallet. */
    private static final int LEAST_WORDS = 12;

    private static final int LONGEST_CALL = 48;

    /** How far the parts of one literal are from each other. */
    private static final int MAX_GAP = 48;

    /** Calls that take the literal of a secret and nothing else that matters. */
    private static final Set<String> LITERALS = Set.of(
            "[]byte",
            "string",
            "String",
            "str",
            "bytes",
            "bytearray",
            "bytes.fromhex",
            "bytearray.fromhex",
            "binascii.unhexlify",
            "unhexlify",
            "b64decode",
            "base64.b64decode",
            "base64_decode",
            "hex2bin",
            "atob",
            "Buffer.from",
            "TextEncoder().encode",
            "Encoding.UTF8.GetBytes",
            "Encoding.ASCII.GetBytes",
            "Convert.FromBase64String",
            "Convert.FromHexString",
            "hex.DecodeString",
            "base64.StdEncoding.DecodeString",
            "Base64.decode64",
            "Base64.getDecoder().decode",
            "HexFormat.of().parseHex",
            "String::from",
            "SecretString::from",
            "SecretString::new",
            "SecretStr",
            "SecretString",
            "Secret",
            "Secret.fromString",
            "SecretValue.unsafePlainText",
            "Some",
            "Optional.of",
            "Text");

    private static final String[] SCHEMES = {
        "bearer ",
        "basic ",
        "token ",
        "digest ",
        "negotiate ",
        "apikey ",
        "aws4-hmac-sha256 ",
        "bot ",
        "ssws ",
        "key ",
        "oauth ",
        "hawk ",
        "googlelogin ",
        "sharedkey ",
        "hmac "
    };

    private static final int[] NONE = new int[KINDS];

    private final CharSequence text;

    // Per kind of search: it went from one index to the other, and nothing in between ends a value.
    private int[] from = NONE;
    private int[] to = NONE;

    ValueEnds(CharSequence text) {
        this.text = text;
    }

    /** Returns the length of an opening quote, with a prefix or a backslash; 0 if there is none. */
    int quoteAt(int start) {
        char c = Chars.at(text, start);
        if (Chars.isQuote(c)) {
            return 1;
        }
        int escapes = 0;
        while (escapes < MAX_ESCAPES && Chars.at(text, start + escapes) == '\\') {
            escapes++;
        }
        if (escapes > 0) {
            return Chars.isQuote(Chars.at(text, start + escapes)) ? escapes + 1 : 0;
        }
        char next = Chars.at(text, start + 1);
        return (c == '\\' || ("rbfuRBFUNE@".indexOf(c) >= 0 && c != 0)) && Chars.isQuote(next) ? 2 : 0;
    }

    /**
     * Returns where the literal begins that a bracket or a call turns into bytes or an object, {@code []byte("…")}; the start
     * if there is none.
     */
    int literal(int start) {
        int name = Chars.matches(text, start, "new ") ? start + 4 : start;
        int open = name;
        while (open < name + LONGEST_CALL && (isCall(Chars.at(text, open)) || Chars.matches(text, open - 1, "()"))) {
            open += Chars.matches(text, open, "()") ? 2 : 1;
        }
        if (Chars.at(text, open) != '('
                || (open > name
                        && !LITERALS.contains(text.subSequence(name, open).toString()))) {
            return start;
        }
        int quote = skipSpace(open + 1);
        int length = quoteAt(quote);
        boolean literal = length > 0 && (open > name || isAlone(skipSpace(quoted(quote + length, length) + 1)));
        return literal ? quote : start;
    }

    /** Returns whether a bracket closes here, or the next part of the literal begins: a comma would make it one of many. */
    private boolean isAlone(int after) {
        return Chars.at(text, after) == ')' || Chars.isQuote(Chars.at(text, after));
    }

    private int skipSpace(int from) {
        int at = from;
        while (at < text.length() && at < from + MAX_GAP && text.charAt(at) <= ' ') {
            at++;
        }
        return at;
    }

    private static boolean isCall(char c) {
        return Chars.isToken(c) || c == '.' || c == ':' || c == '[' || c == ']';
    }

    /**
     * Returns where the text of the next literal begins that is a part of the one before: after a plus, a dot or a backslash,
     * or at once in brackets; -1 if there is none.
     */
    int nextPart(int from, boolean bracket) {
        int at = Chars.skipBlanks(text, from, MAX_BLANKS);
        int joint = -1;
        for (int i = 0; i < MAX_GAP && at < text.length(); i++, at++) {
            char c = text.charAt(at);
            if (joint < 0 && "+.\\&".indexOf(c) >= 0) {
                joint = at;
            } else if (c > ' ') {
                break;
            }
        }
        boolean joined = joint < 0 ? bracket : joint == Chars.skipBlanks(text, from, MAX_BLANKS) || at > joint + 1;
        return joined && at > from && Chars.isQuote(Chars.at(text, at)) ? at + 1 : -1;
    }

    /** Returns the index of the quote that closes, or the end of the line. */
    int quoted(int start, int open) {
        char quote = text.charAt(start - 1);
        boolean escaped = open >= 2 && text.charAt(start - 2) == '\\';
        int kind = (quote == '"' ? 0 : quote == '\'' ? 1 : 2) + (escaped ? 3 : 0);
        if (start >= from[kind] && start < to[kind]) {
            return to[kind];
        }
        int end = start;
        while (end < text.length() && !Chars.isBreak(text.charAt(end))) {
            char c = text.charAt(end);
            char after = Chars.at(text, end + 1);
            if (c == '\\' && escaped && (after == quote || (open > 2 && after == '\\'))) {
                break;
            }
            if (c == quote) {
                break;
            }
            end += c == '\\' && !escaped && end + 1 < text.length() && !Chars.isBreak(text.charAt(end + 1)) ? 2 : 1;
        }
        return remember(kind, start, Math.min(end, text.length()));
    }

    /** Returns the end of the line, or the quote that closes around the whole header, or an escaped line break. */
    int line(int start, char quote) {
        int kind = 6 + (quote == 0 ? 0 : quote == '"' ? 1 : quote == '\'' ? 2 : 3);
        if (start >= from[kind] && start < to[kind]) {
            return to[kind];
        }
        int end = start;
        while (end < text.length() && !Chars.isBreak(text.charAt(end)) && text.charAt(end) != quote) {
            char next = Chars.at(text, end + 1);
            boolean escape = text.charAt(end) == '\\' && (next == 'n' || next == 'r' || next == '"');
            boolean closes = quote == 0 && Chars.isQuote(text.charAt(end)) && (next == '}' || next == ')' || next == 0);
            if (escape || closes) {
                break;
            }
            end++;
        }
        return remember(kind, start, end);
    }

    int unquoted(int start, Style style, char separator) {
        boolean parameter = style == Style.PARAMETER || (style == Style.INLINE && separator == '=');
        boolean words = separator == ':' || style == Style.ENV;
        int kind = parameter ? 10 : words ? 11 : 12;
        int end;
        if (start >= from[kind] && start < to[kind]) {
            end = to[kind];
        } else {
            end = start;
            while (end < text.length() && !ends(text.charAt(end), end, parameter, words)) {
                end++;
            }
            remember(kind, start, end);
        }
        return withoutClosing(start, end);
    }

    /** Returns the end without the brackets and punctuation of what is around the value. */
    int withoutClosing(int start, int end) {
        int last = end;
        int shortest = Math.max(start, end - MAX_CLOSING);
        while (last > shortest && ",;:)}].".indexOf(text.charAt(last - 1)) >= 0 && !isMaskEnd(start, last)) {
            last--;
        }
        return last;
    }

    /** Returns the end of the value before another name and value that a comma parts from it: {@code a.b=x,c=y}. */
    int beforeNextPair(int start, int end) {
        for (int comma = start + 1; comma < end && comma < start + SecretValues.WINDOW; comma++) {
            if (text.charAt(comma) != ',') {
                continue;
            }
            int name = comma + 1;
            while (name < end && name < comma + SecretNames.LONGEST && NameBefore.isPart(text.charAt(name))) {
                name++;
            }
            if (name > comma + 1 && Chars.at(text, name) == '=') {
                return comma;
            }
        }
        return end;
    }

    /**
     * Returns the end of a secret of several words that ends its line: the four groups of four of an application's password,
     * or the words of a wallet; -1 if it is none.
     */
    int words(int start, boolean phrase) {
        int at = start;
        int count = 0;
        boolean groups = true;
        while (count <= 2 * LEAST_WORDS) {
            int word = at;
            while (at < word + 10 && isWordOf(Chars.at(text, at), phrase)) {
                at++;
            }
            if (at - word < 3 || at - word > 9) {
                return -1;
            }
            groups &= at - word == 4;
            count++;
            if (Chars.at(text, at) != ' ' || !isWordOf(Chars.at(text, at + 1), phrase)) {
                break;
            }
            at++;
        }
        boolean password = groups && (count == 4 || count == 6) && RandomText.spoken(text, start, at) < 2 * count;
        return (password || (phrase && count >= LEAST_WORDS)) && endsLine(at) ? at : -1;
    }

    private static boolean isWordOf(char c, boolean phrase) {
        return (c >= 'a' && c <= 'z') || (!phrase && Chars.isAlphanumeric(c));
    }

    /** Returns where the credential after the scheme of a header begins; the start if there is no scheme. */
    int afterScheme(int start) {
        for (String scheme : SCHEMES) {
            if (Chars.matchesIgnoringCase(text, start, scheme)) {
                return Chars.skipBlanks(text, start + scheme.length(), MAX_BLANKS);
            }
        }
        int word = start;
        while (word < start + MAX_SCHEME && Chars.isLetter(Chars.at(text, word))) {
            word++;
        }
        int end = unquoted(word + 1, Style.ENV, ' ');
        boolean credential = word > start + 1
                && Chars.at(text, word) == ' '
                && end - word > SHORTEST_CREDENTIAL
                && endsLine(end)
                && ValueShapes.looksRandom(
                        text.subSequence(word + 1, Math.min(end, word + SecretValues.WINDOW))
                                .toString(),
                        1);
        return credential ? word + 1 : start;
    }

    /** Returns whether a mask ends here: our own, or a word in brackets, {@code [MASKED]}. */
    private boolean isMaskEnd(int start, int end) {
        if (Chars.matches(text, end - SecretFinder.MASK.length(), SecretFinder.MASK)) {
            return true;
        }
        int open = end - 1;
        while (open > start && open > end - LONGEST_MASK && Chars.isLetter(text.charAt(open - 1))) {
            open--;
        }
        return text.charAt(end - 1) == ']' && open - 1 == start && text.charAt(start) == '[';
    }

    private boolean ends(char c, int at, boolean parameter, boolean words) {
        if (c <= ' ' || Chars.isQuote(c) || c == '<' || c == '>') {
            return true;
        }
        if (c == '\\') {
            char next = Chars.at(text, at + 1);
            return next == 'n' || next == 'r' || next == 't' || next == '"' || next == '\'';
        }
        if (parameter) {
            return "&;#|)},".indexOf(c) >= 0;
        }
        return !words && (c == ';' || c == '&' || c == ',' || c == '|');
    }

    private int remember(int kind, int start, int end) {
        if (from == NONE) {
            from = new int[KINDS];
            to = new int[KINDS];
        }
        from[kind] = start;
        to[kind] = end;
        return end;
    }

    /** Returns where the text of a YAML block begins, {@code name: |} and the value in the next line; -1 if it is none. */
    int blockStart(int start) {
        char c = Chars.at(text, start);
        int at = start + 1;
        while (c != 0 && "+-".indexOf(Chars.at(text, at)) >= 0 && at < text.length()) {
            at++;
        }
        if ((c != '|' && c != '>') || Chars.at(text, at) != '\n') {
            return -1;
        }
        int value = Chars.skipBlanks(text, at + 1, 64);
        return value < text.length() && !Chars.isBreak(text.charAt(value)) ? value : -1;
    }

    boolean endsLine(int end) {
        int at = Chars.skipBlanks(text, end, 4);
        char c = Chars.at(text, at);
        if (at >= text.length() || Chars.isBreak(c)) {
            return true;
        }
        char next = Chars.at(text, at + 1);
        return (c == '\\' && (next == 'n' || next == 'r' || next == '"' || Chars.isBreak(next) || next == 0))
                || c == '#'
                || (c == '-' && at > end)
                || (Chars.isQuote(c) && (next == 0 || Chars.isBreak(next) || next == ',' || next == '}'));
    }
}
