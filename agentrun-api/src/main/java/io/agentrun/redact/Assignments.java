package io.agentrun.redact;

import io.agentrun.redact.Assignment.Style;

/**
 * Finds secrets that a name announces in text: {@code NAME=value}, {@code name: value}, headers, JSON in text, URL
 * parameters, connection strings, flags and XML elements. It begins at the separator, reads the name backwards and the
 * value forwards. Not thread-safe: one thread at a time.
 */
final class Assignments {

    private static final int MAX_BLANKS = 12;

    private final CharSequence text;
    private final SecretNames names;
    private final Spans spans;
    private final ValueEnds ends;

    // What readName found.
    private int nameStart;
    private int nameEnd;

    Assignments(CharSequence text, SecretNames names, Spans spans, ValueEnds ends) {
        this.text = text;
        this.names = names;
        this.spans = spans;
        this.ends = ends;
    }

    /** Judges the separator at this index; returns the index to go on with, which is after it. */
    int separator(int at) {
        char c = text.charAt(at);
        char next = Chars.at(text, at + 1);
        char previous = Chars.at(text, at - 1);
        if (c == ':') {
            return next == ':' || next == '=' || previous == ':' ? at + 1 : assignment(at, at, at + 1);
        }
        if (c == '>') {
            return element(at);
        }
        if (next == '=' || next == '~' || "=!<>+-*/%^~|&".indexOf(previous) >= 0) {
            return at + 1;
        }
        int end = previous == ':' || previous == '?' ? at - 1 : at;
        return assignment(at, end, next == '>' ? at + 2 : at + 1);
    }

    private int assignment(int at, int end, int valueFrom) {
        if (!readName(end)) {
            return at + 1;
        }
        NameKind kind = kind();
        if (kind == NameKind.NONE) {
            return isPairName() ? pair(at, valueFrom) : at + 1;
        }
        return mask(at, valueFrom, kind, false);
    }

    /** Masks the value of a flag, {@code --name value}; the index is that of the first hyphen. */
    int flag(int at) {
        int start = at;
        while (Chars.at(text, start) == '-') {
            start++;
        }
        int end = start;
        while (end < text.length() && end - start < SecretNames.LONGEST && isName(text.charAt(end))) {
            end++;
        }
        if (!Chars.isBlank(Chars.at(text, end)) || names.judge(text, start, end) == NameKind.NONE) {
            return at + 1;
        }
        nameStart = start;
        nameEnd = end;
        return mask(end, end, names.judge(text, start, end), true);
    }

    private int mask(int at, int valueFrom, NameKind kind, boolean flag) {
        int start = Chars.skipBlanks(text, valueFrom, MAX_BLANKS);
        if (start == text.length() || Chars.isBreak(text.charAt(start))) {
            return at + 1;
        }
        Style style = flag ? Style.FLAG_THEN_VALUE : style(at);
        int block = kind == NameKind.SECRET ? ends.blockStart(start) : -1;
        start = block > 0 ? block : start;
        int open = ends.quoteAt(start);
        int end;
        if (open > 0) {
            start += open;
            end = ends.quoted(start, open);
        } else if (kind == NameKind.HEADER) {
            int first = start;
            start = afterScheme(start);
            boolean oneWord = start > first && "bBtT".indexOf(text.charAt(first)) >= 0;
            end = oneWord ? ends.unquoted(start, Style.ENV, '=') : ends.line(start, quoteBefore());
        } else {
            end = ends.unquoted(start, style, text.charAt(at));
        }
        if (open == 0 && text.charAt(at) == '=' && at == nameEnd && Chars.at(text, end) == '&') {
            style = Style.PARAMETER;
        }
        boolean spaced = !flag && at > nameEnd && Chars.isBlank(Chars.at(text, nameEnd));
        Assignment assignment = new Assignment(
                kind,
                text.subSequence(nameStart, nameEnd).toString(),
                style,
                text.charAt(at),
                spaced,
                open > 0,
                ends.endsLine(end));
        if (start >= end || start < valueFrom) {
            return at + 1;
        }
        boolean scheme = kind == NameKind.HEADER && hasScheme(valueFrom, start) && text.charAt(start) != '[';
        if (open > 0 && kind == NameKind.HEADER) {
            int credential = afterScheme(start);
            scheme = credential > start;
            start = scheme ? credential : start;
        }
        if (start < end && ((scheme && !isMask(start)) || SecretValues.isSecret(text, start, end, assignment))) {
            spans.add(start, end);
            return end;
        }
        return at + 1;
    }

    private boolean isMask(int start) {
        return Chars.matches(text, start, SecretFinder.MASK)
                || "<$*{".indexOf(text.charAt(start)) >= 0
                || Chars.matchesIgnoringCase(text, start, "your_")
                || Chars.matchesIgnoringCase(text, start, "your-");
    }

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

    private int afterScheme(int start) {
        for (String scheme : SCHEMES) {
            if (Chars.matchesIgnoringCase(text, start, scheme)) {
                return Chars.skipBlanks(text, start + scheme.length(), MAX_BLANKS);
            }
        }
        return start;
    }

    private boolean hasScheme(int valueFrom, int start) {
        int first = Chars.skipBlanks(text, valueFrom, MAX_BLANKS);
        return start > first;
    }

    /** Returns the quote that opens a whole header line, as in {@code -H "Cookie: a=b"}; NUL if there is none. */
    private char quoteBefore() {
        char before = Chars.at(text, nameStart - 1);
        return Chars.isQuote(before) && !Chars.isQuote(Chars.at(text, nameEnd)) ? before : 0;
    }

    /** Masks the text of an element: {@code <password>value</password>}; the index is that of {@code >}. */
    private int element(int at) {
        if (!readName(at)
                || Chars.at(text, nameStart - 1) != '<'
                || names.judge(text, nameStart, nameEnd) != NameKind.SECRET) {
            return at + 1;
        }
        int end = ends.unquoted(at + 1, Style.PARAMETER, '>');
        if (Chars.at(text, end) != '<' || Chars.at(text, end + 1) != '/') {
            return at + 1;
        }
        Assignment element = new Assignment(
                NameKind.SECRET,
                text.subSequence(nameStart, nameEnd).toString(),
                Style.PARAMETER,
                '>',
                false,
                true,
                false);
        if (SecretValues.isSecret(text, at + 1, end, element)) {
            spans.add(at + 1, end);
            return end;
        }
        return at + 1;
    }

    /** Returns whether the name is the first half of a pair such as {@code {"name": "X_TOKEN", "value": "…"}}. */
    private boolean isPairName() {
        return isName("name") || isName("key") || isName("header") || isName("variable");
    }

    private boolean isName(String word) {
        return nameEnd - nameStart == word.length() && Chars.matchesIgnoringCase(text, nameStart, word);
    }

    private int pair(int at, int valueFrom) {
        int start = Chars.skipBlanks(text, valueFrom, MAX_BLANKS);
        int open = ends.quoteAt(start);
        start += Math.max(0, open);
        int end = start;
        while (end < text.length() && end - start < SecretNames.LONGEST && isName(text.charAt(end))) {
            end++;
        }
        NameKind kind = names.judge(text, start, end);
        if (!kind.isCertain()) {
            return at + 1;
        }
        int value = Chars.indexOf(text, "alue", end, 40) - 1;
        int separator = value < 0 ? -1 : value + 5;
        while (separator > 0 && separator < value + 12 && "\"'\\ ".indexOf(Chars.at(text, separator)) >= 0) {
            separator++;
        }
        char c = Chars.at(text, separator);
        if (value < 0 || (c != ':' && c != '=')) {
            return at + 1;
        }
        nameStart = start;
        nameEnd = end;
        return Math.max(at + 1, mask(separator, separator + 1, kind, false));
    }

    private NameKind kind() {
        NameKind kind = names.judge(text, nameStart, nameEnd);
        if (kind == NameKind.NONE && isType()) {
            int end = nameStart - 1;
            while (end > nameStart - MAX_BLANKS && (Chars.isBlank(Chars.at(text, end)) || Chars.at(text, end) == ':')) {
                end--;
            }
            return readName(end + 1) ? names.judge(text, nameStart, nameEnd) : kind;
        }
        if (kind == NameKind.NONE) {
            int before = wordBefore();
            return before < 0 ? kind : names.judge(text, before, nameEnd);
        }
        return kind == NameKind.SECRET && isWord("token") && isSpokenOf() ? NameKind.NONE : kind;
    }

    /** Returns whether it is the type of a variable whose name precedes: {@code password: str = "…"}. */
    private boolean isType() {
        return Chars.isBlank(Chars.at(text, nameStart - 1)) && (isName("str") || isName("string"));
    }

    /** Returns where "API key" or "connection string" begins, when the name is its second word; else -1. */
    private int wordBefore() {
        if (Chars.at(text, nameStart - 1) != ' '
                || !(isWord("key") || isWord("string") || isWord("phrase") || isWord("code"))) {
            return -1;
        }
        int start = nameStart - 1;
        while (start > 0 && start > nameStart - 24 && Chars.isLetter(text.charAt(start - 1))) {
            start--;
        }
        return start;
    }

    private boolean isWord(String word) {
        return isName(word);
    }

    /** Returns whether the word before makes "token" one of a text or a page: "unexpected token: x". */
    private boolean isSpokenOf() {
        if (Chars.at(text, nameStart - 1) != ' ') {
            return false;
        }
        int end = nameStart - 1;
        int start = end;
        while (start > 0 && start > end - 24 && Chars.isLetter(text.charAt(start - 1))) {
            start--;
        }
        return NameTables.HARMLESS_TOKEN.contains(
                text.subSequence(start, end).toString().toLowerCase(java.util.Locale.ROOT));
    }

    private Style style(int at) {
        char before = Chars.at(text, nameStart - 1);
        if (before == '-' || (before == 'D' && Chars.at(text, nameStart - 2) == '-')) {
            return Style.FLAG;
        }
        char separator = text.charAt(at);
        boolean tight = separator == '=' && at == nameEnd;
        if (tight && (before == '?' || before == '&' || before == ';' || before == '#')) {
            return Style.PARAMETER;
        }
        if (tight && before != '(' && before != '.' && isUpperName() && !isArgument()) {
            return Style.ENV;
        }
        if (beginsLine()) {
            return Style.LINE;
        }
        boolean field = Chars.isBlank(before) || (Chars.isQuote(before) && !Chars.isQuote(Chars.at(text, nameEnd)));
        return tight && field && !isArgument() ? Style.FIELD : Style.INLINE;
    }

    private boolean isUpperName() {
        for (int i = nameStart; i < nameEnd; i++) {
            if (Chars.isLetter(text.charAt(i)) && !Chars.isUpper(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether a parenthesis or comma precedes, as in a call with named arguments. */
    private boolean isArgument() {
        int before = nameStart - 1;
        while (before > 0 && before > nameStart - MAX_BLANKS && Chars.isBlank(text.charAt(before))) {
            before--;
        }
        char c = Chars.at(text, before);
        return c == ',' || c == '(' || c == '{' || c == '[';
    }

    /** Returns whether only blanks, marks of a list or a diff, and {@code export} precede in the line. */
    private boolean beginsLine() {
        int at = nameStart - 1;
        if (Chars.isQuote(Chars.at(text, at))) {
            at--;
        }
        for (int i = 0; i < 48 && at >= 0; i++, at--) {
            char c = text.charAt(at);
            if (Chars.isBreak(c) || (Chars.isEscapeLetter(text, at) && c != 't')) {
                return true;
            }
            if (!Chars.isBlank(c) && "-+>|*#".indexOf(c) < 0) {
                return Chars.matches(text, at - 5, "export")
                        || Chars.matches(text, at - 2, "set")
                        || Chars.matches(text, at - 2, "ENV");
            }
        }
        return at < 0;
    }

    /** Reads the name that ends before this index, passing over blanks, quotes and a closing bracket. */
    private boolean readName(int before) {
        int end = before;
        while (end > 0 && end > before - MAX_BLANKS && Chars.isBlank(text.charAt(end - 1))) {
            end--;
        }
        if (end > 0 && (text.charAt(end - 1) == '?' || text.charAt(end - 1) == ']')) {
            end--;
        }
        if (end > 0 && Chars.isQuote(text.charAt(end - 1))) {
            end--;
            for (int i = 0; i < ValueEnds.MAX_ESCAPES && end > 0 && text.charAt(end - 1) == '\\'; i++) {
                end--;
            }
        }
        int start = end;
        while (start > 0 && isName(text.charAt(start - 1))) {
            if (end - start == SecretNames.LONGEST) {
                return false;
            }
            start--;
        }
        if (start < end && Chars.isEscapeLetter(text, start)) {
            start++;
        }
        while (start < end && !Chars.isLetter(text.charAt(start))) {
            start++;
        }
        if (end - start > 1 && text.charAt(start) == 'D' && Chars.at(text, start - 1) == '-') {
            start++;
        }
        nameStart = start;
        nameEnd = end;
        return end - start >= 2;
    }

    private static boolean isName(char c) {
        return Chars.isToken(c) || c == '.' || c == '$';
    }
}
