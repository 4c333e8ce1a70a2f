package io.agentrun.redact;

import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.LinearPattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The patterns by the two characters that they begin with. Immutable. */
class RuleIndex {

    private static final int ASCII = 128;
    private static final LinearPattern[] NONE = {};

    /**
     * Beginnings that scanners of their own decide, beside the rules: two characters, and in any case the third one, if there
     * is a third.
     */
    private static final String[] BEGINNINGS = {
        "ey", "EY", "bea", "Bea", "BEa", "bas", "Bas", "BAs", "pas", "pat", "Pas", "Pat", "PAs", "PAt", "ide", "IDe",
        "Ide", "Put", "Pri", "--", "-u", "-p", "-a", "-w", "-P", "-S", "-U", "-A", "-X", "-N", "oke", "OKe", "cre",
        "CRe", "cry", "nfi", "nv ", "NV ", "tx ", "(\"", "('", "<-", "e(\"", "e('", "e(`", "e( ", "e(\t", "{\"", "ode",
        "nwo", "nha", "<<", "kty", "WIf", "pwd", "pwg", "PWd", "PWg", "pw ", "pw\t", "SSw", "d_u", "e_p", "ias", "ogi",
        "OGi", "isa", "y 0", "/Rp", "PLa", "AUt", "mmu", "qlp", "/us", "jwt", "AEs", "Fer", "mac", "Mac", "use", "a_p",
        "($", "(ur", "(jd", "(Db", "/ ", "sen", "see", "See", "mne", "Mne", "phr", "wal", "Wal", "INt", "int"
    };

    /** The characters that may follow a pair: of 128, and what is beyond them as NUL, which is the end of the text too. */
    private static final int WORDS = 2;

    /** Something begins with the pair if the character after it, or the one before it, fits. */
    private static final byte MAYBE = 1;

    /** The first character of the pair is a separator, which is looked at in any case. */
    private static final byte ALWAYS = 2;

    private final LinearPattern[][] byPair = new LinearPattern[ASCII * ASCII][];

    /** For each pair what the scan of ordinary text needs to know, small enough to stay in the cache of a core. */
    private final byte[] stops = new byte[ASCII * ASCII];

    /** For each pair that begins something, which characters may follow it: anywhere, and where a word begins. */
    private final short[] slots = new short[ASCII * ASCII];

    private long[] anywhere = new long[WORDS];
    private long[] atWord = new long[WORDS];

    RuleIndex(List<SecretRule> rules) {
        List<LinearPattern> patterns = rules.stream().map(SecretRule::compiled).toList();
        for (char separator : new char[] {'=', ':', '>'}) {
            Arrays.fill(stops, separator * ASCII, (separator + 1) * ASCII, ALWAYS);
        }
        for (char first = '!'; first < 127; first++) {
            for (char second = '!'; second < 127; second++) {
                List<LinearPattern> beginning = new ArrayList<>();
                for (LinearPattern pattern : patterns) {
                    if (pattern.begins(first, second)) {
                        beginning.add(pattern);
                        follow(slot(first, second), pattern);
                    }
                }
                if (!beginning.isEmpty()) {
                    byPair[first * ASCII + second] = beginning.toArray(NONE);
                }
            }
        }
        for (String beginning : BEGINNINGS) {
            int slot = slot(beginning.charAt(0), beginning.charAt(1));
            for (char third = 0; third < ASCII; third++) {
                if (beginning.length() == 2 || Chars.lower(third) == beginning.charAt(2)) {
                    set(anywhere, slot, third);
                }
            }
        }
        // Flags that keytool and others write with one hyphen, "-storepass x".
        for (char letter = 'a'; letter <= 'z'; letter++) {
            int slot = slot('-', letter);
            for (char third = 0; third < ASCII; third++) {
                set(anywhere, slot, third);
            }
        }
    }

    /** Returns the number of the pair, which begins something from now on. */
    private int slot(char first, char second) {
        int pair = first * ASCII + second;
        stops[pair] = stops[pair] == ALWAYS ? ALWAYS : MAYBE;
        if (slots[pair] == 0) {
            slots[pair] = (short) (anywhere.length / WORDS);
            anywhere = Arrays.copyOf(anywhere, anywhere.length + WORDS);
            atWord = Arrays.copyOf(atWord, atWord.length + WORDS);
        }
        return slots[pair];
    }

    private void follow(int slot, LinearPattern pattern) {
        for (char third = 0; third < ASCII; third++) {
            if (pattern.continues(third)) {
                set(pattern.isAtWordStart() ? atWord : anywhere, slot, third);
            }
        }
    }

    private static void set(long[] bits, int slot, char third) {
        bits[slot * WORDS + (third >> 6)] |= 1L << third;
    }

    private static boolean isSet(long[] bits, int slot, char third) {
        return (bits[slot * WORDS + (third >> 6)] >>> third & 1) != 0;
    }

    /** Returns the next index at which something may begin; the given one if something may begin there. */
    int next(CharSequence text, int from) {
        int last = text.length() - 1;
        char c = from <= last ? text.charAt(from) : 0;
        for (int i = from; i < last; i++) {
            char second = text.charAt(i + 1);
            if (c < ASCII) {
                byte stop = stops[c * ASCII + (second < ASCII ? second : 0)];
                if (stop != 0 && (stop == ALWAYS || mayBegin(text, i))) {
                    return i;
                }
            } else if (c == 'ñ') {
                return i;
            }
            c = second;
        }
        return from <= last && (c == '=' || c == ':' || c == '>') ? last : text.length();
    }

    /** Returns whether something begins with the two characters, whatever is beside them. */
    final boolean isPair(char first, char second) {
        return first < ASCII && second < ASCII && stops[first * ASCII + second] != 0;
    }

    /** Returns whether the character after the pair at this index, and the one before it, let something begin. */
    private boolean mayBegin(CharSequence text, int at) {
        char c = text.charAt(at);
        int slot = slots[c * ASCII + text.charAt(at + 1)];
        char third = Chars.at(text, at + 2);
        third = third < ASCII ? third : 0;
        return (isSet(anywhere, slot, third) && (c != '-' || mayBeFlag(text, at)))
                || (isSet(atWord, slot, third) && Chars.startsWord(text, at));
    }

    /** Returns whether a hyphen can begin a flag or a block; most join two words. */
    private static boolean mayBeFlag(CharSequence text, int at) {
        return at == 0
                || !Chars.isAlphanumeric(text.charAt(at - 1))
                || text.charAt(at + 1) == '-'
                || text.charAt(at + 1) == 'S';
    }

    LinearPattern[] beginningWith(char first, char second) {
        LinearPattern[] patterns = first < ASCII && second < ASCII ? byPair[first * ASCII + second] : null;
        return patterns == null ? NONE : patterns;
    }
}
