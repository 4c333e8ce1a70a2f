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
            return open;
        }
        int nameStart = nameStart(open);
        if (Chars.at(text, firstEnd + 1) != ',' && isSetter(nameStart, open)) {
            return mask(open, first, firstEnd);
        }
        int second = nextLiteral(firstEnd);
        if (second < 0) {
            return open;
        }
        int secondEnd = literalEnd(second);
        if (secondEnd < 0) {
            return open;
        }
        if (Chars.matches(text, first + 1, "jdbc:") || Chars.matches(text, nameStart, "mysqli")) {
            int third = nextLiteral(secondEnd);
            int thirdEnd = third < 0 ? -1 : literalEnd(third);
            return thirdEnd < 0 ? open : mask(open, third, thirdEnd);
        }
        return takesPassword(nameStart, open) ? mask(open, second, secondEnd) : named(open, first, firstEnd);
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
        return USER_AND_PASSWORD.contains(name) || name.endsWith("credentials") || name.endsWith("authprovider");
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
