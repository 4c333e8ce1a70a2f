package io.agentrun.redact;

import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.RandomText;
import io.agentrun.redact.internal.Spans;
import io.agentrun.redact.internal.ValueShapes;
import java.util.Arrays;
import java.util.Locale;

/**
 * Finds tokens that look random in lines that speak of a secret, wherever in the line they stand, and in the lines after
 * them, as {@link FollowingLines} says. The scanner marks where such a word may be; lines without one, and not after one,
 * are not looked at. Not thread-safe: one thread at a time.
 */
final class NearbySecrets {

    /** How far from the word a token may stand in a long line. */
    static final int NEAR = 200;

    private static final int MAX_BLANKS = 12;
    private static final int MAX_PARAMETER = 32;
    private static final int SHORTEST = 10;

    /** A key of 18 bytes in Base64; what is shorter may name a record. */
    private static final int LONG_KEY = 24;

    private static final String[] PRINTING = {"cat ", "less ", "more ", "head ", "tail ", "type ", "bat "};

    private static final int[] NONE = {};

    private static final boolean[] DELIMITERS = new boolean[128];

    static {
        for (char c = 0; c < DELIMITERS.length; c++) {
            DELIMITERS[c] = c <= ' ' || "\"'`<>(){}[],;|\\:=".indexOf(c) >= 0;
        }
    }

    private final CharSequence text;
    private final SecretNames names;
    private final Spans spans;
    private final Labels labels;
    private final FollowingLines following;

    private int[] marks = NONE;
    private int count;

    /** Where the words about a secret in the line that is looked at begin and end. */
    private int[] words = NONE;

    private int wordCount;

    NearbySecrets(CharSequence text, SecretNames names, Spans spans) {
        this.text = text;
        this.names = names;
        this.spans = spans;
        this.labels = new Labels(text, names);
        this.following = new FollowingLines(text, spans, this, labels);
    }

    /** Notes that a word about a secret may be at this index. */
    void mark(int at) {
        if (count == marks.length) {
            marks = Arrays.copyOf(marks, Math.max(8, count * 2));
        }
        marks[count++] = at;
    }

    /** Masks the text that a shell gives to a command, {@code <<< '…'}, if it looks random; returns its end, or the start. */
    int hereString(int at) {
        if (!Chars.matches(text, at, "<<<") || Chars.at(text, at - 1) == '<') {
            return at;
        }
        int start = Chars.skipBlanks(text, at + 3, 4);
        start += Chars.isQuote(Chars.at(text, start)) ? 1 : 0;
        int end = runEnd(start, Math.min(text.length(), start + SecretValues.WINDOW));
        if (!RandomText.isMixed(text, start, end, SHORTEST)) {
            return at;
        }
        spans.add(start, end);
        return end;
    }

    /** Looks at the lines of the marks, and at those after them. */
    void scan() {
        int next = 0;
        int at = 0;
        while (at < text.length() && (next < count || following.isExpecting())) {
            if (!following.isExpecting()) {
                at = lineStart(marks[next], at);
            }
            int end = lineEnd(at);
            wordCount = 0;
            while (next < count && marks[next] < end) {
                word(marks[next], at, end);
                next++;
            }
            if (wordCount > 0) {
                line(at, end);
            }
            following.line(at, end, wordCount > 0, wordCount > 0 && speaksOfCodes());
            at = end + 1;
        }
    }

    private int lineStart(int from, int least) {
        int at = from;
        while (at > least && text.charAt(at - 1) != '\n') {
            at--;
        }
        return at;
    }

    private int lineEnd(int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) != '\n') {
            at++;
        }
        return at;
    }

    /** Keeps the word around this index if it speaks of a secret, with the word before it. */
    private void word(int at, int lineStart, int lineEnd) {
        if (wordCount > 0 && at < words[wordCount - 1]) {
            return;
        }
        int start = at;
        while (start > lineStart && at - start < SecretNames.LONGEST && Labels.isWord(text.charAt(start - 1))) {
            start--;
        }
        int end = at;
        while (end < lineEnd && end - start < SecretNames.LONGEST && Labels.isWord(text.charAt(end))) {
            end++;
        }
        boolean manager = Chars.matches(text, start, "pass show ") || Chars.matches(text, start, "pass -c ");
        if (!manager && !isPrintedKey(start, end, lineStart) && !speaksOfSecret(start, end, lineStart)) {
            if (end - start == 3 && Chars.matchesIgnoringCase(text, start, "key")) {
                key(start, end, lineEnd);
            }
            return;
        }
        if (wordCount + 2 > words.length) {
            words = Arrays.copyOf(words, Math.max(8, words.length * 2));
        }
        words[wordCount++] = start;
        words[wordCount++] = end;
    }

    /** Returns whether it ends the name of a file with a key that a command prints: {@code cat config/master.key}. */
    private boolean isPrintedKey(int start, int end, int lineStart) {
        if (end - start != 3 || Chars.at(text, start - 1) != '.' || !Chars.matches(text, start, "key")) {
            return false;
        }
        char after = Chars.at(text, end);
        if ((after > ' ' && after != ';' && after != '|') || labels.isPublicKey(start)) {
            return false;
        }
        for (String command : PRINTING) {
            if (Chars.indexOf(text, command, lineStart, Math.min(NEAR, start - lineStart)) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** Masks what is a key beyond doubt, though no word says of what: {@code key = …}. */
    private void key(int nameStart, int nameEnd, int lineEnd) {
        if (labels.isPublicKey(nameStart)) {
            return;
        }
        int at = nameEnd;
        boolean assigned = false;
        while (at < lineEnd && at < nameEnd + MAX_BLANKS && " \t\"':=>".indexOf(text.charAt(at)) >= 0) {
            assigned |= text.charAt(at) == ':' || text.charAt(at) == '=';
            at++;
        }
        int end = assigned || isStored(nameStart) ? runEnd(at, lineEnd) : at;
        if (!assigned && end - at >= MAX_PARAMETER && isLowerHex(at, end) && Chars.matches(text, end, " for ")) {
            spans.add(at, end);
            return;
        }
        if (RandomText.isMixed(text, at, end, LONG_KEY) || isOfUser(nameStart, at, end)) {
            spans.add(at, end);
        }
    }

    /** Returns whether the verb before the key says that it goes into a file: {@code Appending key … to your netrc}. */
    private boolean isStored(int key) {
        int start = labels.nameStart(key - 1);
        return key > 1
                && text.charAt(key - 1) == ' '
                && NameTables.STORING.contains(
                        text.subSequence(start, key - 1).toString().toLowerCase(Locale.ROOT));
    }

    private boolean isLowerHex(int start, int end) {
        return end - start <= 2 * MAX_PARAMETER
                && ValueShapes.isHex(text.subSequence(start, end).toString());
    }

    /** Returns whether it is a key of 128 bits beside the name of the user whose it is. */
    private boolean isOfUser(int name, int start, int end) {
        int from = Math.max(0, name - MAX_PARAMETER * 2);
        return end - start == MAX_PARAMETER
                && ValueShapes.isHex(text.subSequence(start, end).toString())
                && Chars.indexOf(text, "\"username\"", from, name - from) >= 0;
    }

    /** Returns whether the word does, with the one before it: {@code api key} and {@code token}, but not {@code next token}. */
    private boolean speaksOfSecret(int start, int end, int lineStart) {
        boolean secret = names.mentions(text, start, end);
        if (secret != Chars.matchesIgnoringCase(text, start, "token") && (secret || end - start > 7)) {
            return secret;
        }
        int phrase = start;
        if (start > lineStart + 1 && text.charAt(start - 1) == ' ') {
            phrase--;
            while (phrase > lineStart && start - phrase < 24 && Labels.isWord(text.charAt(phrase - 1))) {
                phrase--;
            }
        }
        return phrase < start ? names.mentions(text, phrase, end) : secret;
    }

    /** Returns whether one of the words about a secret in this line is there. */
    boolean hasWord(int start, int end) {
        for (int i = 0; i < wordCount; i += 2) {
            if (words[i] < end && words[i + 1] > start) {
                return true;
            }
        }
        return false;
    }

    /** Returns where the last of the words about a secret in this line ends. */
    int lastWordEnd() {
        return words[wordCount - 1];
    }

    private boolean speaksOfCodes() {
        for (int i = 0; i < wordCount; i += 2) {
            for (int at = words[i]; at < words[i + 1]; at++) {
                if (Chars.matchesIgnoringCase(text, at, "codes")) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Masks the tokens of the line that stand near one of its words. */
    private void line(int lineStart, int lineEnd) {
        boolean codes = speaksOfCodes();
        int word = 0;
        int at = Math.max(lineStart, words[0] - NEAR);
        while (at < lineEnd) {
            if (isDelimiter(text.charAt(at))) {
                at++;
                continue;
            }
            int end = runEnd(at, lineEnd);
            while (word + 2 < wordCount && words[word + 2] <= at) {
                word += 2;
            }
            boolean near = Math.abs(words[word] - at) < NEAR + words[word + 1] - words[word]
                    || (word + 2 < wordCount && words[word + 2] - at < NEAR);
            int last = trimmed(at, end);
            if (near && last - at >= 6) {
                judge(at, last, words[word + 1], codes);
            }
            at = end;
        }
    }

    private void judge(int start, int end, int wordEnd, boolean codes) {
        if (labels.isSealed(start)) {
            return;
        }
        boolean after = start >= wordEnd;
        if (codes && after && end - start < 24 && RandomText.isCode(text, start, end) && isQuoted(start, end)) {
            spans.add(start, end);
            return;
        }
        if (end - start >= SHORTEST && RandomText.isMixed(text, start, end, SHORTEST)) {
            if (!labels.isOther(start, labels.labelEnd(start), after ? wordEnd : -1)) {
                spans.add(start, end);
            }
        } else if (after
                && (RandomText.isToken(text, start, end, SHORTEST) || RandomText.isWeak(text, start, end))
                && isSaid(start, labels.labelEnd(start), wordEnd)) {
            spans.add(start, end);
        }
    }

    private boolean isQuoted(int start, int end) {
        return Chars.isQuote(Chars.at(text, start - 1)) && Chars.isQuote(Chars.at(text, end));
    }

    /** Returns whether a verb or a colon before the token says that it is what the sentence is about. */
    private boolean isSaid(int start, int label, int wordEnd) {
        if (label <= wordEnd || !labels.isSentence(wordEnd, label)) {
            return false;
        }
        if (label < start && text.charAt(label) == ':') {
            return !labels.isPublic(label);
        }
        int word = label;
        while (word > 0 && Chars.isLetter(text.charAt(word - 1))) {
            word--;
        }
        int length = label - word;
        return length >= 2 && length <= 6 && labels.isNeutral(word, label);
    }

    static boolean isDelimiter(char c) {
        return c < DELIMITERS.length ? DELIMITERS[c] : !Character.isLetterOrDigit(c);
    }

    /** Returns the end of the run of characters that a token may be made of, with the equals signs that end Base64. */
    int runEnd(int start, int lineEnd) {
        int end = start;
        while (end < lineEnd && !isDelimiter(text.charAt(end))) {
            if (text.charAt(end) == '&' && end > start && isParameter(end)) {
                break;
            }
            end++;
        }
        int padded = end;
        while (padded < lineEnd && padded < end + 2 && text.charAt(padded) == '=') {
            padded++;
        }
        boolean whole = padded == lineEnd || (isDelimiter(text.charAt(padded)) && text.charAt(padded) != '=');
        return whole ? padded : end;
    }

    /** Returns whether the ampersand begins another parameter of a URL. */
    private boolean isParameter(int at) {
        int end = at + 1;
        while (end < at + MAX_PARAMETER && Chars.isToken(Chars.at(text, end))) {
            end++;
        }
        return Chars.at(text, end) == '=';
    }

    /** Returns the end without the punctuation of the sentence. */
    int trimmed(int start, int end) {
        int last = end;
        while (last > start && last > end - 3 && ".,;:!?".indexOf(text.charAt(last - 1)) >= 0) {
            last--;
        }
        return last;
    }
}
