package io.agentrun.redact;

import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.RandomText;
import io.agentrun.redact.internal.Spans;
import io.agentrun.redact.internal.ValueShapes;

/**
 * Finds the secrets that a line announces and the lines after it hold: the answer of a command, a list of codes, the columns
 * of a table, the members of a block. It is given each line once, in order, and remembers what the lines before announced.
 * Not thread-safe: one thread at a time.
 */
final class FollowingLines {

    /** How many lines after the one that announces may hold the secret alone. */
    private static final int NEXT = 4;

    /** How many lines of the output of a command, or of a block, may hold it beside other text. */
    private static final int OUTPUT = 12;

    private static final int LONGEST_LINE = 1_024;
    private static final int MAX_COLUMNS = 63;
    private static final int MAX_CELL = 48;
    private static final int SHORTEST = 10;

    /** How far into a line a prompt with the name of a user in it may reach. */
    private static final int PROMPT = 64;

    private static final String[] PROMPTS = {"$ ", "❯ ", "➜ ", "PS> ", "PS C:", "C:\\"};

    private final CharSequence text;
    private final Spans spans;
    private final NearbySecrets tokens;
    private final Labels labels;

    private int next;
    private boolean asked;
    private boolean codes;

    private int output;

    private int block;
    private int blockIndent;

    /** Which columns of the table hold secrets, and whether the line under its head has come. */
    private long columns;

    private boolean underlined;

    /** Where the column of a table without borders begins; -1 if there is none. */
    private int column = -1;

    private int columnLines;

    FollowingLines(CharSequence text, Spans spans, NearbySecrets tokens, Labels labels) {
        this.text = text;
        this.spans = spans;
        this.tokens = tokens;
        this.labels = labels;
    }

    /** Returns whether the next line may hold a secret because of those before it. */
    boolean isExpecting() {
        return next > 0 || output > 0 || block > 0 || columns != 0 || columnLines > 0;
    }

    /** Judges a line by those before it, and remembers what it announces itself. */
    void line(int start, int lineEnd, boolean hot, boolean ofCodes) {
        int end = lineEnd > start && text.charAt(lineEnd - 1) == '\r' ? lineEnd - 1 : lineEnd;
        int first = Chars.skipBlanks(text, start, LONGEST_LINE);
        boolean blank = first >= end;
        if (Chars.matches(text, first, "$ANSIBLE_VAULT")) {
            next = 0;
            output = 0;
            block = 0;
        }
        if (isExpecting() && !blank) {
            continued(start, first, end);
        }
        next -= next > 0 ? 1 : 0;
        if (hot && !blank) {
            announce(start, first, end, ofCodes);
        }
    }

    private void continued(int start, int first, int end) {
        if (columns != 0) {
            row(start, end);
        }
        if (columnLines > 0) {
            columnLines--;
            cell(start + column, start, end);
        }
        boolean alone = next > 0 && alone(first, end);
        if (block > 0 && !alone) {
            block = first - start <= blockIndent ? 0 : block - 1;
            if (block > 0) {
                member(first, end);
            }
        }
        next = alone ? Math.max(next, 3) : next;
        if (output > 0) {
            output = isPrompt(first) ? 0 : output - 1;
        }
        if (!alone && (output > 0 || next > 0)) {
            beside(start, end, output == 0);
        }
    }

    private void announce(int start, int first, int end, boolean ofCodes) {
        int last = end;
        while (last > first && " \t\"'`*_".indexOf(text.charAt(last - 1)) >= 0) {
            last--;
        }
        char closing = Chars.at(text, last - 1);
        boolean prompt = isPrompt(first);
        boolean colon = closing == ':' || closing == '：';
        boolean opens = (colon || "{[|>".indexOf(closing) >= 0) && Chars.indexOf(text, "(", first, last - first) < 0;
        asked = prompt || colon || opens || wordsAfter(tokens.lastWordEnd(), last) < 2;
        next = asked ? NEXT : next;
        codes = ofCodes;
        output = prompt ? OUTPUT : output;
        if (opens) {
            block = OUTPUT;
            blockIndent = first - start;
        }
        if (end - start < LONGEST_LINE) {
            head(start, end);
        }
    }

    private int wordsAfter(int from, int end) {
        int count = 0;
        for (int i = from; i < end && count < 2; i++) {
            boolean begins = Chars.isToken(text.charAt(i)) && !Chars.isToken(text.charAt(i - 1));
            count += begins ? 1 : ",.;{}()".indexOf(text.charAt(i)) >= 0 ? 2 : 0;
        }
        return count;
    }

    private boolean isPrompt(int first) {
        for (String prompt : PROMPTS) {
            if (Chars.matches(text, first, prompt)) {
                return true;
            }
        }
        int user = first;
        while (user < first + PROMPT && (Chars.isToken(Chars.at(text, user)) || Chars.at(text, user) == '[')) {
            user++;
        }
        if (user == first || Chars.at(text, user) != '@') {
            return false;
        }
        int end = Chars.indexOf(text, "$ ", user, PROMPT);
        end = end < 0 ? Chars.indexOf(text, "# ", user, PROMPT) : end;
        return end > 0 && Chars.indexOf(text, "\n", user, end - user) < 0;
    }

    /** Masks the line if it holds nothing but one token, or codes when those were announced; returns whether it did. */
    private boolean alone(int first, int end) {
        int start = first;
        while (start < end && "-*>•|\"'`[( \t".indexOf(text.charAt(start)) >= 0) {
            start++;
        }
        int numbered = start;
        while (numbered < end && numbered < start + 2 && Chars.isDigit(text.charAt(numbered))) {
            numbered++;
        }
        if (numbered > start && ".):".indexOf(Chars.at(text, numbered)) >= 0) {
            start = Chars.skipBlanks(text, numbered + 1, 8);
        }
        int last = end;
        while (last > start && " \t\"'`,.;|)]".indexOf(text.charAt(last - 1)) >= 0) {
            last--;
        }
        if (codes && codes(start, last)) {
            spans.add(start, last);
            return true;
        }
        int run = start < last ? tokens.runEnd(start, last) : start;
        boolean secret = run == last
                && (asked
                        ? RandomText.isToken(text, start, last, SHORTEST)
                        : RandomText.isMixed(text, start, last, SHORTEST + 2));
        if (secret) {
            spans.add(start, last);
        }
        return secret;
    }

    private boolean codes(int start, int end) {
        int at = start;
        int found = 0;
        while (at < end && found < 16) {
            int run = tokens.runEnd(at, end);
            if (!RandomText.isCode(text, at, tokens.trimmed(at, run))) {
                return false;
            }
            found++;
            at = run;
            while (at < end && " \t,;|".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }
        return found > 0 && at >= end;
    }

    /** Masks tokens without a name of their own, or only those whose name says nothing, {@code "value": "…"}. */
    private void beside(int start, int lineEnd, boolean labelled) {
        int end = Math.min(lineEnd, start + LONGEST_LINE);
        int at = start;
        while (at < end) {
            if (NearbySecrets.isDelimiter(text.charAt(at))) {
                at++;
                continue;
            }
            int run = tokens.runEnd(at, lineEnd);
            if (RandomText.isMixed(text, at, run, 16) && !labels.isOther(at, labels.labelEnd(at), -1)) {
                if (!labelled || labels.hasNeutralLabel(at)) {
                    spans.add(at, run);
                }
            }
            at = run;
        }
    }

    /** Masks the value of a member whose name says nothing, {@code default = "…"}, in a block that is named. */
    private void member(int first, int end) {
        int name = first;
        while (name < end && "\"'<-{ ".indexOf(text.charAt(name)) >= 0) {
            name++;
        }
        int nameEnd = Chars.tokenEnd(text, name);
        boolean named = nameEnd - name < 24
                && (labels.isNeutral(name, nameEnd)
                        || (nameEnd - name == 3 && Chars.matchesIgnoringCase(text, name, "key")));
        int value = nameEnd;
        while (value < end && "\"'>:= \t`".indexOf(text.charAt(value)) >= 0) {
            value++;
        }
        if (!named || value == nameEnd || value >= end) {
            return;
        }
        int run = tokens.runEnd(value, end);
        if (RandomText.isToken(text, value, run, SHORTEST)) {
            spans.add(value, run);
        }
    }

    /** Notes which columns a head names after secrets: between borders, or under the words of a head without any. */
    private void head(int start, int end) {
        underlined = false;
        columns = isUnderlined(end + 1) ? columns(start, end) : columns;
        column = columns == 0 ? gap(start, end) : -1;
        columnLines = column >= 0 ? OUTPUT : 0;
    }

    private long columns(int start, int end) {
        long named = 0;
        int cell = 0;
        int from = start;
        for (int i = start; i <= end; i++) {
            if (i == end || isBorder(text.charAt(i))) {
                named |= cell <= MAX_COLUMNS && i - from < MAX_CELL && tokens.hasWord(from, i) ? 1L << cell : 0;
                cell++;
                from = i + 1;
            }
        }
        return cell > 1 ? named : 0;
    }

    private static boolean isBorder(char c) {
        return c == '|' || c == '│' || c == '┃';
    }

    private boolean isUnderlined(int start) {
        int at = start;
        while (at < text.length() && at < start + LONGEST_LINE && !Chars.isBreak(text.charAt(at))) {
            char c = text.charAt(at);
            if (!Chars.isBlank(c) && !isBorder(c) && "-+:=─━┼╋├┤┝┥╪".indexOf(c) < 0) {
                return false;
            }
            at++;
        }
        return at > start + 2;
    }

    /** Masks what looks random in the columns that the head named after secrets. */
    private void row(int start, int end) {
        int cell = 0;
        int from = start;
        boolean bordered = false;
        for (int i = start; i <= end && i < start + LONGEST_LINE; i++) {
            boolean border = i < end && isBorder(text.charAt(i));
            bordered |= border;
            if (border || i == end) {
                if (cell <= MAX_COLUMNS && (columns >>> cell & 1) != 0) {
                    value(from, i);
                }
                cell++;
                from = i + 1;
            }
        }
        if (!bordered && underlined) {
            columns = 0;
        }
        underlined = true;
    }

    private void value(int start, int end) {
        int from = start;
        while (from < end && " \t`*\"'".indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        int last = end;
        while (last > from && " \t`*\"'".indexOf(text.charAt(last - 1)) >= 0) {
            last--;
        }
        if (isPassword(from, last)) {
            spans.add(from, last);
        }
    }

    private boolean isPassword(int start, int end) {
        if (end - start < 6 || end - start > SecretValues.WINDOW) {
            return false;
        }
        String value = text.subSequence(start, end).toString();
        boolean secret = ValueShapes.hasDigit(value)
                && ValueShapes.looksRandom(value, 6)
                && RandomText.spoken(value, 0, value.length()) * 5 < value.length() * 4
                && value.indexOf('(') < 0;
        return RandomText.isToken(text, start, end, 8)
                || (secret && !ValueShapes.isPath(value) && !SecretValues.isNoValue(value));
    }

    /** Returns where, in a head of columns that two blanks part, one named after a secret begins; -1 if there is none. */
    private int gap(int start, int end) {
        int cells = 0;
        int found = -1;
        int at = Chars.skipBlanks(text, start, LONGEST_LINE);
        while (at < end) {
            int word = at;
            while (at < end && !isGap(at, end)) {
                if (!Chars.isToken(text.charAt(at)) && " /.#%".indexOf(text.charAt(at)) < 0) {
                    return -1;
                }
                at++;
            }
            found = found < 0 && at - word < MAX_CELL && tokens.hasWord(word, at) ? word - start : found;
            cells++;
            at = Chars.skipBlanks(text, at, LONGEST_LINE);
        }
        return cells >= 2 ? found : -1;
    }

    private boolean isGap(int at, int end) {
        char c = text.charAt(at);
        return c == '\t' || (c == ' ' && at + 1 < end && Chars.isBlank(text.charAt(at + 1)));
    }

    /** Masks the token that begins in the column. */
    private void cell(int at, int start, int end) {
        if (at >= end || NearbySecrets.isDelimiter(text.charAt(at))) {
            return;
        }
        boolean begins = at == start || Chars.isBlank(text.charAt(at - 1));
        int run = tokens.runEnd(at, end);
        if (begins && isPassword(at, run)) {
            spans.add(at, run);
        }
    }
}
