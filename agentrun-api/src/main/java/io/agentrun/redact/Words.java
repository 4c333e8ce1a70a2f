package io.agentrun.redact;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The words of a name, in lower case. Immutable. */
final class Words {

    private final List<String> words;
    private final boolean upper;

    private Words(List<String> words, boolean upper) {
        this.words = words;
        this.upper = upper;
    }

    /** Splits at everything that is no letter or digit, and where the case changes as in {@code apiKey} and {@code APIKey}. */
    static Words of(String name) {
        List<String> words = new ArrayList<>(4);
        boolean upper = true;
        int start = -1;
        for (int i = 0; i <= name.length(); i++) {
            boolean inside = i < name.length() && Character.isLetterOrDigit(name.charAt(i));
            if (start >= 0 && (!inside || changesCase(name, i))) {
                words.add(name.substring(start, i).toLowerCase(Locale.ROOT));
                start = -1;
            }
            if (inside) {
                start = start < 0 ? i : start;
                upper &= !Character.isLowerCase(name.charAt(i));
            }
        }
        return new Words(List.copyOf(words), upper);
    }

    private static boolean changesCase(String name, int i) {
        char before = name.charAt(i - 1);
        char c = name.charAt(i);
        if (!Character.isUpperCase(c)) {
            return false;
        }
        boolean endsAcronym =
                Character.isUpperCase(before) && i + 1 < name.length() && Character.isLowerCase(name.charAt(i + 1));
        return Character.isLowerCase(before) || Character.isDigit(before) || endsAcronym;
    }

    int count() {
        return words.size();
    }

    String get(int index) {
        return words.get(index);
    }

    /** Returns whether the name has no lower-case letter, as those of environment variables. */
    boolean isUpper() {
        return upper;
    }
}
