package io.agentrun.redact;

import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.ValueShapes;
import java.util.Locale;
import java.util.Set;

/**
 * Finds secrets among the literals that a call is given: {@code put("password", "…")}, {@code withPassword("…")}, {@code
 * auth=("user", "…")}, {@code getConnection("jdbc:…", "user", "…")}. Immutable.
 */
final class Calls {

    private static final int LITERAL = 256;
    private static final int MAX_BLANKS = 24;
    private static final int MAX_LITERALS = 8;
    private static final int LONGEST_VARIABLE = 48;

    /** Calls whose second literal is a password. */
    private static final Set<String> USER_AND_PASSWORD = Set.of(
            "auth",
            "basicauth",
            "httpbasicauth",
            "setbasicauth",
            "usernamepasswordauthenticationtoken",
            "networkcredential",
            "passwordauthentication",
            "basic",
            "login",
            "authenticate",
            "signin");

    /** Calls whose third literal is a password, after a host or a connection string and a user. */
    private static final Set<String> HOST_FIRST = Set.of(
            "mysqli",
            "mysqliconnect",
            "mysqlirealconnect",
            "mysqlconnect",
            "pdo",
            "ftp",
            "ftptls",
            "getconnection",
            "sequelize");

    /** Modules whose call {@code connect} is such a one; that of others takes the user first. */
    private static final Set<String> HOST_MODULES = Set.of("pymysql", "mysqldb", "mysql", "mariadb", "ssh", "sftp");

    private static final Set<String> USER_MODULES = Set.of("oracledb", "cxoracle");

    private final CharSequence text;
    private final SecretNames names;
    private final Spans spans;

    Calls(CharSequence text, SecretNames names, Spans spans) {
        this.text = text;
        this.names = names;
        this.spans = spans;
    }

    /** Masks a secret among the literals after this parenthesis; returns its end, or the start. */
    int arguments(int open) {
        int first = Chars.skipBlanks(text, open + 1, 2);
        int firstEnd = literalEnd(first);
        if (firstEnd < 0) {
            return afterVariable(open);
        }
        int nameStart = nameStart(open);
        if (Chars.at(text, firstEnd + 1) != ',' && isSetter(nameStart, open)) {
            return mask(open, first, firstEnd);
        }
        if (Chars.matches(text, first + 1, "jdbc:") || takesHostFirst(nameStart, open)) {
            return password(open, firstEnd + 1);
        }
        int second = nextLiteral(firstEnd);
        int secondEnd = second < 0 ? -1 : literalEnd(second);
        if (secondEnd < 0) {
            return open;
        }
        return takesPassword(nameStart, open) ? mask(open, second, secondEnd) : named(open, first, firstEnd);
    }

    /** Masks the third argument of a call whose first one is a variable, {@code new PDO($dsn, "user", "…")}. */
    private int afterVariable(int open) {
        int end = open + 1;
        while (end < open + LONGEST_VARIABLE && isVariable(Chars.at(text, end))) {
            end++;
        }
        return Chars.at(text, end) == ',' && takesHostFirst(nameStart(open), open) ? password(open, end) : open;
    }

    private static boolean isVariable(char c) {
        return Chars.isToken(c) || c == '$' || c == '.' || c == '>';
    }

    /** Masks the second literal after the comma here; a port may precede them. */
    private int password(int open, int comma) {
        int port = Chars.skipBlanks(text, comma + 1, MAX_BLANKS);
        int portEnd = port;
        while (portEnd < port + 5 && Chars.isDigit(Chars.at(text, portEnd))) {
            portEnd++;
        }
        int user = nextLiteral((portEnd > port ? portEnd : comma) - 1);
        int userEnd = user < 0 ? -1 : literalEnd(user);
        int password = userEnd < 0 ? -1 : nextLiteral(userEnd);
        int end = password < 0 ? -1 : literalEnd(password);
        return end < 0 ? open : mask(open, password, end);
    }

    /** Returns whether the call connects to a host, or to what a text says, with the user and the password after it. */
    private boolean takesHostFirst(int nameStart, int open) {
        String name = compact(nameStart, open);
        return HOST_FIRST.contains(name) || (name.equals("connect") && HOST_MODULES.contains(module(nameStart)));
    }

    /** Returns the name before the dot before the name of a call. */
    private String module(int nameStart) {
        int start = Math.max(0, nameStart - 1);
        while (start > 0 && start > nameStart - MAX_BLANKS && Chars.isToken(text.charAt(start - 1))) {
            start--;
        }
        return compact(start, nameStart);
    }

    /** Masks the literals that come after the name of a secret, as in {@code Map.of("user", "bob", "password", "…")}. */
    private int named(int open, int first, int firstEnd) {
        int start = first;
        int end = firstEnd;
        for (int i = 0; i < MAX_LITERALS; i++) {
            int next = nextLiteral(end);
            int nextEnd = next < 0 ? -1 : literalEnd(next);
            if (nextEnd < 0) {
                return open;
            }
            boolean secret = end - start <= SecretNames.LONGEST
                    && !hasBlank(start, end)
                    && names.judge(text, start + 1, end).isCertain();
            int masked = secret ? mask(open, next, nextEnd) : open;
            if (masked > open) {
                return masked;
            }
            start = next;
            end = nextEnd;
        }
        return open;
    }

    private boolean takesPassword(int nameStart, int open) {
        String name = compact(nameStart, open);
        return USER_AND_PASSWORD.contains(name)
                || name.endsWith("credentials")
                || name.endsWith("authprovider")
                || (name.equals("connect") && USER_MODULES.contains(module(nameStart)));
    }

    /** Returns whether the call is named after the one secret that it takes: {@code setPassword("…")}. */
    private boolean isSetter(int start, int open) {
        int from = start;
        for (String verb : new String[] {"with", "set", "add"}) {
            if (Chars.matchesIgnoringCase(text, start, verb) && open - start > verb.length()) {
                from = start + verb.length();
            }
        }
        return compact(start, open).equals("bearerauth")
                || (open - from >= 3 && names.judge(text, from, open) == NameKind.SECRET);
    }

    /** Returns where the name before this parenthesis begins, also with an equals sign between them. */
    private int nameStart(int open) {
        int start = open;
        while (start > 0 && open - start < SecretNames.LONGEST && Chars.isToken(text.charAt(start - 1))) {
            start--;
        }
        if (start < open || Chars.at(text, open - 1) != '=') {
            return start;
        }
        start = open - 1;
        while (start > 0 && open - start < SecretNames.LONGEST && Chars.isToken(text.charAt(start - 1))) {
            start--;
        }
        return start;
    }

    private String compact(int start, int open) {
        return SecretNames.compact(text.subSequence(start, open).toString());
    }

    private boolean hasBlank(int start, int end) {
        for (int i = start; i < end; i++) {
            if (Chars.isBlank(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /** Returns the index of the closing quote of the literal that begins here; -1 if it is none, or longer than a secret. */
    private int literalEnd(int start) {
        char quote = Chars.at(text, start);
        if (!Chars.isQuote(quote)) {
            return -1;
        }
        for (int i = start + 1; i < text.length() && i < start + LITERAL; i++) {
            char c = text.charAt(i);
            if (c == quote) {
                return i;
            }
            if (Chars.isBreak(c)) {
                return -1;
            }
        }
        return -1;
    }

    private int nextLiteral(int end) {
        int comma = Chars.skipBlanks(text, end + 1, MAX_BLANKS);
        if (Chars.at(text, comma) != ',') {
            return -1;
        }
        int next = Chars.skipBlanks(text, comma + 1, MAX_BLANKS);
        return Chars.matches(text, next, "Some(") ? next + 5 : next;
    }

    private int mask(int open, int start, int end) {
        String value = text.subSequence(start + 1, end).toString();
        String lower = value.toLowerCase(Locale.ROOT);
        boolean secret = ValueShapes.looksRandom(value, 6)
                && !ValueShapes.isPattern(value)
                && (!ValueShapes.isSpoken(value) || value.length() >= 32)
                && (!SecretValues.namesSecret(lower) || ValueShapes.isRandomWord(value))
                && !ValueShapes.isPath(value)
                && !ValueShapes.isFile(lower)
                && !value.contains(SecretFinder.MASK)
                && "${<%#".indexOf(value.charAt(0)) < 0;
        if (!secret) {
            return open;
        }
        spans.add(start + 1, end);
        return end;
    }
}
