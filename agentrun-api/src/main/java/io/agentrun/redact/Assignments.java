package io.agentrun.redact;

import io.agentrun.redact.Assignment.Style;
import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.RandomText;
import io.agentrun.redact.internal.Spans;
import io.agentrun.redact.internal.ValueShapes;
import java.util.Locale;

/**
 * Finds secrets that a name announces in text: {@code NAME=value}, {@code name: value}, headers, JSON in text, URL
 * parameters, connection strings, flags and XML elements. It begins at the separator, reads the name backwards and the
 * value forwards. Not thread-safe: one thread at a time.
 */
final class Assignments {

    private static final int MAX_BLANKS = 12;
    private static final int MAX_PARTS = 16;
    private static final int SHORTEST_PART = 6;

    private final CharSequence text;
    private final SecretNames names;
    private final NameBefore name;
    private final Spans spans;
    private final ValueEnds ends;
    private final Elements elements;

    Assignments(CharSequence text, SecretNames names, Spans spans, ValueEnds ends) {
        this.text = text;
        this.names = names;
        this.name = new NameBefore(text, names);
        this.spans = spans;
        this.ends = ends;
        this.elements = new Elements(text, names, spans, ends);
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
            return elements.element(at);
        }
        boolean ifAbsent = (previous == '|' || previous == '?') && Chars.at(text, at - 2) == previous;
        if (next == '=' || next == '~' || (!ifAbsent && "=!<>+-*/%^~|&".indexOf(previous) >= 0)) {
            return at + 1;
        }
        int end = ifAbsent ? at - 2 : previous == ':' || previous == '?' ? at - 1 : at;
        return assignment(at, end, next == '>' ? at + 2 : at + 1);
    }

    private int assignment(int at, int end, int valueFrom) {
        if (!name.read(end)) {
            return at + 1;
        }
        NameKind kind = name.kind();
        if ((kind == NameKind.NONE || kind == NameKind.MIXED) && name.isPair()) {
            return pair(at, valueFrom);
        }
        if (kind == NameKind.NONE) {
            return name.is("code") ? code(at, valueFrom) : at + 1;
        }
        return mask(at, valueFrom, kind, false);
    }

    /** Masks the code that a URL hands to an application, {@code ?code=…}, if it looks random. */
    private int code(int at, int valueFrom) {
        int end = ends.unquoted(valueFrom, Style.PARAMETER, '=');
        int window = Math.min(end, valueFrom + SecretValues.WINDOW);
        if (style(at) != Style.PARAMETER || !RandomText.isMixed(text, valueFrom, window, 20)) {
            return at + 1;
        }
        spans.add(valueFrom, end);
        return end;
    }

    /** Masks the value of a flag, {@code --name value}; the index is that of the first hyphen. */
    int flag(int at) {
        int start = at;
        while (Chars.at(text, start) == '-') {
            start++;
        }
        int end = start;
        while (end < text.length() && end - start < SecretNames.LONGEST && NameBefore.isPart(text.charAt(end))) {
            end++;
        }
        int comma = Chars.isQuote(Chars.at(text, end)) ? Chars.skipBlanks(text, end + 1, 4) : end;
        boolean item = comma > end && Chars.at(text, comma) == ',';
        boolean ended = item || Chars.isBlank(Chars.at(text, end));
        if (!ended || names.judge(text, start, end) == NameKind.NONE) {
            return at + 1;
        }
        name.set(start, end);
        return mask(end, item ? comma + 1 : end, names.judge(text, start, end), true);
    }

    /** Masks the text after an arrow, {@code password <- "x"}; the index is that of the arrow. */
    int arrow(int at) {
        boolean text = ends.quoteAt(Chars.skipBlanks(this.text, at + 2, MAX_BLANKS)) > 0;
        return text ? assignment(at, at, at + 2) : at + 1;
    }

    /** Masks the text after a keyword, {@code :password "x"}; the index is that of the colon. */
    int keyword(int at) {
        char before = Chars.at(text, at - 1);
        if (at > 0 && !Chars.isBlank(before) && !Chars.isBreak(before) && before != '{' && before != '(') {
            return at;
        }
        int end = at + 1;
        while (end < text.length() && end - at < SecretNames.LONGEST && NameBefore.isPart(text.charAt(end))) {
            end++;
        }
        if (end - at < 3 || !Chars.isBlank(Chars.at(text, end)) || !Chars.isQuote(Chars.at(text, end + 1))) {
            return at;
        }
        NameKind kind = names.judge(text, at + 1, end);
        name.set(at + 1, end);
        return kind.isCertain() ? mask(end, end, kind, false) : at;
    }

    private int mask(int at, int valueFrom, NameKind kind, boolean flag) {
        int start = Chars.skipBlanks(text, valueFrom, MAX_BLANKS);
        if (start == text.length() || Chars.isBreak(text.charAt(start))) {
            return at + 1;
        }
        if (text.charAt(start) == '{' && kind == NameKind.SECRET) {
            int separator = valueSeparator(start + 1, 80);
            return separator < 0 ? at + 1 : Math.max(at + 1, mask(separator, separator + 1, NameKind.WEAK, false));
        }
        Style style = flag ? Style.FLAG_THEN_VALUE : style(at);
        int block = kind == NameKind.SECRET ? ends.blockStart(start) : -1;
        start = block > 0 ? block : start;
        boolean bracket = text.charAt(start) == '(';
        start = kind == NameKind.SECRET ? ends.literal(start) : start;
        int open = ends.quoteAt(start);
        int end;
        if (open > 0) {
            start += open;
            end = ends.quoted(start, open);
        } else if (kind == NameKind.HEADER) {
            int first = start;
            start = ends.afterScheme(start);
            boolean oneWord = start > first && "bBtT".indexOf(text.charAt(first)) >= 0;
            end = oneWord ? ends.unquoted(start, Style.ENV, '=') : ends.line(start, quoteBefore());
            end -= end > start && text.charAt(end - 1) == ',' ? 1 : 0;
        } else {
            end = ends.unquoted(start, style, text.charAt(at));
            end = style == Style.INLINE && text.charAt(at) == ':' && isArgument() ? beforeComma(start, end) : end;
            end = text.charAt(at) == '=' ? ends.beforeNextPair(start, end) : end;
            int words = kind == NameKind.SECRET ? ends.words(start, isPhrase()) : -1;
            if (words > 0) {
                spans.add(start, words);
                return words;
            }
        }
        int fallback = afterFallback(at, start, end);
        if (fallback < 0) {
            return at + 1;
        }
        if (fallback > start) {
            start = fallback;
            int close = Chars.indexOf(text, "}", start, Math.min(end - start, SecretValues.WINDOW));
            end = close < 0 ? end : close;
        }
        if (open == 0 && text.charAt(at) == '=' && at == name.end() && Chars.at(text, end) == '&') {
            style = Style.PARAMETER;
        }
        boolean spaced = !flag && at > name.end() && Chars.isBlank(Chars.at(text, name.end()));
        Assignment assignment = new Assignment(
                kind,
                text.subSequence(name.start(), name.end()).toString(),
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
            int credential = ends.afterScheme(start);
            scheme = credential > start;
            start = scheme ? credential : start;
        }
        if (start < end && ((scheme && !isMask(start)) || SecretValues.isSecret(text, start, end, assignment))) {
            spans.add(start, end);
            return open > 0 && kind == NameKind.SECRET ? joined(changed(end), bracket) : end;
        }
        return at + 1;
    }

    /** Masks what a quoted secret becomes in a plan, {@code "old" -> "new"}; returns the end of it, or the one given. */
    private int changed(int end) {
        int start = end + " -> ".length() + 2;
        if (!Chars.matches(text, end + 1, " -> ") || !Chars.isQuote(Chars.at(text, start - 1))) {
            return end;
        }
        int close = ends.quoted(start, 1);
        spans.add(start, Chars.matches(text, start, SecretFinder.MASK) ? start : close);
        return close;
    }

    /** Masks the other parts of a literal that is written in parts; returns the end of the last one, or the one given. */
    private int joined(int end, boolean bracket) {
        int last = end;
        for (int part = 0; part < MAX_PARTS; part++) {
            int start = ends.nextPart(last + 1, bracket);
            int close = start < 0 ? -1 : ends.quoted(start, 1);
            String value = start < 0
                    ? ""
                    : text.subSequence(start, Math.min(close, start + SecretValues.WINDOW))
                            .toString();
            if (!ValueShapes.looksRandom(value, SHORTEST_PART)) {
                break;
            }
            spans.add(start, close);
            last = close;
        }
        return last;
    }

    /** Returns whether the name is that of a list of words, as of a wallet. */
    private boolean isPhrase() {
        String lower = text.subSequence(name.start(), name.end()).toString().toLowerCase(Locale.ROOT);
        return lower.endsWith("phrase") || lower.endsWith("mnemonic") || lower.endsWith("seed");
    }

    private int beforeComma(int start, int end) {
        int comma = Chars.indexOf(text, ",", start, Math.min(end - start, SecretValues.WINDOW));
        return comma < 0 || comma > end ? end : ends.withoutClosing(start, comma);
    }

    /**
     * Returns where the value begins that a shell takes when a variable is not set, {@code ${NAME:-value}}: the separator
     * is the colon in it, or the one before it; the start if it is no such value; -1 if it is the message of {@code :?}.
     */
    private int afterFallback(int at, int start, int end) {
        if (Chars.matches(text, name.start() - 2, "${") && text.charAt(at) == ':' && at == name.end()) {
            char how = Chars.at(text, at + 1);
            return how == '?' || how == '+' ? -1 : how == '-' || how == '=' ? at + 2 : start;
        }
        if (!Chars.matches(text, start, "${")) {
            return start;
        }
        int name = start + 2;
        while (name < end && name < start + SecretNames.LONGEST && Chars.isToken(text.charAt(name))) {
            name++;
        }
        boolean given = Chars.matches(text, name, ":-") || Chars.matches(text, name, ":=");
        return given && name + 2 < end ? name + 2 : start;
    }

    private boolean isMask(int start) {
        return Chars.matches(text, start, SecretFinder.MASK)
                || "<$*{".indexOf(text.charAt(start)) >= 0
                || Chars.matchesIgnoringCase(text, start, "your_")
                || Chars.matchesIgnoringCase(text, start, "your-");
    }

    private boolean hasScheme(int valueFrom, int start) {
        int first = Chars.skipBlanks(text, valueFrom, MAX_BLANKS);
        return start > first;
    }

    /** Returns the quote that opens a whole header line, as in {@code -H "Cookie: a=b"}; NUL if there is none. */
    private char quoteBefore() {
        char before = Chars.at(text, name.start() - 1);
        return Chars.isQuote(before) && !Chars.isQuote(Chars.at(text, name.end())) ? before : 0;
    }

    private int pair(int at, int valueFrom) {
        int start = Chars.skipBlanks(text, valueFrom, MAX_BLANKS);
        int open = ends.quoteAt(start);
        start += Math.max(0, open);
        int end = start;
        while (end < text.length()
                && end - start < SecretNames.LONGEST
                && (NameBefore.isPart(text.charAt(end)) || text.charAt(end) == '/' || text.charAt(end) == ':')) {
            end++;
        }
        NameKind kind = names.judge(text, start, end);
        if (!kind.isCertain() && kind != NameKind.MIXED) {
            return at + 1;
        }
        int separator = valueSeparator(end, 40);
        if (separator < 0) {
            return at + 1;
        }
        name.set(start, end);
        return Math.max(at + 1, mask(separator, separator + 1, kind, false));
    }

    /** Returns the separator after a member {@code value} that begins within this many characters; -1 if there is none. */
    private int valueSeparator(int from, int most) {
        int value = Chars.indexOf(text, "alue", from, most) - 1;
        int separator = value < 0 ? -1 : value + 5;
        while (separator > 0 && separator < value + 12 && "\"'\\ ".indexOf(Chars.at(text, separator)) >= 0) {
            separator++;
        }
        char c = Chars.at(text, separator);
        return value >= 0 && (c == ':' || c == '=') ? separator : -1;
    }

    private Style style(int at) {
        char before = Chars.at(text, name.start() - 1);
        if (before == '-' || (before == 'D' && Chars.at(text, name.start() - 2) == '-')) {
            return Style.FLAG;
        }
        char separator = text.charAt(at);
        boolean tight = separator == '=' && at == name.end();
        if (tight && (before == '?' || before == '&' || before == ';' || before == '#')) {
            return Style.PARAMETER;
        }
        if (tight && before != '(' && before != '.' && isUpperName() && !isArgument()) {
            return Style.ENV;
        }
        if (beginsLine()) {
            return Style.LINE;
        }
        boolean field = Chars.isBlank(before) || (Chars.isQuote(before) && !Chars.isQuote(Chars.at(text, name.end())));
        return tight && field && !isArgument() ? Style.FIELD : Style.INLINE;
    }

    private boolean isUpperName() {
        for (int i = name.start(); i < name.end(); i++) {
            if (Chars.isLetter(text.charAt(i)) && !Chars.isUpper(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether a parenthesis or comma precedes, as in a call with named arguments. */
    private boolean isArgument() {
        int before = name.start() - 1;
        while (before > 0 && before > name.start() - MAX_BLANKS && Chars.isBlank(text.charAt(before))) {
            before--;
        }
        char c = Chars.at(text, before);
        return c == ',' || c == '(' || c == '{' || c == '[';
    }

    /** Returns whether only blanks, marks of a list or a diff, and {@code export} precede in the line. */
    private boolean beginsLine() {
        int at = name.start() - 1;
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
                        || (Chars.matches(text, at - 2, "set") && Chars.at(text, at - 3) != '-')
                        || Chars.matches(text, at - 2, "ENV");
            }
        }
        return at < 0;
    }
}
