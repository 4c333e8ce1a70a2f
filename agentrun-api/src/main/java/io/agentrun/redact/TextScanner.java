package io.agentrun.redact;

import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.LinearPattern;
import io.agentrun.redact.internal.SeedPhrases;
import io.agentrun.redact.internal.Spans;
import io.agentrun.redact.internal.ValueShapes;
import org.jspecify.annotations.Nullable;

/**
 * Scans one text from left to right for the shapes of the rule table and for what names announce. Not thread-safe: one
 * thread at a time.
 */
final class TextScanner {

    private static final int LONGEST_EXAMPLE = 64;

    private final CharSequence text;
    private final RuleIndex rules;
    private final Spans spans;
    private final Assignments assignments;
    private final Credentials credentials;
    private final CommandLines commands;
    private final PlacedValues placed;
    private final Calls calls;
    private final SpokenNames spoken;
    private final Logins logins;
    private final SeedPhrases phrases;
    private final SqlColumns columns;
    private final SecretNames names;
    private @Nullable NearbySecrets nearby;

    TextScanner(CharSequence text, RuleIndex rules, SecretNames names, Spans spans) {
        this.text = text;
        this.rules = rules;
        this.spans = spans;
        ValueEnds ends = new ValueEnds(text);
        this.assignments = new Assignments(text, names, spans, ends);
        this.credentials = new Credentials(text, spans);
        this.commands = new CommandLines(text, names, spans, ends);
        this.placed = new PlacedValues(text, names, spans, ends);
        this.calls = new Calls(text, names, spans);
        this.spoken = new SpokenNames(text, names, spans, ends);
        this.logins = new Logins(text, spans, ends);
        this.phrases = new SeedPhrases(text, spans);
        this.columns = new SqlColumns(text, names, spans);
        this.names = names;
    }

    void scan(int from) {
        for (int at = from; at < text.length(); at = rules.next(text, at)) {
            at = next(at);
        }
        if (nearby != null) {
            nearby.scan();
        }
    }

    /** Returns the scanner for the lines that speak of a secret: most texts have none. */
    private NearbySecrets nearby() {
        if (nearby == null) {
            nearby = new NearbySecrets(text, names, spans);
        }
        return nearby;
    }

    private int next(int at) {
        char c = text.charAt(at);
        if (c == ':') {
            credentials.url(at);
            credentials.dataSource(at);
            placed.pgpass(at);
            int end = Math.max(
                    Math.max(placed.workflow(at), assignments.keyword(at)),
                    firstOf(placed.remoteDesktop(at), logins.colon(at), at));
            end = Chars.matches(text, at - 4, "thin:") ? placed.slash(at, at + 1) : end;
            return end > at ? end : assignments.separator(at);
        }
        if (c == '=' || c == '>') {
            int end = c == '>' ? placed.rights(at) : spoken.compared(at);
            return end > at ? end : assignments.separator(at);
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
                if (isExample(at, last)) {
                    return last;
                }
                spans.add(pattern.maskStart(text, at), last);
                return last;
            }
        }
        return at;
    }

    /** Returns whether it has the shape of a token and shows where one is to be put: {@code ghp_xxxxxxxx}. */
    private boolean isExample(int start, int end) {
        return end - start <= LONGEST_EXAMPLE
                && Placeholders.isExample(text.subSequence(start, end).toString());
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
            case 'P' -> capitalP(at);
            case 'p' -> password(at);
            case 'i', 'I' -> letterI(at);
            case 'o' -> Chars.at(text, at + 1) == 'g' ? placed.argument(at) : word(at);
            case 'O' -> Chars.at(text, at + 1) == 'G' ? placed.argument(at) : word(at);
            case 'E', 'c', 'C' -> word(at);
            case 'n', 'N', 't' -> setting(at);
            case 'ñ' -> mark(at);
            case 'd', 'q', 'y' -> placed.argument(at);
            case '/' -> firstOf(placed.argument(at), logins.slash(at), at);
            case 'F', 'j' -> placed.key(at);
            case 'M' -> firstOf(placed.key(at), phrases.phrase(at), at);
            case 'A' -> firstOf(placed.auth(at), placed.keyOrArgument(at), at);
            case 'm' -> firstOf(placed.keyOrArgument(at), phrases.phrase(at), at);
            case 'S' -> firstOf(credentials.scheme(at), phrases.phrase(at), at);
            case 's' -> firstOf(logins.sent(at), phrases.phrase(at), at);
            case 'a', 'u' -> placed.argument(at);
            case 'w' -> phrases.phrase(at);
            case '(' -> calls.arguments(at);
            case '{' -> Chars.isAlphanumeric(Chars.at(text, at - 1)) ? calls.arguments(at) : at;
            case '<' -> less(at);
            case 'k' -> member(at);
            case 'W' -> wireless(at);
            case '-' -> hyphen(at);
            default -> at;
        };
    }

    private int letterI(int at) {
        if (c(at, 1) == 'n') {
            columns.into(at);
            return at;
        }
        return c(at, 1) != 'd' ? placed.argument(at) : commands.password(at);
    }

    private int capitalP(int at) {
        if (Chars.at(text, at + 1) == 'L') {
            return placed.argument(at);
        }
        int pass = firstOf(placed.pass(at), phrases.phrase(at), at);
        return pass > at ? pass : firstOf(credentials.putty(at), password(at), at);
    }

    private int letterE(int at) {
        if (Chars.at(text, at + 1) == '_') {
            return placed.argument(at);
        }
        if (Chars.at(text, at + 1) == '(') {
            int end = calls.arguments(at + 1);
            return end > at + 1 ? end : at;
        }
        return firstOf(credentials.jsonWebToken(at), word(at), at);
    }

    private int word(int at) {
        if (isOfSecret(at)) {
            nearby().mark(at);
        }
        return c(at, 1) == 'd' ? spoken.code(at) : spoken.word(at);
    }

    private int setting(int at) {
        if (isOfSecret(at)) {
            nearby().mark(at);
        }
        return placed.setting(at);
    }

    /** Returns whether the two letters here are those of a word about a secret, by the letters beside them. */
    private boolean isOfSecret(int at) {
        return switch (Chars.lower(text.charAt(at))) {
            case 'p' -> c(at, 1) == 'w' ? c(at, 2) == 'd' || c(at, 2) == 'g' : c(at, 2) == 's';
            case 'o' -> c(at, 1) == 'd' ? c(at, -1) == 'c' && c(at, 2) == 'e' : c(at, -1) == 't' && c(at, 2) == 'e';
            case 'c' -> c(at, 2) == 'y' ? c(at, -2) == 'd' : c(at, 2) == 'e' && (c(at, 3) == 'd' || c(at, 3) == 't');
            case 'e' -> c(at, -1) == 'k';
            case 'n' -> c(at, 1) == 'w' ? c(at, 2) == 'o' : c(at, 1) == 'h' && c(at, 2) == 'a';
            default -> false;
        };
    }

    private int less(int at) {
        return Chars.at(text, at + 1) == '<' ? nearby().hereString(at) : assignments.arrow(at);
    }

    private int member(int at) {
        credentials.jsonWebKey(at + 1);
        return at;
    }

    private int wireless(int at) {
        credentials.wireless(at);
        return phrases.phrase(at);
    }

    private int mark(int at) {
        nearby().mark(at);
        return at;
    }

    private char c(int at, int offset) {
        return Chars.lower(Chars.at(text, at + offset));
    }

    private int password(int at) {
        if (isOfSecret(at)) {
            nearby().mark(at);
        }
        if (c(at, 1) == 'w') {
            return Chars.isBlank(c(at, 2)) ? spoken.word(at) : at;
        }
        if (c(at, 1) == 'h') {
            return phrases.phrase(at);
        }
        int end = firstOf(commands.password(at), commands.piped(at), at);
        return end > at ? end : spoken.word(at);
    }

    private int hyphen(int at) {
        int block = credentials.pem(at);
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
