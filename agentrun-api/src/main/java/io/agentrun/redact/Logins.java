package io.agentrun.redact;

import io.agentrun.redact.Assignment.Style;
import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.RandomText;
import io.agentrun.redact.internal.Spans;
import io.agentrun.redact.internal.ValueShapes;

/**
 * Finds the passwords of logins that a sentence tells ({@code the login is admin / …}, {@code log in with admin:…}) or that a
 * script sends to a prompt ({@code expect "Password:"; send "…"}). Not thread-safe: one thread at a time.
 */
final class Logins {

    /** How far before a user and a password the word about a login may stand. */
    private static final int NEAR = 80;

    /** How far before the answer a script waits for the prompt. */
    private static final int PROMPT = 160;

    private static final int LONGEST = 64;

    private static final String[] WORDS = {
        "login", "log in", "logged in", "logging in", "sign in", "signin", "cred", "account", "zugang", "anmeld"
    };

    private static final String[] PROMPTS = {"assword", "assphrase", "asscode", "asswort"};

    private final CharSequence text;
    private final Spans spans;
    private final ValueEnds ends;

    Logins(CharSequence text, Spans spans, ValueEnds ends) {
        this.text = text;
        this.spans = spans;
        this.ends = ends;
    }

    /** Masks the password after the slash of {@code user / password}; returns its end, or the start. */
    int slash(int at) {
        if (!Chars.matches(text, at - 1, " / ")) {
            return at;
        }
        return password(at, at + 2);
    }

    /** Masks the password after the colon of {@code user:password}; returns its end, or the start. */
    int colon(int at) {
        char next = Chars.at(text, at + 1);
        if (!Chars.isAlphanumeric(Chars.at(text, at - 1)) || next <= ' ' || next == '/') {
            return at;
        }
        int user = at;
        while (user > 0 && at - user < LONGEST && isUser(text.charAt(user - 1))) {
            user--;
        }
        boolean word = user > 0 && (Chars.isBlank(text.charAt(user - 1)) || Chars.isQuote(text.charAt(user - 1)));
        return word && hasUpper(at + 1) ? password(at, at + 1) : at;
    }

    private static boolean isUser(char c) {
        return Chars.isToken(c) || c == '.' || c == '@';
    }

    /** Returns whether the word has a capital: names and numbers after a colon have none for the most part. */
    private boolean hasUpper(int start) {
        for (int i = start; i < start + LONGEST && Chars.at(text, i) > ' '; i++) {
            if (Chars.isUpper(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private int password(int at, int from) {
        int open = ends.quoteAt(from);
        int start = from + open;
        int end = open > 0 ? ends.quoted(start, open) : ends.unquoted(start, Style.ENV, ' ');
        if (end - start < 6 || end - start > LONGEST || !isPassword(start, end) || !followsLogin(at)) {
            return at;
        }
        spans.add(start, end);
        return end;
    }

    private boolean isPassword(int start, int end) {
        String value = text.subSequence(start, end).toString();
        boolean mixed = ValueShapes.hasDigit(value)
                && ValueShapes.looksRandom(value, 6)
                && (ValueShapes.hasSymbol(value) || RandomText.isToken(text, start, end, 8));
        boolean code = value.chars().anyMatch(c -> "/:=()<>{}[],;".indexOf(c) >= 0);
        int mail = value.indexOf('@');
        code |= mail > 0 && value.indexOf('.', mail) > 0;
        return (mixed || RandomText.isWeak(text, start, end)) && !code && !SecretValues.isNoValue(value);
    }

    /** Returns whether the line speaks of a login before this index. */
    private boolean followsLogin(int at) {
        for (int i = at - 1; i >= 0 && i > at - NEAR && !Chars.isBreak(text.charAt(i)); i--) {
            if ("lscaz".indexOf(Chars.lower(text.charAt(i))) >= 0 && matchesOne(i, WORDS)) {
                return true;
            }
        }
        return false;
    }

    private boolean matchesOne(int at, String[] words) {
        for (String word : words) {
            if (Chars.matchesIgnoringCase(text, at, word)) {
                return true;
            }
        }
        return false;
    }

    /** Masks the text that is sent to a prompt for a password: {@code send "…\r"}; returns its end, or the start. */
    int sent(int at) {
        int from = at + 4;
        from += Chars.matches(text, from, "line") ? 4 : 0;
        from += Chars.matches(text, from, " --") ? 3 : 0;
        from += Chars.at(text, from) == '(' ? 1 : 0;
        from = Chars.skipBlanks(text, from, 4);
        int open = Chars.matches(text, at, "send") ? ends.quoteAt(from) : 0;
        if (open == 0 || !followsPrompt(at)) {
            return at;
        }
        int start = from + open;
        int end = withoutBreak(start, ends.quoted(start, open));
        Assignment answer = new Assignment(NameKind.SECRET, "password", Style.ENV, ' ', false, true, true);
        if (!SecretValues.isSecret(text, start, end, answer)) {
            return at;
        }
        spans.add(start, end);
        return end;
    }

    /** Returns the end without the line break that is typed after the password, written as an escape. */
    private int withoutBreak(int start, int end) {
        int last = end;
        while (last > start + 1 && (text.charAt(last - 1) == 'r' || text.charAt(last - 1) == 'n')) {
            int escape = last - 1;
            while (escape > start && escape > last - ValueEnds.MAX_ESCAPES && text.charAt(escape - 1) == '\\') {
                escape--;
            }
            if (escape == last - 1) {
                break;
            }
            last = escape;
        }
        return last;
    }

    /** Returns whether a prompt for a password precedes, and nothing was sent after it. */
    private boolean followsPrompt(int at) {
        for (int i = at - 1; i >= 0 && i > at - PROMPT && !Chars.matches(text, i, "send"); i--) {
            if (Chars.lower(text.charAt(i)) == 'a' && matchesOne(i, PROMPTS)) {
                return true;
            }
        }
        return false;
    }
}
