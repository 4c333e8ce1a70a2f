package io.agentrun.redact;

import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.RandomText;
import io.agentrun.redact.internal.Spans;
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
    private static final int SHORTEST_KEY = 20;
    private static final int LONGEST_NUMBER = 12;
    private static final int LONGEST_VARIABLE = 48;

    /** Calls whose second literal is a password. */
    private static final Set<String> USER_AND_PASSWORD = Set.of(
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
            "sequelize",
            "dbconnect",
            "imapopen",
            "odbcconnect",
            "ldapbind",
            "sshauthpassword",
            "ssh2authpassword",
            "ociconnect");

    /** What the first literal begins with when it is a server, and a user and the password come after it. */
    private static final String[] SERVERS = {
        "jdbc:", "dbi:", "ldap://", "ldaps://", "ftp://", "sftp://", "smb://", "amqp://", "imap://", "imaps://"
    };

    /** Clients of services that take a key, alone or after an id; other names of them end in "client". */
    private static final Set<String> CLIENTS = Set.of(
            "stripe",
            "octokit",
            "github",
            "gitlab",
            "twilio",
            "pusher",
            "openai",
            "anthropic",
            "mailgun",
            "sendgrid",
            "telebot",
            "telegraf",
            "telegrambot",
            "oauthhandler",
            "oauth1userhandler",
            "oauth1session",
            "bot",
            "mailchimp",
            "airtable",
            "algoliasearch",
            "razorpay",
            "paystack",
            "plivo",
            "nexmo",
            "vonage",
            "trello",
            "dropbox",
            "pinecone",
            "resend",
            "session",
            "minio",
            "basicawscredentials",
            "awsbasiccredentials",
            "newstaticcredentials",
            "newstaticcredentialsprovider");

    /** Calls that compare two texts. */
    static final Set<String> COMPARING = Set.of(
            "strcmp",
            "strncmp",
            "strcasecmp",
            "hashequals",
            "equals",
            "comparedigest",
            "constanttimecompare",
            "securecompare",
            "timingsafeequal");

    /** Calls that make bytes of a literal. */
    private static final Set<String> CONVERSIONS =
            Set.of("getbytes", "byte", "bytes", "from", "fromhex", "fromhexstring", "frombase64string", "decodestring");

    /** Calls that make a key of bytes. */
    private static final Set<String> KEYS = Set.of("symmetricsecuritykey", "secretkeyspec", "hmacsha256", "hmacsha512");

    /** Modules whose call {@code connect} is such a one; that of others takes the user first. */
    private static final Set<String> HOST_MODULES =
            Set.of("pymysql", "mysqldb", "mysql", "mariadb", "ssh", "sftp", "dbi");

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
        String name = compact(nameStart, open);
        if (isClient(name.equals("new") ? module(nameStart) : name)) {
            return client(open, first, firstEnd);
        }
        if (isEquals(name, nameStart) || isConversion(name, nameStart)) {
            return isConstant(first + 1, firstEnd) ? open : mask(open, first, firstEnd);
        }
        if (isServer(first + 1) || takesHostFirst(nameStart, open)) {
            return password(open, firstEnd + 1);
        }
        int second = nextLiteral(firstEnd);
        int secondEnd = second < 0 ? -1 : literalEnd(second);
        if (secondEnd < 0) {
            return open;
        }
        return takesPassword(nameStart, open) ? mask(open, second, secondEnd) : named(open, first, firstEnd);
    }

    /** Returns whether it is a method of a secret that compares it, {@code password.equals(…)}. */
    private boolean isEquals(String name, int nameStart) {
        if (!name.equals("equals") && !name.equals("equalsignorecase")) {
            return false;
        }
        int end = Chars.matches(text, nameStart - 3, "().") ? nameStart - 3 : nameStart - 1;
        int start = start(end);
        start += Chars.matches(text, start, "get") ? 3 : 0;
        return start < end && names.judge(text, start, end) == NameKind.SECRET;
    }

    /** Returns whether it makes bytes of the literal for a call that takes a secret: {@code setPassword(bytes("…"))}. */
    private boolean isConversion(String name, int nameStart) {
        if (!CONVERSIONS.contains(name)) {
            return false;
        }
        int end = nameStart;
        while (end > 0 && end > nameStart - LONGEST_VARIABLE && isPath(text.charAt(end - 1))) {
            end--;
        }
        end--;
        int start = start(end);
        return Chars.at(text, end) == '(' && (isSetter(start, end) || KEYS.contains(compact(start, end)));
    }

    private static boolean isPath(char c) {
        return Chars.isToken(c) || c == '.' || c == ':' || c == '[' || c == ']';
    }

    private int start(int end) {
        int start = Math.max(0, end);
        while (start > 0 && end - start < SecretNames.LONGEST && Chars.isToken(text.charAt(start - 1))) {
            start--;
        }
        return start;
    }

    private boolean isServer(int start) {
        for (String server : SERVERS) {
            if (Chars.matches(text, start, server)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isClient(String name) {
        return name.endsWith("client") || CLIENTS.contains(name);
    }

    /** Masks the literals that look like keys; not the first of several, which is an id then. */
    private int client(int open, int first, int firstEnd) {
        int masked = open;
        int id = -1;
        int start = first;
        int end = firstEnd;
        for (int i = 0; i < MAX_LITERALS && end >= 0; i++) {
            if (isKey(start + 1, end)) {
                masked = id < 0 ? masked : mask(masked, start, end);
                id = id < 0 ? start : id;
            }
            start = afterNumber(end);
            end = start < 0 ? -1 : literalEnd(start);
        }
        return id < 0 || masked > open ? masked : mask(open, id, literalEnd(id));
    }

    /** Returns where the next literal begins; a number, as of an application or a port, may precede it. */
    private int afterNumber(int end) {
        int number = nextLiteral(end);
        int numberEnd = number;
        while (number >= 0 && numberEnd < number + LONGEST_NUMBER && Chars.isDigit(Chars.at(text, numberEnd))) {
            numberEnd++;
        }
        return numberEnd > number ? nextLiteral(numberEnd - 1) : number;
    }

    private boolean isKey(int start, int end) {
        String value = text.subSequence(start, end).toString();
        boolean hex = value.length() >= 32 && ValueShapes.isHex(value) && ValueShapes.looksRandom(value, 32);
        return hex || RandomText.isToken(text, start, end, SHORTEST_KEY);
    }

    /** Masks the third argument of a call whose first one is a variable, {@code new PDO($dsn, "user", "…")}. */
    private int afterVariable(int open) {
        int end = open + 1;
        while (end < open + LONGEST_VARIABLE && isVariable(Chars.at(text, end))) {
            end++;
        }
        if (Chars.at(text, end) != ',') {
            return open;
        }
        int nameStart = nameStart(open);
        if (COMPARING.contains(compact(nameStart, open)) && names.judge(text, open + 1, end) == NameKind.SECRET) {
            int literal = nextLiteral(end - 1);
            int literalEnd = literal < 0 ? -1 : literalEnd(literal);
            boolean constant = literalEnd > 0 && isConstant(literal + 1, literalEnd);
            return literalEnd < 0 || constant ? open : mask(open, literal, literalEnd);
        }
        return takesHostFirst(nameStart, open) ? password(open, end) : open;
    }

    private boolean isConstant(int start, int end) {
        String value = text.subSequence(start, end).toString();
        return ValueShapes.isIdentifier(value, 0) && value.equals(value.toUpperCase(Locale.ROOT));
    }

    private static boolean isVariable(char c) {
        return Chars.isToken(c) || c == '$' || c == '.' || c == '>';
    }

    /** Masks the second literal after the comma here; a port may precede them. */
    private int password(int open, int comma) {
        int user = afterNumber(comma - 1);
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
                    && Chars.indexOf(text, " ", start, end - start) < 0
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
                || name.endsWith("auth")
                || name.endsWith("credentials")
                || name.endsWith("authprovider")
                || (name.endsWith("digest") && module(nameStart).equals("hmac"))
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
        int start = start(open);
        return start < open || Chars.at(text, open - 1) != '=' ? start : start(open - 1);
    }

    private String compact(int start, int open) {
        return SecretNames.compact(text.subSequence(start, open).toString());
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
        boolean secret = (ValueShapes.looksRandom(value, 6) || RandomText.isGrouped(value))
                && (!ValueShapes.isPattern(value) || ValueShapes.isRandomWord(value.replaceAll("[*?]", "")))
                && (!ValueShapes.isSpoken(value) || value.length() >= 32)
                && (!SecretValues.namesSecret(lower) || ValueShapes.isRandomWord(value))
                && !ValueShapes.isPath(value)
                && !ValueShapes.isFile(lower)
                && "${<".indexOf(value.charAt(0)) < 0
                && !Placeholders.isPlaceholder(value);
        if (!secret) {
            return open;
        }
        spans.add(start + 1, end);
        return end;
    }
}
