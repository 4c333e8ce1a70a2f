package io.agentrun.redact.internal;

import java.util.Set;

/**
 * Finds the words that open a wallet: 12 to 24 of them after a word about a seed, a mnemonic or a wallet, also in lines of
 * their own or with numbers; lists with commas are not such words. Not thread-safe: one thread at a time.
 */
public final class SeedPhrases {

    private static final int LEAST = 12;
    private static final int MOST = 24;
    private static final int SHORTEST_WORD = 3;
    private static final int LONGEST_WORD = 8;

    /** How far after the word the phrase may begin. */
    private static final int NEAR = 120;

    /** What stands between two words at most: a blank, a break, a number. */
    private static final int LONGEST_GAP = 8;

    private static final String[] ANNOUNCED = {"seed", "mnemonic", "phrase", "wallet"};

    /** Words of prose that no list for wallets has. */
    private static final Set<String> PROSE = Set.of(
            "the", "and", "for", "with", "from", "are", "was", "not", "has", "but", "its", "our", "your", "been",
            "were", "which", "should", "would", "could", "does", "did", "may", "must", "new", "use", "set");

    private final CharSequence text;
    private final Spans spans;

    /** Up to where the text was looked at. */
    private int done;

    public SeedPhrases(CharSequence text, Spans spans) {
        this.text = text;
        this.spans = spans;
    }

    /** Masks the phrase that the word here announces; returns its end, or the start. */
    public int phrase(int at) {
        for (String word : ANNOUNCED) {
            if (Chars.matchesIgnoringCase(text, at, word) && endsWord(at + word.length())) {
                return find(at, Math.max(done, at + word.length()));
            }
        }
        return at;
    }

    private boolean endsWord(int end) {
        int last = Chars.at(text, end) == 's' ? end + 1 : end;
        return !Chars.isLetter(Chars.at(text, last));
    }

    private int find(int at, int from) {
        int start = from;
        int end = from;
        int count = 0;
        int i = from;
        while (i < text.length() && (count > 0 || i < at + NEAR)) {
            if (!Chars.isToken(text.charAt(i))) {
                i++;
                continue;
            }
            int word = i;
            while (i < text.length() && i - word < NEAR && Chars.isToken(text.charAt(i))) {
                i++;
            }
            if (isNumber(word, i) && count > 0) {
                continue;
            }
            boolean phrase = isPhraseWord(word, i);
            boolean continues = phrase && count > 0 && isGap(end, word);
            if (!continues && count >= LEAST) {
                break;
            }
            start = continues ? start : word;
            count = continues ? count + 1 : phrase ? 1 : 0;
            end = i;
        }
        done = i;
        if (count < LEAST || count > MOST) {
            return at;
        }
        spans.add(start, end);
        return end;
    }

    /** Returns whether it is the number of a word in a list. */
    private boolean isNumber(int start, int end) {
        boolean digits = end - start <= 2;
        for (int i = start; i < end; i++) {
            digits &= Chars.isDigit(text.charAt(i));
        }
        return digits;
    }

    private boolean isPhraseWord(int start, int end) {
        if (end - start < SHORTEST_WORD || end - start > LONGEST_WORD) {
            return false;
        }
        for (int i = start; i < end; i++) {
            if (!Chars.isLetter(text.charAt(i)) || Chars.isUpper(text.charAt(i))) {
                return false;
            }
        }
        return !PROSE.contains(text.subSequence(start, end).toString());
    }

    /** Returns whether the two words may be of one phrase by what is between them. */
    private boolean isGap(int end, int next) {
        for (int i = end; i < next; i++) {
            char c = text.charAt(i);
            boolean dot = (c == '.' || c == ')') && Chars.isDigit(text.charAt(i - 1));
            if (c > ' ' && !dot && !Chars.isDigit(c)) {
                return false;
            }
        }
        return next > end && next - end <= LONGEST_GAP;
    }
}
