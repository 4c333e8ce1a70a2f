package io.agentrun.redact;

import io.agentrun.redact.Assignment.Style;
import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.Spans;
import io.agentrun.redact.internal.ValueShapes;
import java.util.Arrays;

/**
 * Finds secrets whose place in a line tells: {@code curl -u user:password}, {@code mysql -ppassword}, lines of
 * {@code .netrc} and {@code .pgpass}, and SQL that sets a password. Not thread-safe: one thread at a time.
 */
final class CommandLines {

    private static final int LINE = 96;
    private static final int LONGEST_FLAG = 32;

    private static final String[][] USER_COMMANDS = byFirstLetter("curl", "wget", "http ", "https ", "xh ");
    private static final String[][] SHORT_P = byFirstLetter(
            "sshpass",
            " login",
            "mongo",
            "htpasswd",
            "smbclient",
            "az ",
            "cqlsh",
            "cypher-shell",
            "couchbase",
            "cbq",
            "beeline",
            "rabbitmqadmin",
            "rdesktop",
            "evil-winrm",
            "vncdo",
            "lftp");
    private static final String[][] GLUED_P = byFirstLetter("mysql", "mariadb", "7z", "sshpass");
    private static final String[][] SNMP = byFirstLetter("snmp");
    private static final String[][] SHORT_A = byFirstLetter("redis-cli");
    private static final String[][] SHORT_W = byFirstLetter("ldap");
    private static final String[][] SUDO = byFirstLetter("sudo");
    private static final String[][] PERCENT_USER = byFirstLetter("smb", "rpcclient", "mount");
    private static final String[][] HTPASSWD = byFirstLetter("htpasswd");
    private static final String[][] COMMA_USER = byFirstLetter("lftp");
    private static final String[][] UPPER_P =
            byFirstLetter("unzip", "zip ", "sqlcmd", "bcp ", "isql", "mosquitto_", "ipmitool", "ncftp");
    private static final String[][] NETRC = byFirstLetter("login ", "machine ");
    private static final String[][] SQL =
            byFirstLetter("USER ", "user ", "ROLE ", "role ", "LOGIN", "ENCRYPTED", "SET ");
    private static final String[][] NONE = byFirstLetter();

    private final CharSequence text;
    private final SecretNames names;
    private final Spans spans;
    private final ValueEnds ends;

    CommandLines(CharSequence text, SecretNames names, Spans spans, ValueEnds ends) {
        this.text = text;
        this.names = names;
        this.spans = spans;
        this.ends = ends;
    }

    /** Masks the value of a flag with one letter, or of {@code --user}; returns its end, or the start. */
    int flag(int start) {
        char before = Chars.at(text, start - 1);
        char letter = Chars.at(text, start + 1);
        if (letter == 'S' && Chars.matches(text, start, "-SecureString ")) {
            return value(start, start + 14);
        }
        if (start > 0 && !Chars.isBlank(before) && !isItem(start)) {
            return start;
        }
        if (letter == 'u') {
            return user(start, start + 2);
        }
        if (letter == '-') {
            if (readsSecret(start)) {
                return echoed(start, false);
            }
            int end = Chars.matches(text, start, "--user")
                    ? start + 6
                    : Chars.matches(text, start, "--proxy-user") ? start + 12 : -1;
            return end < 0 ? start : user(start, Chars.at(text, end) == '=' ? end + 1 : end);
        }
        if (letter == 'p' && Chars.at(text, start + 2) == '=' && follows(start, SHORT_P)) {
            return value(start, start + 3);
        }
        boolean ended = Chars.isBlank(Chars.at(text, start + 2)) || nextItem(start + 2) > 0;
        if (letter == 'p' && !ended) {
            return follows(start, GLUED_P) ? value(start, start + 2) : start;
        }
        if (!ended) {
            return Chars.at(text, start + 2) == '=' ? strong(start) : cluster(start);
        }
        if (letter == 'S') {
            return follows(start, SUDO) ? typed(start) : start;
        }
        if (letter == 'a' && follows(start, USER_COMMANDS)) {
            return user(start, start + 2);
        }
        if (letter == 'U') {
            return follows(start, PERCENT_USER) ? afterPercent(start) : start;
        }
        int batch = letter == 'b' ? batch(start) : start;
        if (batch > start) {
            return batch;
        }
        String[][] commands = switch (letter) {
            case 'p' -> SHORT_P;
            case 'a' -> SHORT_A;
            case 'w' -> SHORT_W;
            case 'P' -> UPPER_P;
            case 'A', 'X', 'c' -> SNMP;
            default -> NONE;
        };
        if (follows(start, commands)) {
            return letter == 'c' && !isRandom(next(start + 2)) ? start : value(start, start + 2);
        }
        return letter == 'b' ? cookie(start) : strong(start);
    }

    /** Returns whether the flag is an item of a list, as in {@code ["mysql", "-p…"]}. */
    private boolean isItem(int start) {
        int before = start - 2;
        if (!Chars.isQuote(Chars.at(text, start - 1))) {
            return false;
        }
        before -= Chars.at(text, before) == '\\' ? 1 : 0;
        before -= Chars.isBlank(Chars.at(text, before)) ? 1 : 0;
        return Chars.at(text, before) == ',' || Chars.at(text, before) == '[';
    }

    /** Returns where the next item of the list begins, if this is the end of one; -1 if it is none. */
    private int nextItem(int end) {
        int quote = Chars.at(text, end) == '\\' ? end + 1 : end;
        int comma = Chars.skipBlanks(text, quote + 1, 4);
        return Chars.isQuote(Chars.at(text, quote)) && Chars.at(text, comma) == ',' ? comma + 1 : -1;
    }

    /** Returns where the next argument begins, in a line or in a list. */
    private int next(int from) {
        return Chars.skipBlanks(text, Math.max(from, nextItem(from)), 4);
    }

    /** Masks the value of any flag with one letter that stands for a secret somewhere, if it can be nothing else. */
    private int strong(int start) {
        if ("pPtkAXawN".indexOf(Chars.at(text, start + 1)) < 0) {
            return start;
        }
        int at = Chars.skipBlanks(text, start + 2, 4);
        at += Chars.at(text, at) == '=' ? 1 : 0;
        int open = ends.quoteAt(at);
        at += open;
        int end = open > 0 ? ends.quoted(at, open) : ends.unquoted(at, Style.ENV, ' ');
        return isStrong(at, end) && judge(at, end) ? end : start;
    }

    private boolean isStrong(int start, int end) {
        return start < end
                && ValueShapes.isStrong(text.subSequence(start, Math.min(end, start + SecretValues.WINDOW))
                        .toString());
    }

    /** Masks the cookie of {@code curl -b name=value}; returns its end, or the start. */
    private int cookie(int start) {
        int at = Chars.skipBlanks(text, start + 2, 4);
        int open = ends.quoteAt(at);
        int end = open > 0 ? ends.quoted(at + open, open) : ends.unquoted(at, Style.ENV, ' ');
        int equals = Chars.indexOf(text, "=", at, Math.min(LINE, end - at));
        boolean given = equals > 0 && equals < end && follows(start, USER_COMMANDS);
        int window = Math.min(end, at + open + SecretValues.WINDOW);
        boolean cookie = given
                && SecretValues.isCookie(text.subSequence(at + open, window).toString());
        return cookie && judge(equals + 1, end) ? end : start;
    }

    /** Masks the value of several flags in one word: {@code curl -sku user:password}, {@code htpasswd -bc}. */
    private int cluster(int start) {
        int end = Chars.tokenEnd(text, start + 1);
        boolean user = end - start <= 6 && text.charAt(end - 1) == 'u' && follows(start, USER_COMMANDS);
        return user ? user(start, end) : batch(start);
    }

    private int user(int start, int from) {
        int at = next(from);
        at += Chars.isQuote(Chars.at(text, at)) ? 1 : 0;
        int colon = at;
        boolean comma = follows(start, COMMA_USER);
        while (colon < text.length() && colon < at + 96 && isUser(text.charAt(colon), comma)) {
            colon++;
        }
        if (colon == at || (Chars.at(text, colon) != ':' && Chars.at(text, colon) != ',')) {
            return start;
        }
        if (comma) {
            return value(start, colon + 1);
        }
        int open = ends.quoteAt(colon + 1);
        int end = ends.unquoted(colon + 1 + open, Style.ENV, ' ');
        return follows(start, USER_COMMANDS) || isStrong(colon + 1 + open, end) ? value(start, colon + 1) : start;
    }

    private static boolean isUser(char c, boolean comma) {
        return c > ' ' && c != ':' && (c != ',' || !comma) && !Chars.isQuote(c);
    }

    private int value(int start, int from) {
        int at = next(from);
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

    /** Returns the commands by their first letter, null where there is none. */
    private static String[][] byFirstLetter(String... commands) {
        String[][] table = new String[Chars.ASCII][];
        for (String command : commands) {
            char first = command.charAt(0);
            String[] before = table[first] == null ? new String[0] : table[first];
            table[first] = Arrays.copyOf(before, before.length + 1);
            table[first][before.length] = command;
        }
        return table;
    }

    /** Returns whether one of the commands precedes in the same line. */
    private boolean follows(int start, String[][] commands) {
        for (int i = start - 1; i >= 0 && i > start - LINE && !Chars.isBreak(text.charAt(i)); i--) {
            char c = text.charAt(i);
            if (c < Chars.ASCII && commands[c] != null && matches(i, commands[c])) {
                return true;
            }
        }
        return false;
    }

    private boolean matches(int start, String[] commands) {
        for (String command : commands) {
            if (Chars.matches(text, start, command)) {
                return true;
            }
        }
        return false;
    }

    /** Masks the word after {@code password} in a .netrc, or the literal after it in SQL; returns the end, or the start. */
    int password(int start) {
        int plugin = Chars.matchesIgnoringCase(text, start, "identified with ")
                ? Chars.indexOf(text, " ", start + 16, LINE)
                : -1;
        boolean named = plugin > 0 && Chars.matchesIgnoringCase(text, plugin, " by ");
        boolean identified = named || Chars.matchesIgnoringCase(text, start, "identified by ");
        if ((!identified && !Chars.matchesIgnoringCase(text, start, "password ")) || !Chars.startsWord(text, start)) {
            return start;
        }
        int at = Chars.skipBlanks(text, named ? plugin + 4 : start + (identified ? 14 : 9), 8);
        char quote = Chars.at(text, at);
        if ((quote == '\'' || (quote == '"' && (identified || Chars.isUpper(text.charAt(start)))))
                && (identified || !Chars.isLetter(Chars.at(text, start - 2)) || sql(start))) {
            int end = ends.quoted(at + 1, 1);
            return judge(at + 1, end) ? end : start;
        }
        if (!identified && !follows(start, NETRC) && !followsLogin(start)) {
            return start;
        }
        int end = ends.unquoted(at, Style.ENV, ' ');
        return (!identified || isRandom(at, end)) && judge(at, end) ? end : start;
    }

    private boolean isRandom(int start) {
        int open = ends.quoteAt(start);
        return isRandom(start + open, ends.unquoted(start + open, Style.ENV, ' '));
    }

    private boolean isRandom(int start, int end) {
        return ValueShapes.looksRandom(
                text.subSequence(start, Math.min(end, start + SecretValues.WINDOW))
                        .toString(),
                6);
    }

    /** Returns whether the flag makes a command read a secret from its input: {@code --password-stdin}. */
    private boolean readsSecret(int start) {
        int end = start;
        while (end < start + LONGEST_FLAG && Chars.isToken(Chars.at(text, end))) {
            end++;
        }
        int stdin = end - "-stdin".length();
        return stdin > start + 2
                && Chars.matches(text, stdin, "-stdin")
                && names.judge(text, start + 2, stdin).isCertain();
    }

    /** Masks what is echoed into {@code chpasswd}, after the user; returns its end, or the start. */
    int piped(int start) {
        boolean command = Chars.matches(text, start, "passwd") && Chars.matches(text, start - 2, "ch");
        return command ? echoed(start, true) : start;
    }

    /** Masks what sudo reads: a text behind {@code <<<}, or one that is echoed into it. */
    private int typed(int start) {
        int at = Chars.skipBlanks(text, start + 2, 4);
        return Chars.matches(text, at, "<<<") ? value(start, at + 3) : echoed(start, false);
    }

    /** Masks the text of the {@code echo} whose output goes into the command here; returns the start in any case. */
    private int echoed(int start, boolean afterUser) {
        boolean pipe = false;
        for (int i = start - 1; i >= 0 && i > start - 2 * LINE && !Chars.isBreak(text.charAt(i)); i--) {
            pipe |= text.charAt(i) == '|';
            int from = !pipe
                    ? -1
                    : Chars.matches(text, i, "echo ") ? i + 5 : Chars.matches(text, i, "printf ") ? i + 7 : -1;
            if (from > 0) {
                from = Chars.at(text, from) == '-' ? Chars.skipBlanks(text, from + 2, 4) : from;
                int colon = afterUser ? Chars.indexOf(text, ":", from, LONGEST_FLAG) : -1;
                value(start, colon > 0 ? colon + 1 : from);
                return start;
            }
        }
        return start;
    }

    /** Masks the last argument of {@code htpasswd -b}; returns its end, or the start. */
    private int batch(int start) {
        int end = Chars.tokenEnd(text, start + 1);
        int batch = Chars.indexOf(text, "b", start, Math.min(6, end - start));
        if (end - start > 6 || batch < 0 || batch >= end || !follows(start, HTPASSWD)) {
            return start;
        }
        int last = -1;
        int at = end;
        for (int word = 0; word < 4 && Chars.isBlank(Chars.at(text, at)); word++) {
            last = Chars.skipBlanks(text, at, 4);
            int open = ends.quoteAt(last);
            at = open > 0 ? ends.quoted(last + open, open) + 1 : ends.unquoted(last, Style.ENV, ' ');
        }
        return last < 0 ? start : value(start, last);
    }

    /** Masks the password of {@code -U user%password}; returns its end, or the start. */
    private int afterPercent(int start) {
        int at = Chars.skipBlanks(text, start + 2, 4);
        at += Chars.isQuote(Chars.at(text, at)) ? 1 : 0;
        while (at < start + LINE && (Chars.isToken(Chars.at(text, at)) || isPartOfUser(Chars.at(text, at)))) {
            at++;
        }
        return Chars.at(text, at) == '%' ? value(start, at + 1) : start;
    }

    private static boolean isPartOfUser(char c) {
        return c == '\\' || c == '.' || c == '@' || c == '/';
    }

    private boolean sql(int start) {
        return follows(start, SQL);
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
}
