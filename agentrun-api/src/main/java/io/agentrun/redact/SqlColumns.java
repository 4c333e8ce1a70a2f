package io.agentrun.redact;

import io.agentrun.redact.Assignment.Style;
import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.Spans;
import io.agentrun.redact.internal.ValueShapes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Finds the literals that a statement inserts into columns named after secrets: {@code INSERT INTO users (name, password)
 * VALUES ('bob', '…')}, with any number of rows. Not thread-safe: one thread at a time.
 */
final class SqlColumns {

    /** How far after INTO the list of columns begins. */
    private static final int LONGEST_TABLE = 128;

    private static final int MAX_COLUMNS = 256;

    /** A token that is shorter, or a word, is one of a text. */
    private static final int SHORTEST_TOKEN = 8;

    private record Column(NameKind kind, String name) {}

    private static final Column OTHER = new Column(NameKind.NONE, "");

    private final CharSequence text;
    private final SecretNames names;
    private final Spans spans;

    /** Up to where statements were read, so that no text is read for two of them. */
    private int done;

    SqlColumns(CharSequence text, SecretNames names, Spans spans) {
        this.text = text;
        this.names = names;
        this.spans = spans;
    }

    /** Masks the secrets of the rows after the INTO here. */
    void into(int at) {
        if (at < done || !Chars.matchesIgnoringCase(text, at, "into ") || !Chars.startsWord(text, at)) {
            return;
        }
        int open = Chars.indexOf(text, "(", at, LONGEST_TABLE);
        List<Column> columns = open < 0 ? List.of() : columns(open + 1);
        if (columns.isEmpty()) {
            return;
        }
        int row = space(space(done) + "values".length());
        if (Chars.matchesIgnoringCase(text, space(done), "values")) {
            while (Chars.at(text, row) == '(') {
                int end = row(row + 1, columns);
                done = end;
                int comma = space(end);
                row = Chars.at(text, comma) == ',' ? space(comma + 1) : comma;
            }
        }
    }

    /** Reads the columns up to the closing bracket; returns none if none of them is named after a secret. */
    private List<Column> columns(int from) {
        List<Column> columns = new ArrayList<>();
        boolean secret = false;
        int at = from;
        char last = ',';
        while (last == ',' && columns.size() < MAX_COLUMNS) {
            int start = space(at);
            start += "\"`[\\".indexOf(Chars.at(text, start)) >= 0 && start < text.length() ? 1 : 0;
            start += Chars.isQuote(Chars.at(text, start)) ? 1 : 0;
            int end = start;
            while (end < text.length() && end - start < SecretNames.LONGEST && NameBefore.isPart(text.charAt(end))) {
                end++;
            }
            NameKind kind = names.judge(text, start, end);
            secret |= kind.isCertain();
            columns.add(
                    kind.isCertain()
                            ? new Column(kind, text.subSequence(start, end).toString())
                            : OTHER);
            at = end;
            while (at < end + 4 && "\"`]\\".indexOf(Chars.at(text, at)) >= 0 && at < text.length()) {
                at++;
            }
            at = space(at);
            last = Chars.at(text, at);
            at++;
        }
        done = Math.min(at, text.length());
        return last == ')' && secret ? columns : List.of();
    }

    /** Masks the secrets of the row whose first value begins here; returns the index after it. */
    private int row(int from, List<Column> columns) {
        int at = from;
        int column = 0;
        int depth = 1;
        while (at < text.length() && depth > 0) {
            char c = text.charAt(at);
            if (c == '\'') {
                int end = literalEnd(at + 1);
                if (depth == 1 && column < columns.size()) {
                    mask(at + 1, end, columns.get(column));
                }
                at = end;
            } else if (c == ';' || c == 0) {
                return at;
            }
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            column += c == ',' && depth == 1 ? 1 : 0;
            at++;
        }
        return Math.min(at, text.length());
    }

    /** Returns the index of the quote that closes; two of them are one of the text. */
    private int literalEnd(int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) != '\'' || Chars.at(text, at + 1) == '\'')) {
            boolean two = text.charAt(at) == '\'' || (text.charAt(at) == '\\' && Chars.at(text, at + 1) == '\'');
            at += two ? 2 : 1;
        }
        return Math.min(at, text.length());
    }

    private void mask(int start, int end, Column column) {
        Assignment value = new Assignment(column.kind, column.name, Style.INLINE, '=', true, true, false);
        boolean word = column.name.toLowerCase(Locale.ROOT).endsWith("token")
                && !ValueShapes.looksRandom(
                        text.subSequence(start, Math.min(end, start + SecretValues.WINDOW))
                                .toString(),
                        SHORTEST_TOKEN);
        if (column.kind != NameKind.NONE && !word && SecretValues.isSecret(text, start, end, value)) {
            spans.add(start, end);
        }
    }

    /** Returns the next index that is no blank and no line break, also not one that is escaped. */
    private int space(int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) <= ' ' || Chars.matches(text, at, "\\n"))) {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return at;
    }
}
