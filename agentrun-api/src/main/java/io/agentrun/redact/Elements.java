package io.agentrun.redact;

import io.agentrun.redact.Assignment.Style;
import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.Spans;

/**
 * Finds secrets in the text of XML elements: {@code <password>…</password>}, {@code <string name="token">…</string>}, {@code
 * <name>db.password</name><value>…</value>}. Not thread-safe: one thread at a time.
 */
final class Elements {

    /** How many characters are between a name in an element of its own and the element of the value. */
    private static final int BETWEEN = 64;

    private static final String CDATA = "<![CDATA[";

    private final CharSequence text;
    private final SecretNames names;
    private final NameBefore name;
    private final Spans spans;
    private final ValueEnds ends;

    Elements(CharSequence text, SecretNames names, Spans spans, ValueEnds ends) {
        this.text = text;
        this.names = names;
        this.name = new NameBefore(text, names);
        this.spans = spans;
        this.ends = ends;
    }

    /** Masks the text of the element whose tag ends with the {@code >} here; returns the index to go on with. */
    int element(int at) {
        if (!name(at)) {
            return at + 1;
        }
        if (names.judge(text, name.start(), name.end()) == NameKind.SECRET) {
            return mask(at, inner(at + 1));
        }
        boolean pair = name.isPair() || Chars.matches(text, name.end() - 5, "-name");
        return pair && Chars.at(text, name.start() - 1) == '<' ? pair(at) : at + 1;
    }

    /** Reads what names the element that opens here: itself, its attribute {@code name}, or the key before it in a list. */
    private boolean name(int at) {
        if (!name.read(at)) {
            return false;
        }
        int before = name.start() - 1;
        if (Chars.at(text, before) == '<') {
            int key = before;
            while (key > 0 && key > before - 48 && text.charAt(key - 1) <= ' ') {
                key--;
            }
            key -= "</key>".length();
            return !name.is("string") || !Chars.matches(text, key, "</key>") || name.read(key);
        }
        return Chars.at(text, before) == '"'
                && (Chars.matches(text, before - 5, "name=") || Chars.matches(text, before - 4, "key="));
    }

    /** Returns where the text of an element {@code value} begins that is the first thing in this one; the index if none is. */
    private int inner(int from) {
        int at = from;
        while (at < text.length() && at < from + BETWEEN && text.charAt(at) <= ' ') {
            at++;
        }
        return Chars.matchesIgnoringCase(text, at, "<value>") ? at + "<value>".length() : from;
    }

    /** Masks the element {@code value} after the one whose text is the name. */
    private int pair(int at) {
        int end = at + 1;
        while (end < text.length() && end - at <= SecretNames.LONGEST && NameBefore.isPart(text.charAt(end))) {
            end++;
        }
        if (Chars.at(text, end) != '<' || names.judge(text, at + 1, end) != NameKind.SECRET) {
            return at + 1;
        }
        int value = Chars.indexOf(text, "alue>", end, BETWEEN);
        name.set(at + 1, end);
        char before = Chars.at(text, value - 2);
        return value < 0 || (before != '<' && before != '-') ? at + 1 : mask(at, value + "alue>".length());
    }

    private int mask(int at, int from) {
        boolean data = Chars.matches(text, from, CDATA);
        int start = data ? from + CDATA.length() : from;
        int end = data
                ? Chars.indexOf(text, "]]>", start, SecretValues.WINDOW)
                : ends.unquoted(start, Style.PARAMETER, '>');
        if (end < 0 || (!data && (Chars.at(text, end) != '<' || Chars.at(text, end + 1) != '/'))) {
            return at + 1;
        }
        String named = text.subSequence(name.start(), name.end()).toString();
        Assignment element = new Assignment(NameKind.SECRET, named, Style.PARAMETER, '>', false, true, false);
        if (!SecretValues.isSecret(text, start, end, element)) {
            return at + 1;
        }
        spans.add(start, end);
        return end;
    }
}
