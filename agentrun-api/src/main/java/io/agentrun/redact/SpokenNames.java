package io.agentrun.redact;

import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.Spans;
import io.agentrun.redact.internal.ValueShapes;

/**
 * Finds secrets that a name announces without a separator: in a sentence ({@code the password is …}), and in columns and
 * tables ({@code db_password   …}). Not thread-safe: one thread at a time.
 */
final class SpokenNames {

    private static final int LONGEST_WORD = 24;
    private static final int MAX_BLANKS = 48;

    /** What stands between a name and its value in a sentence. */
    private static final String[] VERBS = {"is ", "is: ", "was ", "to ", "as ", "lautet ", "lautet: ", "ist ", "est "};

    /** What stands between a name and the literal that it is compared to, in languages that have words for it. */
    private static final String[] OPERATORS = {"eq ", "ne ", "-eq ", "-ne ", "-ceq "};

    private final CharSequence text;
    private final SecretNames names;
    private final Spans spans;
    private final ValueEnds ends;

    SpokenNames(CharSequence text, SecretNames names, Spans spans, ValueEnds ends) {
        this.text = text;
        this.names = names;
        this.spans = spans;
        this.ends = ends;
    }

    /** Masks what follows the name that the word at this index ends; returns its end, or the start. */
    int word(int at) {
        int end = at;
        while (end < text.length() && end < at + LONGEST_WORD && Chars.isToken(text.charAt(end))) {
            end++;
        }
        int start = at;
        while (start > 0 && at - start < SecretNames.LONGEST && Chars.isToken(text.charAt(start - 1))) {
            start--;
        }
        int blanks = Chars.skipBlanks(text, end, MAX_BLANKS);
        char next = Chars.at(text, blanks);
        if (next == ',' && blanks == end) {
            return argument(at, start, end);
        }
        int before = isQuotedBefore(start) && isSecretName(start, end)
                ? before(at, start, isPassword(start, end) ? 6 : 16)
                : at;
        if (before > at) {
            return before;
        }
        if ((blanks == end && next != '\n') || !isSecretName(start, end)) {
            return at;
        }
        if (next == '\n') {
            return answer(at, start, blanks + 1);
        }
        if (next == '|' || next == '│') {
            return cell(at, Chars.skipBlanks(text, blanks + 1, MAX_BLANKS), true);
        }
        if (blanks > end + 1 || Chars.at(text, end) == '\t') {
            return beginsLine(start) ? cell(at, blanks, false) : at;
        }
        return inLine(at, start, end, blanks);
    }

    /** Masks the literal after the name in a call that compares both, {@code equals(password, "…")}. */
    private int argument(int at, int start, int end) {
        int value = Chars.skipBlanks(text, end + 1, 4);
        if (!Chars.isQuote(Chars.at(text, value))) {
            return at;
        }
        int open = start;
        while (open > 0 && open > start - LONGEST_WORD && isPath(text.charAt(open - 1))) {
            open--;
        }
        int call = Math.max(0, open - 1);
        while (call > 0 && call > open - LONGEST_WORD && Chars.isToken(text.charAt(call - 1))) {
            call--;
        }
        boolean compares = Chars.at(text, open - 1) == '('
                && Calls.COMPARING.contains(
                        SecretNames.compact(text.subSequence(call, open).toString()));
        return compares ? literal(at, end, value) : at;
    }

    private static boolean isPath(char c) {
        return Chars.isToken(c) || c == '.' || c == '$';
    }

    /** Returns whether a quote and "as the" precede the name, or "as" and another such word. */
    private boolean isQuotedBefore(int start) {
        if (Chars.at(text, start - 1) != ' ') {
            return false;
        }
        int as = Chars.indexOf(text, "\" as ", Math.max(0, start - 14), 12);
        as = as < 0 ? Chars.indexOf(text, "' as ", Math.max(0, start - 14), 12) : as;
        return as >= 0 && as + 5 <= start;
    }

    /** Masks the literal of {@code use "…" as the password}. */
    private int before(int at, int start, int shortest) {
        int close = start - 1;
        while (!Chars.isQuote(text.charAt(close))) {
            close--;
        }
        int from = close;
        while (from > 0 && from > close - MAX_BLANKS && text.charAt(from - 1) != text.charAt(close)) {
            from--;
        }
        boolean masked = Chars.at(text, from - 1) == text.charAt(close) && mask(at, from, close, shortest) > at;
        return masked ? at + 1 : at;
    }

    /** Masks the four to eight digits of {@code your verification code is …}; the index is that of the second letter. */
    int code(int at) {
        int word = at - 1;
        if (!Chars.matches(text, word, "code is ") || Chars.at(text, word - 1) != ' ') {
            return at;
        }
        int before = word - 1;
        while (before > 0 && before > word - LONGEST_WORD && Chars.isAlphanumeric(text.charAt(before - 1))) {
            before--;
        }
        int start = word + "code is ".length();
        int end = start;
        while (end < start + 9 && Chars.isDigit(Chars.at(text, end))) {
            end++;
        }
        boolean digits = end >= start + 4 && end <= start + 8 && !Chars.isToken(Chars.at(text, end));
        return digits && names.judge(text, before, word + 4) == NameKind.DIGITS ? masked(start, end) : at;
    }

    private int masked(int start, int end) {
        spans.add(start, end);
        return end;
    }

    /** Masks the literal that a secret is compared to, {@code password == "…"}; the index is that of the last equals sign. */
    int compared(int at) {
        int value = Chars.skipBlanks(text, at + 1, 4);
        if (Chars.at(text, at - 1) != '=' && Chars.at(text, at - 1) != '!') {
            return at;
        }
        int end = at;
        while (end > 0 && end > at - 12 && " =!\"'])".indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        return Chars.isQuote(Chars.at(text, value)) ? literal(at, end, value) : at;
    }

    private int literal(int at, int end, int value) {
        int start = end;
        while (start > 0 && end - start < SecretNames.LONGEST && Chars.isToken(text.charAt(start - 1))) {
            start--;
        }
        NameKind kind = names.judge(text, start, end);
        boolean password = isPassword(start, end);
        boolean secret = kind == NameKind.SECRET || (kind == NameKind.WEAK && password);
        return secret ? sentence(at, value, password ? 6 : 16) : at;
    }

    /** Masks the value in the same line as the name, or in the line after what is said of it. */
    private int inLine(int at, int start, int end, int blanks) {
        boolean password = isPassword(start, end);
        for (String verb : VERBS) {
            if (Chars.matches(text, blanks, verb)) {
                int masked = sentence(at, Chars.skipBlanks(text, blanks + verb.length(), 4), password ? 6 : 16);
                return masked > at || !verb.equals("to ") ? masked : said(at, blanks, password);
            }
        }
        for (String operator : OPERATORS) {
            if (Chars.matches(text, blanks, operator) && Chars.isQuote(Chars.at(text, blanks + operator.length()))) {
                return sentence(at, blanks + operator.length(), password ? 6 : 16);
            }
        }
        if (Chars.matches(text, blanks, "for ") || Chars.matches(text, blanks, "of ")) {
            return said(at, blanks, password);
        }
        if (Chars.at(text, start - 1) == '=') {
            int newline = Chars.indexOf(text, "\n", blanks, MAX_BLANKS);
            return newline < 0 ? at : answer(at, start, newline + 1);
        }
        int here = Chars.indexOf(text, "<<<", blanks, LONGEST_WORD);
        if (here > 0 && Chars.indexOf(text, "\n", blanks, here - blanks) < 0) {
            return sentence(at, Chars.skipBlanks(text, here + 3, 4), 8);
        }
        if (password) {
            return password(at, blanks);
        }
        return sentence(at, blanks, Chars.isQuote(Chars.at(text, blanks)) ? 16 : 20, true);
    }

    /** Masks what follows the colon after a name of which more is said: {@code password for bob: …}. */
    private int said(int at, int from, boolean password) {
        int colon = Chars.indexOf(text, ":", from, MAX_BLANKS);
        if (colon > 0 && Chars.matches(text, colon, "://")) {
            colon = Chars.indexOf(text, ": ", colon, 2 * MAX_BLANKS);
        }
        if (colon < 0 || Chars.indexOf(text, "\n", from, colon - from) >= 0) {
            int is = Chars.indexOf(text, " is ", from, MAX_BLANKS);
            boolean same = is > 0 && Chars.indexOf(text, "\n", from, is - from) < 0;
            boolean quoted = same && Chars.isQuote(Chars.at(text, is + 4));
            boolean strong = password && (quoted || (same && endsSentence(is + 4)));
            return same ? sentence(at, is + 4, strong ? 6 : 16) : at;
        }
        if (Chars.at(text, colon + 1) == ' ') {
            boolean prompt = password && Chars.isUpper(text.charAt(at));
            return sentence(at, colon + 2, prompt ? 8 : password ? 10 : 16);
        }
        int start = colon + 1;
        while (start < text.length() && start < colon + LONGEST_WORD && text.charAt(start) <= ' ') {
            start++;
        }
        int end = wordEnd(start);
        boolean alone = end >= text.length() || Chars.isBreak(text.charAt(end));
        return password && start > colon + 1 && alone ? mask(at, start, end, 14) : at;
    }

    /** Returns whether the word here ends its line, and has both cases and a digit. */
    private boolean endsSentence(int start) {
        int end = wordEnd(start);
        String value = text.subSequence(start, Math.min(end, start + SecretValues.WINDOW))
                .toString();
        boolean cases = value.chars().anyMatch(c -> Chars.isUpper((char) c))
                && value.chars().anyMatch(c -> c >= 'a' && c <= 'z');
        return cases
                && value.length() >= 8
                && ValueShapes.hasDigit(value)
                && !ValueShapes.isSpoken(value)
                && ends.endsLine(Chars.at(text, end) == '.' ? end + 1 : end);
    }

    /** Masks the one word that a command, which ends with the name of a secret, prints in the line after it. */
    private int answer(int at, int nameStart, int start) {
        int end = wordEnd(start);
        boolean alone = end >= text.length() || Chars.isBreak(text.charAt(end));
        boolean command = !beginsLine(nameStart);
        if (!alone || !command || end - start < 14) {
            return at;
        }
        String value = text.subSequence(start, Math.min(end, start + SecretValues.WINDOW))
                .toString();
        boolean digest = (value.length() == 40 || value.length() == 64) && ValueShapes.isHex(value);
        return !digest && ValueShapes.isRandomWord(value.replaceAll("[/+=_-]", "")) ? mask(at, start, end, 14) : at;
    }

    private boolean isSecretName(int start, int end) {
        boolean pw = end == start + 2 && Chars.matchesIgnoringCase(text, start, "pw");
        if (pw || names.judge(text, start, end) == NameKind.SECRET) {
            return true;
        }
        if (!Chars.matchesIgnoringCase(text, start, "key") || end != start + 3 || Chars.at(text, start - 1) != ' ') {
            return false;
        }
        int before = start - 1;
        while (before > 0 && before > start - LONGEST_WORD && Chars.isLetter(text.charAt(before - 1))) {
            before--;
        }
        return names.judge(text, before, end) == NameKind.SECRET;
    }

    private boolean isPassword(int start, int end) {
        for (int i = start; i < end; i++) {
            if (Chars.matchesIgnoringCase(text, i, "pass")) {
                return true;
            }
        }
        return Chars.matchesIgnoringCase(text, end - 2, "pw");
    }

    /** Returns whether only blanks and the border of a table precede in the line. */
    private boolean beginsLine(int start) {
        int at = start - 1;
        while (at >= 0 && at > start - MAX_BLANKS && (Chars.isBlank(text.charAt(at)) || text.charAt(at) == '|')) {
            at--;
        }
        return at < 0 || Chars.isBreak(text.charAt(at));
    }

    /** Masks a value in a column of its own: one word up to the end of the line, or to the border of the cell. */
    private int cell(int at, int start, boolean table) {
        int end = wordEnd(start);
        int after = Chars.skipBlanks(text, end, MAX_BLANKS);
        char border = Chars.at(text, after);
        boolean alone = after >= text.length() || Chars.isBreak(border);
        boolean bordered = table && (border == '|' || border == '│');
        return alone || bordered ? mask(at, start, end, 8) : at;
    }

    private int sentence(int at, int from, int shortest) {
        return sentence(at, from, shortest, false);
    }

    private int sentence(int at, int from, int shortest, boolean strong) {
        int open = ends.quoteAt(from);
        int start = from + open;
        int end = open > 0 ? ends.quoted(start, open) : wordEnd(start);
        while (open == 0 && end > start && end > from + shortest && ".,;:!)".indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        boolean weak = strong
                && open == 0
                && !ValueShapes.isStrong(text.subSequence(start, Math.min(end, start + SecretValues.WINDOW))
                        .toString());
        return weak ? at : mask(at, start, end, shortest);
    }

    /** Masks what follows "password" at once, if no word and no number looks like it. */
    private int password(int at, int start) {
        int open = ends.quoteAt(start);
        int from = start + open;
        int end = open > 0 ? ends.quoted(from, open) : wordEnd(from);
        String value = text.subSequence(from, Math.min(end, from + SecretValues.WINDOW))
                .toString();
        boolean strong = ValueShapes.isRandomWord(value)
                || ValueShapes.isScrambled(value)
                || (value.length() >= 10 && ValueShapes.mixesBoth(value))
                || (value.length() >= 8
                        && ValueShapes.hasDigit(value)
                        && ValueShapes.hasSymbol(value)
                        && (ValueShapes.mixesCase(value) || open > 0)
                        && Chars.isAlphanumeric(value.charAt(0))
                        && value.indexOf('(') < 0);
        boolean flag = open == 0 && value.startsWith("-") && ValueShapes.isWord(value.substring(1));
        return strong && !flag ? mask(at, from, end, 8) : at;
    }

    private int wordEnd(int start) {
        return ends.unquoted(start, Assignment.Style.ENV, ' ');
    }

    private int mask(int at, int start, int end, int shortest) {
        if (start >= end) {
            return at;
        }
        String value = text.subSequence(start, Math.min(end, start + SecretValues.WINDOW))
                .toString();
        boolean secret = ValueShapes.looksRandom(value, shortest)
                && (ValueShapes.hasDigit(value) || ValueShapes.isScrambled(value))
                && (shortest < 16 || value.length() >= 32 || !ValueShapes.isSpoken(value))
                && !ValueShapes.isPath(value)
                && !SecretValues.isNoValue(value);
        return secret ? masked(start, end) : at;
    }
}
