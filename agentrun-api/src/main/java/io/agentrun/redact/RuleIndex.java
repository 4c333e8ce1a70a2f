package io.agentrun.redact;

import java.util.ArrayList;
import java.util.List;

/** The patterns by the two characters that they begin with. Immutable. */
final class RuleIndex {

    private static final int ASCII = 128;
    private static final LinearPattern[] NONE = {};

    /** Beginnings that scanners of their own decide, beside the rules. */
    private static final String[] BEGINNINGS = {
        "ey", "be", "Be", "BE", "ba", "Ba", "BA", "pa", "Pa", "PA", "id", "ID", "Id", "Pu", "Pr", "--", "-u", "-p",
        "-a", "-w", "-P", "-S", "-U", "-A", "-X", "EY", "ok", "OK", "cr", "CR", "nf", "nv", "NV", "tx", "(\"", "('",
        "<-", "e(", "{\"", "-N", "od", "nw", "nh", "<<", "kt", "WI", "pw", "PW"
    };

    private final LinearPattern[][] byPair = new LinearPattern[ASCII * ASCII][];

    /** One bit for each pair that begins something: what the scan of ordinary text looks at, small enough to stay cached. */
    private final long[] pairs = new long[ASCII * 2];

    RuleIndex(List<SecretRule> rules) {
        List<LinearPattern> patterns = rules.stream().map(SecretRule::compiled).toList();
        for (char first = '!'; first < 127; first++) {
            for (char second = '!'; second < 127; second++) {
                List<LinearPattern> beginning = new ArrayList<>();
                for (LinearPattern pattern : patterns) {
                    if (pattern.begins(first, second)) {
                        beginning.add(pattern);
                    }
                }
                if (!beginning.isEmpty()) {
                    byPair[first * ASCII + second] = beginning.toArray(NONE);
                }
            }
        }
        for (String pair : BEGINNINGS) {
            int at = pair.charAt(0) * ASCII + pair.charAt(1);
            byPair[at] = byPair[at] == null ? NONE : byPair[at];
        }
        // Flags that keytool and others write with one hyphen, "-storepass x".
        for (char letter = 'a'; letter <= 'z'; letter++) {
            int at = '-' * ASCII + letter;
            byPair[at] = byPair[at] == null ? NONE : byPair[at];
        }
        mark();
    }

    private void mark() {
        for (int at = 0; at < byPair.length; at++) {
            if (byPair[at] != null) {
                pairs[at >> 6] |= 1L << at;
            }
        }
    }

    /** Returns the next index at which something may begin; the given one if something may begin there. */
    int next(CharSequence text, int from) {
        int last = text.length() - 1;
        for (int i = from; i < last; i++) {
            char c = text.charAt(i);
            if (c >= ASCII) {
                if (c == 'ñ') {
                    return i;
                }
                continue;
            }
            if (c == '=' || c == ':' || c == '>') {
                return i;
            }
            char second = text.charAt(i + 1);
            if (second < ASCII && (pairs[c << 1 | second >> 6] >>> second & 1) != 0) {
                return i;
            }
        }
        char end = last >= from ? text.charAt(last) : 0;
        return last >= from && (end == '=' || end == ':' || end == '>') ? last : text.length();
    }

    LinearPattern[] beginningWith(char first, char second) {
        LinearPattern[] patterns = first < ASCII && second < ASCII ? byPair[first * ASCII + second] : null;
        return patterns == null ? NONE : patterns;
    }
}
