package io.agentrun.redact;

import io.agentrun.redact.Assignment.Style;

/**
 * Finds secrets whose place in a line tells: {@code curl -u user:password}, {@code mysql -ppassword}, lines of
 * {@code .netrc} and {@code .pgpass}, and SQL that sets a password. Not thread-safe: one thread at a time.
 */
final class CommandLines {

    private static final int LINE = 96;

    private static final String[] USER_COMMANDS = {"curl", "wget", "http ", "https ", "xh "};
    private static final String[] SHORT_P = {"sshpass", " login", "mongo", "htpasswd", "smbclient", "az "};
    private static final String[] GLUED_P = {"mysql", "mariadb", "7z", "sshpass"};
    private static final String[] SHORT_A = {"redis-cli"};
    private static final String[] SHORT_W = {"ldap"};
    private static final String[] UPPER_P = {"unzip", "zip "};

    private final CharSequence text;
    private final Spans spans;
    private final ValueEnds ends;

    CommandLines(CharSequence text, Spans spans, ValueEnds ends) {
        this.text = text;
        this.spans = spans;
        this.ends = ends;
    }

    /** Masks the value of a flag with one letter, or of {@code --user}; returns its end, or the start. */
    int flag(int start) {
        char before = Chars.at(text, start - 1);
        if (start > 0 && !Chars.isBlank(before)) {
            return start;
        }
        char letter = Chars.at(text, start + 1);
        if (letter == 'u') {
            return user(start, start + 2);
        }
        if (letter == '-') {
            int end = Chars.matches(text, start, "--user")
                    ? start + 6
                    : Chars.matches(text, start, "--proxy-user") ? start + 12 : -1;
            return end < 0 ? start : user(start, Chars.at(text, end) == '=' ? end + 1 : end);
        }
        if (letter == 'p' && !Chars.isBlank(Chars.at(text, start + 2))) {
            return follows(start, GLUED_P) ? value(start, start + 2) : start;
        }
        if (!Chars.isBlank(Chars.at(text, start + 2))) {
            return start;
        }
        String[] commands = switch (letter) {
            case 'p' -> SHORT_P;
            case 'a' -> SHORT_A;
            case 'w' -> SHORT_W;
            case 'P' -> UPPER_P;
            default -> new String[0];
        };
        return follows(start, commands) ? value(start, start + 2) : start;
    }

    private int user(int start, int from) {
        int at = Chars.skipBlanks(text, from, 4);
        at += Chars.isQuote(Chars.at(text, at)) ? 1 : 0;
        int colon = at;
        while (colon < text.length() && colon < at + 96 && isUser(text.charAt(colon))) {
            colon++;
        }
        if (colon == at || Chars.at(text, colon) != ':' || !follows(start, USER_COMMANDS)) {
            return start;
        }
        return value(start, colon + 1);
    }

    private static boolean isUser(char c) {
        return c > ' ' && c != ':' && !Chars.isQuote(c);
    }

    private int value(int start, int from) {
        int at = Chars.skipBlanks(text, from, 4);
        int open = ends.quoteAt(at);
        at += open;
        int end = open > 0 ? ends.quoted(at, open) : ends.unquoted(at, Style.ENV, ' ');
        if (Chars.at(text, at) == '-') {
            return start;
        }
        return judge(at, end) ? end : start;
    }

    private boolean judge(int start, int end) {
        Assignment at = new Assignment(NameKind.SECRET, "password", Style.ENV, ' ', false, false, true);
        if (start < end && SecretValues.isSecret(text, start, end, at)) {
            spans.add(start, end);
            return true;
        }
        return false;
    }

    /** Returns whether one of the commands precedes in the same line. */
    private boolean follows(int start, String[] commands) {
        for (int i = start - 1; i >= 0 && i > start - LINE && !Chars.isBreak(text.charAt(i)); i--) {
            for (String command : commands) {
                if (text.charAt(i) == command.charAt(0) && Chars.matches(text, i, command)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Masks the word after {@code password} in a .netrc, or the literal after it in SQL; returns the end, or the start. */
    int password(int start) {
        boolean identified = Chars.matchesIgnoringCase(text, start, "identified by ");
        if ((!identified && !Chars.matchesIgnoringCase(text, start, "password ")) || !Chars.startsWord(text, start)) {
            return start;
        }
        int at = Chars.skipBlanks(text, start + (identified ? 14 : 9), 8);
        char quote = Chars.at(text, at);
        if ((quote == '\'' || (quote == '"' && (identified || Chars.isUpper(text.charAt(start)))))
                && (identified || !Chars.isLetter(Chars.at(text, start - 2)) || sql(start))) {
            int end = ends.quoted(at + 1, 1);
            return judge(at + 1, end) ? end : start;
        }
        if (Chars.matches(text, at, "is ") || Chars.matches(text, at, "is: ")) {
            return spoken(start, Chars.skipBlanks(text, at + 3, 4));
        }
        if (!follows(start, new String[] {"login ", "machine "}) && !followsLogin(start)) {
            return start;
        }
        int end = ends.unquoted(at, Style.ENV, ' ');
        return judge(at, end) ? end : start;
    }

    /** Masks what is said to be a password, if it looks like one. */
    private int spoken(int start, int from) {
        int open = ends.quoteAt(from);
        int end = open > 0 ? ends.quoted(from + open, open) : ends.unquoted(from, Style.ENV, ' ');
        int window = Math.min(end, from + open + SecretValues.WINDOW);
        if (from + open >= end
                || !ValueShapes.looksRandom(
                        text.subSequence(from + open, window).toString(), 6)) {
            return start;
        }
        spans.add(from + open, end);
        return end;
    }

    private boolean sql(int start) {
        return follows(start, new String[] {"USER ", "user ", "ROLE ", "role ", "LOGIN", "ENCRYPTED", "SET "});
    }

    /** Returns whether the line before is that of the login in a .netrc. */
    private boolean followsLogin(int start) {
        int at = start - 1;
        while (at > start - 16 && Chars.isBlank(Chars.at(text, at))) {
            at--;
        }
        if (!Chars.isBreak(Chars.at(text, at))) {
            return false;
        }
        for (int i = at - 1; i >= 0 && i > at - LINE && !Chars.isBreak(text.charAt(i)); i--) {
            if (text.charAt(i) == 'l' && Chars.matches(text, i, "login ")) {
                return true;
            }
        }
        return false;
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
