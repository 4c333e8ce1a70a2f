package io.agentrun.redact;

/**
 * Scans one text from left to right for the shapes of the rule table and for what names announce. Not thread-safe: one
 * thread at a time.
 */
final class TextScanner {

    private final CharSequence text;
    private final RuleIndex rules;
    private final Spans spans;
    private final Assignments assignments;
    private final Credentials credentials;
    private final KeyBlocks blocks;
    private final CommandLines commands;
    private final Calls calls;
    private final SpokenNames spoken;

    TextScanner(CharSequence text, RuleIndex rules, SecretNames names, Spans spans) {
        this.text = text;
        this.rules = rules;
        this.spans = spans;
        ValueEnds ends = new ValueEnds(text);
        this.assignments = new Assignments(text, names, spans, ends);
        this.credentials = new Credentials(text, spans);
        this.blocks = new KeyBlocks(text, spans);
        this.commands = new CommandLines(text, names, spans, ends);
        this.calls = new Calls(text, names, spans);
        this.spoken = new SpokenNames(text, names, spans, ends);
    }

    void scan(int from) {
        int at = from;
        while (at < text.length()) {
            at = next(at);
        }
    }

    private int next(int at) {
        char c = text.charAt(at);
        if (c == '=' || c == ':' || c == '>') {
            if (c == ':') {
                credentials.url(at);
                credentials.dataSource(at);
                commands.pgpass(at);
                int end = Math.max(commands.workflow(at), assignments.keyword(at));
                if (end > at) {
                    return end;
                }
            }
            return assignments.separator(at);
        }
        int following = rules.next(text, at);
        if (following > at) {
            return following;
        }
        int end = rule(at);
        end = end > at ? end : byLetter(c, at);
        return end > at ? end : at + 1;
    }

    private int rule(int at) {
        for (LinearPattern pattern : rules.beginningWith(text.charAt(at), Chars.at(text, at + 1))) {
            int end = pattern.match(text, at);
            if (end >= 0) {
                int last = continued(pattern.maskEnd(text, end), at);
                spans.add(pattern.maskStart(text, at), last);
                return last;
            }
        }
        return at;
    }

    /** Returns the end with the rest of a token that was wrapped: a line that is nothing but letters and digits, mixed. */
    private int continued(int end, int start) {
        int at = end;
        if (end - start < 24 || !Chars.isBreak(Chars.at(text, at))) {
            return end;
        }
        at += Chars.at(text, at) == '\r' ? 1 : 0;
        if (Chars.at(text, at) != '\n') {
            return end;
        }
        int from = at + 1;
        int rest = Math.min(Chars.tokenEnd(text, from), from + SecretValues.WINDOW);
        char after = Chars.at(text, rest);
        boolean alone = rest == text.length() || Chars.isBreak(after) || Chars.isQuote(after);
        int shortest = alone ? 6 : Chars.isBlank(after) ? 10 : Integer.MAX_VALUE;
        return ValueShapes.looksRandom(text.subSequence(from, rest).toString(), shortest) ? rest : end;
    }

    private int byLetter(char c, int at) {
        return switch (c) {
            case 'e' -> letterE(at);
            case 'b', 'B' -> credentials.scheme(at);
            case 'P' -> firstOf(blocks.putty(at), password(at), at);
            case 'p' -> password(at);
            case 'i', 'I' -> commands.password(at);
            case 'E', 'o', 'O', 'c', 'C' -> spoken.word(at);
            case 'n', 'N', 't' -> commands.setting(at);
            case '(' -> calls.arguments(at);
            case '{' -> Chars.isAlphanumeric(Chars.at(text, at - 1)) ? calls.arguments(at) : at;
            case '<' -> assignments.arrow(at);
            case '-' -> hyphen(at);
            default -> at;
        };
    }

    private int letterE(int at) {
        if (Chars.at(text, at + 1) == '(') {
            int end = calls.arguments(at + 1);
            return end > at + 1 ? end : at;
        }
        return firstOf(credentials.jsonWebToken(at), spoken.word(at), at);
    }

    private int password(int at) {
        int end = firstOf(commands.password(at), commands.piped(at), at);
        return end > at ? end : spoken.word(at);
    }

    private int hyphen(int at) {
        int block = blocks.pem(at);
        if (block > at) {
            return block;
        }
        int flag = commands.flag(at);
        if (flag > at) {
            return flag;
        }
        char before = Chars.at(text, at - 1);
        boolean first = at == 0 || Chars.isBlank(before) || Chars.isBreak(before) || Chars.isQuote(before);
        return first ? assignments.flag(at) : at;
    }

    private static int firstOf(int one, int other, int at) {
        return one > at ? one : other;
    }
}
