package io.agentrun.redact.internal;

/**
 * Tells random characters from words, names and numbers by two measures: how often the class of the character changes
 * from one to the next, and how much can be spoken as a word. Immutable.
 */
public final class RandomText {

    /** No token is longer; what is longer is a file. */
    public static final int LONGEST = 4096;

    /** No sealed secret of Kubernetes, which begins with "Ag", is shorter. */
    private static final int SEALED = 300;

    /** A digest of 256 bits in hexadecimal, as the key of a cache ends with one. */
    private static final int DIGEST = 64;

    /** How many letters, digits and symbols tell that they are mixed by chance. */
    private static final int LEAST = 10;

    /** What passwords are written with and names are not. */
    private static final String SYMBOLS = "!#$%^*~+&@";

    /** The letters that follow each letter, from a to z, in words: pairs that are seldom in English are left out. */
    private static final String[] PAIRS = {
        "bcdgiklmnprstuvy",
        "aeilorsu",
        "acehiklorstu",
        "adeilorsu",
        "abcdefgilmnpqrstvwxy",
        "aefilortu",
        "aehilnorsu",
        "aeiort",
        "abcdefglmnoprstvxz",
        "aeou",
        "eis",
        "adeilostuy",
        "abeimopsu",
        "acdefgiknostuv",
        "abcdfgiklmnoprstuvw",
        "aehiloprstuy",
        "u",
        "acdegiklmnoprstuy",
        "acehilopstuy",
        "acehilmoprstuy",
        "abceilmnprst",
        "aei",
        "aeio",
        "ept",
        "ps",
        "eo"
    };

    private RandomText() {}

    /** Returns whether a part of it mixes upper and lower case with digits or symbols, as no name and no path does. */
    public static boolean isMixed(CharSequence text, int start, int end, int shortest) {
        if (end - start < shortest
                || end - start > LONGEST
                || !mixesCases(text, start, end)
                || isKnown(text, start, end)) {
            return false;
        }
        boolean mixed = false;
        int from = start;
        for (int i = start; i <= end; i++) {
            if (i == end || isPartEnd(text.charAt(i))) {
                mixed |= i - from >= Math.min(shortest, LEAST) && new Part(text, from, i).isMixed();
                from = i + 1;
            }
        }
        return mixed && !hasSpokenPart(text, start, end);
    }

    private static boolean isPartEnd(char c) {
        return c == '/' || c == '.' || c == ':';
    }

    /** Returns whether one of the parts is nothing but a word, as in paths and in names of members. */
    private static boolean hasSpokenPart(CharSequence text, int start, int end) {
        int from = start;
        for (int i = start; i <= end; i++) {
            if (i == end || isPartEnd(text.charAt(i))) {
                if (i - from >= 3 && spoken(text, from, i) >= i - from) {
                    return true;
                }
                from = i + 1;
            }
        }
        return false;
    }

    private static boolean mixesCases(CharSequence text, int start, int end) {
        boolean upper = false;
        boolean lower = false;
        for (int i = start; i < end && !(upper && lower); i++) {
            char c = text.charAt(i);
            upper |= Chars.isUpper(c);
            lower |= c >= 'a' && c <= 'z';
        }
        return upper && lower;
    }

    /** Returns whether it is the password of an application: four or six groups of four letters and digits, and no words. */
    public static boolean isGrouped(String value) {
        if (value.length() != 19 && value.length() != 29) {
            return false;
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (i % 5 == 4 ? c != ' ' && c != '-' : !Chars.isAlphanumeric(c)) {
                return false;
            }
        }
        return spoken(value, 0, value.length()) * 5 < value.length() * 2 + 2;
    }

    /** Returns whether it is mixed, or one word of digits and letters of one case that change as in no name. */
    public static boolean isToken(CharSequence text, int start, int end, int shortest) {
        if (isMixed(text, start, end, shortest)) {
            return true;
        }
        return end - start >= shortest
                && end - start <= LONGEST
                && hasDigit(text, start, end)
                && !isKnown(text, start, end)
                && new Part(text, start, end).isOneCase();
    }

    private static boolean hasDigit(CharSequence text, int start, int end) {
        for (int i = start; i < end; i++) {
            if (Chars.isDigit(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether it is a word made a password by digits and symbols at its end: {@code Summer2024!}. */
    public static boolean isWeak(CharSequence text, int start, int end) {
        int at = start;
        boolean upper = false;
        while (at < end && Chars.isLetter(text.charAt(at))) {
            upper |= Chars.isUpper(text.charAt(at));
            at++;
        }
        int digits = 0;
        int symbols = 0;
        for (int i = at; i < end; i++) {
            char c = text.charAt(i);
            digits += Chars.isDigit(c) ? 1 : 0;
            symbols += SYMBOLS.indexOf(c) >= 0 ? 1 : 0;
        }
        return end - start >= 8
                && end - start <= 24
                && at - start >= 3
                && digits >= 1
                && digits + symbols == end - at
                && (symbols > 0 || (upper && digits >= 3));
    }

    /** Returns whether it is a code to be typed in: groups of the same length, or one with several digits. */
    public static boolean isCode(CharSequence text, int start, int end) {
        int digits = 0;
        int group = 0;
        int first = 0;
        boolean mixed = false;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c == '-') {
                first = first == 0 ? group : first;
                if (group < 3 || group != first) {
                    return false;
                }
                group = 0;
                continue;
            }
            if (!Chars.isAlphanumeric(c)) {
                return false;
            }
            digits += Chars.isDigit(c) ? 1 : 0;
            mixed |= i > start && ValueShapes.kind(c) == 1 && ValueShapes.kind(text.charAt(i - 1)) == 2;
            group++;
        }
        if (end - start > 40 || group < 3 || (first > 0 && group != first)) {
            return false;
        }
        int spoken = spoken(text, start, end);
        return first > 0
                ? (digits > 0 || mixed) && !isDate(text, start, end)
                : end - start >= 8 && digits >= 2 && spoken * 3 <= end - start;
    }

    private static boolean isDate(CharSequence text, int start, int end) {
        return end - start == 10 && text.charAt(start + 4) == '-' && text.charAt(start + 7) == '-';
    }

    /** Returns whether it is a number in hexadecimal, a digest, a public key of SSH, or a UUID. */
    private static boolean isKnown(CharSequence text, int start, int end) {
        if (Chars.matches(text, start, "0x")
                || Chars.matches(text, start, "AAAA")
                || Chars.matches(text, start, "pk_")) {
            return true;
        }
        if (Chars.matchesIgnoringCase(text, start, "sha") && Chars.isDigit(Chars.at(text, start + 3))) {
            return true;
        }
        boolean groups = end - start == 36 && text.charAt(start + 8) == '-' && text.charAt(start + 23) == '-';
        if (end - start >= SEALED && Chars.matches(text, start, "Ag")) {
            return true;
        }
        int hyphen = end - DIGEST - 1;
        if (hyphen > start && text.charAt(hyphen) == '-' && isHex(text, hyphen + 1, end)) {
            return true;
        }
        int digestLength = end - start;
        return groups || ((digestLength == 40 || digestLength == 64 || digestLength == 128) && isHex(text, start, end));
    }

    private static boolean isHex(CharSequence text, int start, int end) {
        for (int i = start; i < end; i++) {
            char c = Chars.lower(text.charAt(i));
            if (!Chars.isDigit(c) && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    /** Returns how many characters are in words: runs of one case, also behind a capital, that can be spoken. */
    public static int spoken(CharSequence text, int start, int end) {
        int spoken = 0;
        int at = start;
        while (at < end) {
            if (!Chars.isLetter(text.charAt(at))) {
                at++;
                continue;
            }
            boolean upper = Chars.isUpper(text.charAt(at)) && at + 1 < end && Chars.isUpper(text.charAt(at + 1));
            boolean vowel = isVowel(text.charAt(at));
            int word = at + 1;
            while (word < end && continues(text.charAt(word - 1), text.charAt(word), upper)) {
                vowel |= isVowel(text.charAt(word));
                word++;
            }
            spoken += vowel && word - at >= 3 ? word - at : 0;
            at = word;
        }
        return spoken;
    }

    private static boolean continues(char before, char c, boolean upper) {
        return Chars.isLetter(c)
                && Chars.isUpper(c) == upper
                && PAIRS[Chars.lower(before) - 'a'].indexOf(Chars.lower(c)) >= 0;
    }

    private static boolean isVowel(char c) {
        return "aeiouy".indexOf(Chars.lower(c)) >= 0;
    }

    /** What a word is made of, without the hyphens and underscores in it. Immutable. */
    private static final class Part {

        private final CharSequence text;
        private final int start;
        private final int end;
        private final int length;
        private int lower;
        private int upper;
        private int digits;
        private int symbols;
        private int separators;
        private int changes;
        private boolean foreign;

        Part(CharSequence text, int start, int end) {
            this.text = text;
            this.start = start;
            this.end = end;
            int before = -1;
            for (int i = start; i < end; i++) {
                char c = text.charAt(i);
                if (c == '-' || c == '_' || c == '=') {
                    separators++;
                    continue;
                }
                int kind = SYMBOLS.indexOf(c) >= 0 ? 3 : ValueShapes.kind(c);
                foreign |= kind == 2 && !Chars.isLetter(c);
                lower += kind == 2 ? 1 : 0;
                upper += kind == 1 ? 1 : 0;
                digits += kind == 0 ? 1 : 0;
                symbols += kind == 3 ? 1 : 0;
                changes += before >= 0 && before != kind ? 1 : 0;
                before = kind;
            }
            length = end - start - separators;
        }

        boolean isMixed() {
            if (length < LEAST || foreign || lower == 0 || upper == 0 || separators > length / 6 + 1) {
                return false;
            }
            int least = digits + symbols > 0 ? 30 : 45;
            return changes * 100 >= least * (length - 1) && spoken(text, start, end) * 20 <= length * 9;
        }

        boolean isOneCase() {
            boolean oneCase = lower == 0 || upper == 0;
            boolean symbolic = symbols > 0 && digits > 0 && lower + upper > 0;
            return !foreign
                    && separators == 0
                    && oneCase
                    && (symbolic || (symbols == 0 && digits >= 2 && lower + upper >= 2))
                    && changes * 100 >= 25 * (length - 1)
                    && spoken(text, start, end) * 20 <= length * 7;
        }
    }
}
