package io.agentrun.redact;

import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.Chars;
import java.util.Locale;

/** Reads the name before a separator, and judges it with the words beside it. Not thread-safe: one thread at a time. */
final class NameBefore {

    private static final int MAX_BLANKS = 12;

    private final CharSequence text;
    private final SecretNames names;

    private int start;
    private int end;

    NameBefore(CharSequence text, SecretNames names) {
        this.text = text;
        this.names = names;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    void set(int newStart, int newEnd) {
        start = newStart;
        end = newEnd;
    }

    /** Reads the name that ends before this index, passing over blanks, quotes, a closing bracket and a short number. */
    boolean read(int before) {
        end = before;
        while (end > 0 && end > before - MAX_BLANKS && Chars.isBlank(text.charAt(end - 1))) {
            end--;
        }
        if (end > 0 && (text.charAt(end - 1) == '?' || text.charAt(end - 1) == ']')) {
            end--;
            end -= text.charAt(end) == ']' && Chars.at(text, end - 1) == '[' ? 1 : 0;
        }
        if (end > 0 && Chars.isQuote(text.charAt(end - 1))) {
            end--;
            for (int i = 0; i < ValueEnds.MAX_ESCAPES && end > 0 && text.charAt(end - 1) == '\\'; i++) {
                end--;
            }
        }
        end = beforeNumber(end);
        start = end;
        while (start > 0 && isPart(text.charAt(start - 1))) {
            if (end - start == SecretNames.LONGEST) {
                return false;
            }
            start--;
        }
        if (start < end && Chars.isEscapeLetter(text, start)) {
            start++;
        }
        while (start < end && !isLetter(text.charAt(start))) {
            start++;
        }
        if (end - start > 1 && text.charAt(start) == 'D' && Chars.at(text, start - 1) == '-') {
            start++;
        }
        return end - start >= 2;
    }

    /** Returns the end without a number of its own, as in {@code Recovery key 1:}. */
    private int beforeNumber(int from) {
        int at = from;
        while (at > 0 && from - at < 3 && Chars.isDigit(text.charAt(at - 1))) {
            at--;
        }
        boolean alone = at < from && Chars.at(text, at - 1) == ' ' && Chars.isLetter(Chars.at(text, at - 2));
        return alone ? at - 1 : from;
    }

    static boolean isPart(char c) {
        return Chars.isToken(c) || c == '.' || c == '$' || (c >= 128 && Character.isLetter(c));
    }

    private static boolean isLetter(char c) {
        return Chars.isLetter(c) || (c >= 128 && Character.isLetter(c));
    }

    boolean is(String word) {
        return end - start == word.length() && Chars.matchesIgnoringCase(text, start, word);
    }

    /** Returns whether the name is the first half of a pair such as {@code {"name": "X_TOKEN", "value": "…"}}. */
    boolean isPair() {
        return is("name") || is("key") || is("header") || is("variable") || endsIn("Key") || endsIn("Name");
    }

    /** Returns whether it is more than this word, and ends in it: {@code ParameterKey}. */
    private boolean endsIn(String word) {
        int last = end - word.length();
        return last > start && Chars.matches(text, last, word) && Chars.isLetter(text.charAt(last - 1));
    }

    /** Judges the name; when it is a type, reads and judges the name of the variable before it. */
    NameKind kind() {
        if (Chars.matches(text, start - "checksum/".length(), "checksum/")) {
            return NameKind.NONE;
        }
        NameKind kind = names.judge(text, start, end);
        if (kind == NameKind.NONE && isType()) {
            int before = start - 1;
            before -= Chars.matches(text, before - 7, "'static ") ? 8 : 0;
            while (before > start - 2 * MAX_BLANKS && " \t:&*".indexOf(Chars.at(text, before)) >= 0) {
                before--;
            }
            return read(before + 1) ? names.judge(text, start, end) : kind;
        }
        if (kind == NameKind.NONE) {
            int before = wordBefore();
            return before < 0 ? kind : names.judge(text, before, end);
        }
        return isFieldOfMany() || (kind == NameKind.SECRET && is("token") && isSpokenOf()) ? NameKind.NONE : kind;
    }

    /** Returns whether it is one of many fields between colons, as in {@code arn:aws:secretsmanager:eu:1:secret:name}. */
    private boolean isFieldOfMany() {
        return Chars.at(text, start - 1) == ':'
                && Chars.at(text, end) == ':'
                && !Chars.isBlank(Chars.at(text, end + 1));
    }

    /** Returns whether it is the type of a variable whose name precedes: {@code password: str = "…"}. */
    private boolean isType() {
        char before = Chars.at(text, start - 1);
        return (Chars.isBlank(before) || before == '&' || before == ':') && (is("str") || is("string"));
    }

    /** Returns where "API key" or "connection string" begins, when the name is its second word; else -1. */
    private int wordBefore() {
        char gap = Chars.at(text, start - 1);
        if ((gap != ' ' && gap != ':') || !(is("key") || is("string") || is("phrase") || is("code") || is("id"))) {
            return -1;
        }
        int from = start - 1;
        while (from > 0
                && from > start - 24
                && (Chars.isLetter(text.charAt(from - 1)) || text.charAt(from - 1) == '-')) {
            from--;
        }
        return from;
    }

    /** Returns whether the word before makes "token" one of a text or a page: "unexpected token: x". */
    private boolean isSpokenOf() {
        if (Chars.at(text, start - 1) != ' ') {
            return false;
        }
        int last = start - 1;
        int from = last;
        while (from > 0 && from > last - 24 && Chars.isLetter(text.charAt(from - 1))) {
            from--;
        }
        return NameTables.HARMLESS_TOKEN.contains(
                text.subSequence(from, last).toString().toLowerCase(Locale.ROOT));
    }
}
