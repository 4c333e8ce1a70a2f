package io.agentrun.redact;

import io.agentrun.redact.Assignment.Style;
import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.RandomText;
import io.agentrun.redact.internal.Spans;
import io.agentrun.redact.internal.ValueShapes;

/**
 * Finds secrets that no name announces, but their place after known words: arguments of commands ({@code add_user app …}), settings
 * ({@code config set name …}), fields of {@code .pgpass} and of a user's rights in Redis, and keys that a call of cryptography takes. Not thread-safe: one
 * thread at a time.
 */
final class PlacedValues {

    private static final int MAX_ARGUMENTS = 4;
    private static final int LONGEST_LINE = 160;
    private static final int LONGEST_CALL = 32;
    private static final int LONGEST_WORD = 32;

    /** Which argument after the words is the secret, and the least length of one; the scanner stops at this index in them. */
    private record Place(String words, int stop, int argument, int shortest) {}

    private static final Place[] PLACES = {
        new Place("add_user ", 2, 2, 6),
        new Place("change_password ", 5, 2, 6),
        new Place("alias set ", 2, 4, 8),
        new Place("login ", 1, 1, 24),
        new Place("server community ", 9, 1, 8),
        new Place("isakmp key ", 0, 1, 8),
        new Place("key 0 ", 2, 1, 8),
        new Place("/RP ", 0, 1, 6),
        new Place("net user ", 4, 2, 6),
        new Place("wpa_passphrase ", 2, 2, 8),
        new Place("AUTH PLAIN ", 5, 1, 12),
        new Place(" LOGIN ", 2, 2, 6),
        new Place("\"AUTH\" ", 1, 1, 6)
    };

    private static final String[] KEY_CALLS = {
        "jwt.sign(",
        "jwt.verify(",
        "jwt.encode(",
        "jwt.decode(",
        "aes.new(",
        "fernet(",
        "mac(",
        "mac.new(",
        "macshakeyfor("
    };

    private final CharSequence text;
    private final SecretNames names;
    private final Spans spans;
    private final ValueEnds ends;

    PlacedValues(CharSequence text, SecretNames names, Spans spans, ValueEnds ends) {
        this.text = text;
        this.names = names;
        this.spans = spans;
        this.ends = ends;
    }

    /** Masks the argument whose place after the words here says that it is a secret; returns its end, or the start. */
    int argument(int at) {
        for (Place place : PLACES) {
            int start = at - place.stop;
            if (Chars.matches(text, start, place.words)) {
                return argument(at, start + place.words.length(), place.argument, place.shortest);
            }
        }
        if (Chars.matches(text, at, "qlplus ")) {
            return slash(at, at + 7);
        }
        return Chars.matches(text, at, "/user:") ? netUse(at) : at;
    }

    /** Masks the first argument of a call that takes a key, or that of a command. */
    int keyOrArgument(int at) {
        int end = argument(at);
        return end > at ? end : key(at);
    }

    /** Masks the last word of {@code AUTH password} and {@code AUTH user password}, at a prompt or in a command of Redis. */
    int auth(int at) {
        if (!Chars.matches(text, at, "AUTH ") || !beginsCommand(at)) {
            return at;
        }
        int first = at + 5;
        int end = ends.unquoted(first + ends.quoteAt(first), Style.ENV, ' ');
        boolean two = Chars.isBlank(Chars.at(text, end)) && Chars.at(text, end + 1) > ' ';
        return argument(at, first, two && Chars.at(text, end + 1) != '#' ? 2 : 1, 6);
    }

    /** Returns whether the line begins here, or a prompt, {@code redis-cli} or {@code HELLO 3} precedes. */
    private boolean beginsCommand(int at) {
        int before = at - 1;
        char c = Chars.at(text, before);
        if (before < 0 || Chars.isBreak(c) || Chars.isQuote(c)) {
            return true;
        }
        char last = Chars.at(text, before - 1);
        int from = Math.max(0, at - LONGEST_CALL);
        return c == ' '
                && (last == '>'
                        || Chars.indexOf(text, "redis-cli", from, at - from) >= 0
                        || (Chars.isDigit(last) && Chars.matches(text, before - 7, "HELLO ")));
    }

    /** Masks the password of {@code PASS password} in the line after {@code USER name}, as a capture of FTP or POP3 has it. */
    int pass(int at) {
        if (!Chars.matches(text, at, "PASS ") || Chars.at(text, at - 1) != '\n') {
            return at;
        }
        int line = at - 1;
        while (line > 0 && line > at - LONGEST_LINE && text.charAt(line - 1) != '\n') {
            line--;
        }
        return Chars.indexOf(text, "USER ", line, LONGEST_CALL) < 0 ? at : argument(at, at + 5, 1, 6);
    }

    private int argument(int at, int from, int number, int shortest) {
        int start = from;
        int end = from;
        for (int i = 0; i < number && i < MAX_ARGUMENTS; i++) {
            start = Chars.skipBlanks(text, end, 4);
            start += Chars.isQuote(Chars.at(text, start)) ? 1 : 0;
            end = ends.unquoted(start, Style.ENV, ' ');
            if (end == start) {
                return at;
            }
            end += i + 1 < number && Chars.isQuote(Chars.at(text, end)) ? 1 : 0;
        }
        return mask(at, start, end, shortest);
    }

    /** Masks the password of {@code net use … /user:name password}. */
    private int netUse(int at) {
        int name = ends.unquoted(at, Style.ENV, ' ');
        int from = Math.max(0, at - LONGEST_LINE);
        int command = Chars.indexOf(text, "net use ", from, at - from);
        boolean sameLine = command >= 0 && Chars.indexOf(text, "\n", command, at - command) < 0;
        return sameLine && Chars.at(text, name) == ' ' ? argument(at, name, 1, 6) : at;
    }

    /** Masks the password of {@code user/password@database}, as Oracle's tools and URLs have it; returns its end, or the start. */
    int slash(int at, int from) {
        int slash = Chars.tokenEnd(text, Chars.skipBlanks(text, from, 4));
        if (Chars.at(text, slash) != '/' || slash > from + SecretNames.LONGEST) {
            return at;
        }
        int end = Chars.indexOf(text, "@", slash, SecretNames.LONGEST);
        int word = ends.unquoted(slash + 1, Style.ENV, ' ');
        return end > 0 && end < word ? mask(at, slash + 1, end, 4) : at;
    }

    /** Masks the password of {@code user NAME on >password ~*}; the index is that of the {@code >}. */
    int rights(int at) {
        if (Chars.at(text, at - 1) != ' ' || !Chars.isAlphanumeric(Chars.at(text, at + 1))) {
            return at;
        }
        int line = at;
        while (line > 0 && line > at - LONGEST_LINE && !Chars.isBreak(text.charAt(line - 1))) {
            line--;
        }
        boolean user =
                Chars.matchesIgnoringCase(text, line, "user ") || Chars.indexOf(text, "SETUSER ", line, at - line) >= 0;
        return user ? mask(at, at + 1, ends.unquoted(at + 1, Style.ENV, ' '), 8) : at;
    }

    /** Masks the first literal of the call that begins here if it takes a key, and the literal looks like one. */
    int key(int at) {
        int open = at;
        while (open < at + LONGEST_CALL && (Chars.isToken(Chars.at(text, open)) || Chars.at(text, open) == '.')) {
            open++;
        }
        if (Chars.at(text, open) != '(' || !takesKey(at)) {
            return at;
        }
        for (int i = open + 1; i < text.length() && i < open + LONGEST_LINE && !Chars.isBreak(text.charAt(i)); i++) {
            if (Chars.isQuote(text.charAt(i))) {
                int end = ends.quoted(i + 1, 1);
                if (end - i > 16 && isKey(i + 1, end)) {
                    spans.add(i + 1, end);
                    return end;
                }
                i = end;
            }
        }
        return at;
    }

    private boolean takesKey(int at) {
        for (String call : KEY_CALLS) {
            if (Chars.matchesIgnoringCase(text, at, call)) {
                return true;
            }
        }
        return false;
    }

    private boolean isKey(int start, int end) {
        String value = text.subSequence(start, Math.min(end, start + SecretValues.WINDOW))
                .toString();
        return (RandomText.isToken(text, start, Math.min(end, start + SecretValues.WINDOW), 16)
                        || ValueShapes.isRandomWord(value))
                && !SecretValues.isNoValue(value);
    }

    private int mask(int at, int start, int end, int shortest) {
        Assignment place = new Assignment(NameKind.SECRET, "password", Style.ENV, ' ', false, false, true);
        String value = text.subSequence(start, Math.min(end, start + SecretValues.WINDOW))
                .toString();
        boolean secret = end > start
                && ValueShapes.looksRandom(value, shortest)
                && (ValueShapes.hasDigit(value) || ValueShapes.isScrambled(value))
                && (shortest < 24 || RandomText.spoken(value, 0, value.length()) * 2 < value.length())
                && SecretValues.isSecret(text, start, end, place);
        if (!secret) {
            return at;
        }
        spans.add(start, end);
        return end;
    }

    /** Masks the value that a command gives a name: {@code config set name value}, {@code setenv NAME value}. */
    int setting(int start) {
        int from = Chars.matches(text, start, "nfig")
                ? Chars.tokenEnd(text, Math.min(start + 4, text.length()))
                : isEnv(start) ? start + 2 : -1;
        if (from < 0 || from > start + LONGEST_WORD) {
            return start;
        }
        int name = Chars.skipBlanks(text, from, 4);
        for (int word = 0; word < 3 && (Chars.at(text, name) == '-' || Chars.matches(text, name, "set ")); word++) {
            name = Chars.skipBlanks(text, nameEnd(name), 4);
        }
        int end = nameEnd(name);
        int last = end;
        while (last > name && Chars.isToken(text.charAt(last - 1))) {
            last--;
        }
        if (!Chars.isBlank(Chars.at(text, end))
                || Chars.matches(text, last, "set-")
                || !names.judge(text, last, end).isCertain()) {
            return start;
        }
        int value = Chars.skipBlanks(text, end, 4);
        int open = ends.quoteAt(value);
        int valueEnd = open > 0 ? ends.quoted(value + open, open) : ends.unquoted(value, Style.ENV, ' ');
        String given = text.subSequence(value + open, Math.min(valueEnd, value + open + SecretValues.WINDOW))
                .toString();
        return ValueShapes.looksRandom(given, 6) ? password(start, value + open, valueEnd) : start;
    }

    private boolean isEnv(int start) {
        return (Chars.matches(text, start, "nv ") && Chars.matches(text, start - 4, "sete"))
                || (Chars.matches(text, start, "NV ") && Chars.at(text, start - 1) == 'E')
                || (Chars.matches(text, start, "tx ") && Chars.matches(text, start - 2, "se"));
    }

    private int nameEnd(int start) {
        int end = start;
        while (end < start + SecretNames.LONGEST && Chars.at(text, end) > ' ') {
            end++;
        }
        return end;
    }

    /** Masks what a workflow command hides: {@code ::add-mask::value}; returns its end, or the start. */
    int workflow(int start) {
        if (!Chars.matches(text, start, "::add-mask::")) {
            return start;
        }
        return password(start, start + 12, ends.line(start + 12, (char) 0));
    }

    /** Masks the password of {@code xfreerdp /u:name /p:password}; the index is that of the colon. */
    int remoteDesktop(int colon) {
        int from = Math.max(0, colon - LONGEST_LINE);
        if (!Chars.matches(text, colon - 3, " /p:")) {
            return colon;
        }
        int command = Chars.indexOf(text, "rdp ", from, colon - from);
        boolean sameLine = command >= 0 && Chars.indexOf(text, "\n", command, colon - command) < 0;
        int open = ends.quoteAt(colon + 1);
        int start = colon + 1 + open;
        int end = open > 0 ? ends.quoted(start, open) : ends.unquoted(start, Style.ENV, ' ');
        return sameLine ? password(colon, start, end) : colon;
    }

    private int password(int at, int start, int end) {
        Assignment place = new Assignment(NameKind.SECRET, "password", Style.ENV, ' ', false, false, true);
        if (start >= end || !SecretValues.isSecret(text, start, end, place)) {
            return at;
        }
        spans.add(start, end);
        return end;
    }

    /** Masks the last field of {@code host:port:database:user:password}; the index is the first colon. */
    void pgpass(int colon) {
        char next = Chars.at(text, colon + 1);
        if (next != '*' && !Chars.isDigit(next)) {
            return;
        }
        int port = colon + 1;
        while (port < colon + 7 && (Chars.isDigit(Chars.at(text, port)) || Chars.at(text, port) == '*')) {
            port++;
        }
        if (Chars.at(text, port) != ':' || (next != '*' && port - colon < 5) || !isHost(colon)) {
            return;
        }
        int database = field(port + 1);
        int user = database < 0 ? -1 : field(database + 1);
        if (user < 0) {
            return;
        }
        int end = ends.unquoted(user + 1, Style.ENV, ':');
        if (end > user + 3 && ends.endsLine(end) && text.charAt(user + 1) > ' ') {
            spans.add(user + 1, end);
        }
    }

    private int field(int start) {
        int end = start;
        while (end < text.length()
                && end < start + 64
                && (Chars.isToken(text.charAt(end)) || "*.".indexOf(text.charAt(end)) >= 0)) {
            end++;
        }
        return end > start && Chars.at(text, end) == ':' ? end : -1;
    }

    private boolean isHost(int colon) {
        int start = colon;
        while (start > 0
                && colon - start < 96
                && (Chars.isToken(text.charAt(start - 1)) || "*.".indexOf(text.charAt(start - 1)) >= 0)) {
            start--;
        }
        return start < colon && (start == 0 || Chars.isBreak(text.charAt(start - 1)));
    }
}
