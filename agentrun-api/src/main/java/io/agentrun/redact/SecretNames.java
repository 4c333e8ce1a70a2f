package io.agentrun.redact;

import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.Chars;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Judges names: of JSON members, variables, headers, parameters and flags. A name is split into words at separators and
 * where the case changes; the last word decides together with the one before it, so that {@code db_password} is secret
 * while {@code passwordPolicy} is not. Thread-safe.
 */
final class SecretNames {

    static final int LONGEST = 96;

    private static final int CACHE = 512;

    private record Known(String name, NameKind kind) {}

    private record Mention(String name, boolean secret) {}

    private final Set<String> secret;
    private final Set<String> harmless;

    // Names repeat from one payload to the next. Entries replace each other, so that no input makes it grow.
    private final AtomicReferenceArray<Known> cache = new AtomicReferenceArray<>(CACHE);
    private final AtomicReferenceArray<Mention> mentions = new AtomicReferenceArray<>(CACHE);

    /** Names of the host, as {@link #compact} returns them, that are decided before all rules. */
    SecretNames(Set<String> secret, Set<String> harmless) {
        this.secret = Set.copyOf(secret);
        this.harmless = Set.copyOf(harmless);
    }

    NameKind judge(String name) {
        int slot = name.hashCode() & (CACHE - 1);
        Known known = cache.getPlain(slot);
        if (known != null && known.name.equals(name)) {
            return known.kind;
        }
        NameKind kind = name.length() > LONGEST ? judgeLong(name) : decide(name);
        if (name.length() <= LONGEST) {
            cache.setRelease(slot, new Known(name, kind));
        }
        return kind;
    }

    NameKind judge(CharSequence text, int start, int end) {
        return mayBeSecret(text, start, end) || !secret.isEmpty()
                ? judge(text.subSequence(start, end).toString())
                : NameKind.NONE;
    }

    /** Returns the judgement of the end of the name: only its last words decide. */
    private NameKind judgeLong(String name) {
        return decide(name.substring(name.length() - LONGEST));
    }

    /**
     * Returns whether the words speak of a secret, wherever in them: {@code get-login-password}, {@code vault_token.txt}; not
     * of tokens in a text or a page.
     */
    boolean mentions(CharSequence text, int start, int end) {
        String name = text.subSequence(start, Math.min(end, start + LONGEST)).toString();
        int slot = name.hashCode() & (CACHE - 1);
        Mention known = mentions.getPlain(slot);
        if (known == null || !known.name.equals(name)) {
            known = new Mention(name, speaksOfSecret(name));
            mentions.setRelease(slot, known);
        }
        return known.secret;
    }

    private boolean speaksOfSecret(String name) {
        if (!harmless.isEmpty() && harmless.contains(compact(name))) {
            return false;
        }
        Words words = Words.of(name);
        for (int i = 0; i < words.count(); i++) {
            String before = i == 0 ? "" : words.get(i - 1);
            String word = words.get(i);
            NameKind kind = byLastWord(before, word, false);
            boolean named = (kind == NameKind.SECRET && (word.length() > 3 || word.equals("key") || word.equals("pwd")))
                    || (kind == NameKind.DIGITS && word.startsWith("code"))
                    || NameTables.SPOKEN.contains(word)
                    || (word.equals("decryption") && before.equals("with"));
            if (named && (i + 1 == words.count() || !NameTables.NO_SECRET_AFTER.contains(words.get(i + 1)))) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether two letters of some secret word occur; most names are done with that. */
    private static boolean mayBeSecret(CharSequence text, int start, int end) {
        for (int i = start; i + 1 < end; i++) {
            char second = Chars.lower(text.charAt(i + 1));
            if (second >= 128) {
                return true;
            }
            boolean may = switch (Chars.lower(text.charAt(i))) {
                case 'p' -> second == 'a' || second == 'w' || second == 's' || second == 'i' || second == 'h';
                case 's' -> second == 'e' || second == 'i' || second == 'a';
                case 't' -> second == 'o';
                case 'k' -> second == 'e';
                case 'a' -> second == 'u';
                case 'c' -> second == 'r' || second == 'o';
                case 'b' -> second == 'e';
                case 'j' -> second == 'w';
                case 'o' -> second == 't';
                case 'd' -> second == 's';
                case 'm' -> second == 'n' || second == 'd';
                default -> false;
            };
            if (may) {
                return true;
            }
        }
        return false;
    }

    /** Returns the last word of the name, in lower case; empty if it has none. */
    static String lastWord(String name) {
        Words words = Words.of(name);
        return words.count() == 0 ? "" : words.get(words.count() - 1);
    }

    /** Returns the name without separators and in lower case. */
    static String compact(String name) {
        StringBuilder compact = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Chars.isAlphanumeric(c) || c >= 128) {
                compact.append(Chars.lower(c));
            }
        }
        return compact.toString();
    }

    private NameKind decide(String name) {
        if (!secret.isEmpty() || !harmless.isEmpty()) {
            String compact = compact(name);
            if (harmless.contains(compact)) {
                return NameKind.NONE;
            }
            if (secret.contains(compact)) {
                return NameKind.SECRET;
            }
        }
        if (!mayBeSecret(name, 0, name.length())) {
            return NameKind.NONE;
        }
        for (String foreign : NameTables.FOREIGN) {
            int end = name.endsWith("是") || name.endsWith("为") ? name.length() - 1 : name.length();
            if (name.regionMatches(true, end - foreign.length(), foreign, 0, foreign.length())) {
                return NameKind.WEAK;
            }
        }
        Words words = Words.of(name);
        boolean about = words.count() > 1 && (NameTables.ABOUT.contains(words.get(0)) || isClassAbout(name));
        int last = words.count() - 1;
        while (last > 0 && isForm(words.get(last))) {
            last--;
        }
        if (last < 0 || about) {
            return NameKind.NONE;
        }
        String before = last == 0 ? "" : words.get(last - 1);
        String word = words.get(last);
        before = before.equals("time") && last > 1 && words.get(last - 2).equals("one") ? "otp" : before;
        NameKind kind = byLastWord(before, word, words.isUpper());
        boolean open = kind == NameKind.NONE || kind == NameKind.MIXED;
        return open && !before.isEmpty() ? NameTables.LAST.getOrDefault(before + word, kind) : kind;
    }

    /** Returns whether it is a class in a package, as of an exception, that tells about a secret: {@code a.InvalidPassword}. */
    private static boolean isClassAbout(String name) {
        int dot = name.lastIndexOf('.');
        if (dot < 1 || dot + 1 == name.length() || !Chars.isUpper(name.charAt(dot + 1))) {
            return false;
        }
        Words words = Words.of(name.substring(dot + 1));
        return words.count() > 1 && NameTables.ABOUT.contains(words.get(0));
    }

    private static boolean isForm(String word) {
        return (Chars.isDigit(word.charAt(0)) && word.length() < 5) || NameTables.FORM.contains(word);
    }

    private static NameKind byLastWord(String before, String given, boolean upper) {
        String word = withoutDigits(given);
        return switch (word) {
            case "token" -> NameTables.HARMLESS_TOKEN.contains(before) ? NameKind.NONE : NameKind.SECRET;
            case "tokens" -> NameTables.BEFORE_TOKENS.contains(before) ? NameKind.SECRET : NameKind.NONE;
            case "key", "keys" -> key(before, upper);
            case "code", "codes" -> NameTables.BEFORE_CODE.contains(before) ? NameKind.DIGITS : NameKind.NONE;
            case "phrase", "phrases" -> NameTables.BEFORE_PHRASE.contains(before) ? NameKind.SECRET : NameKind.NONE;
            case "secret" -> before.equals("hashed") ? NameKind.NONE : NameKind.SECRET;
            case "word" -> before.equals("pass") ? NameKind.SECRET : NameKind.NONE;
            case "string", "strings" -> before.equals("connection") ? NameKind.CONNECTION : NameKind.NONE;
            case "salt" -> upper && !before.isEmpty() ? NameKind.RANDOM : NameKind.NONE;
            case "session" -> upper && !before.isEmpty() ? NameKind.RANDOM : NameKind.NONE;
            case "pass", "pw" -> compound(before, word);
            case "auth" -> before.equals("x") || before.equals("basic") ? NameKind.SECRET : NameKind.WEAK;
            default -> NameTables.LAST.getOrDefault(word, glued(word));
        };
    }

    private static NameKind key(String before, boolean upper) {
        if (NameTables.BEFORE_KEY.contains(before) || glued(before) != NameKind.NONE) {
            return NameKind.SECRET;
        }
        if (before.isEmpty() || before.equals("public") || before.equals("pub")) {
            return NameKind.NONE;
        }
        return upper ? NameKind.RANDOM : NameTables.BEFORE_PUBLIC_KEY.contains(before) ? NameKind.NONE : NameKind.MIXED;
    }

    private static NameKind compound(String before, String word) {
        if (before.isEmpty()) {
            return NameKind.WEAK;
        }
        return word.equals("pass") && NameTables.HARMLESS_PASS.contains(before) ? NameKind.NONE : NameKind.SECRET;
    }

    /** Returns the kind of a word that was written without separators: "dbpassword", "authtoken". */
    private static NameKind glued(String word) {
        for (String end : NameTables.GLUED) {
            if (word.endsWith(end)) {
                return end.equals("cookie") ? NameKind.HEADER : NameKind.SECRET;
            }
        }
        if (word.endsWith("storepass") || word.endsWith("keypass")) {
            return NameKind.SECRET;
        }
        if (word.endsWith("pw") && NameTables.BEFORE_PASS.contains(word.substring(0, word.length() - 2))) {
            return NameKind.SECRET;
        }
        if (word.endsWith("pass") && NameTables.BEFORE_PASS.contains(word.substring(0, word.length() - 4))) {
            return NameKind.SECRET;
        }
        if (word.endsWith("token") && NameTables.BEFORE_TOKEN.contains(word.substring(0, word.length() - 5))) {
            return NameKind.SECRET;
        }
        return word.endsWith("tokens") && NameTables.BEFORE_TOKENS.contains(word.substring(0, word.length() - 6))
                ? NameKind.SECRET
                : NameKind.NONE;
    }

    private static String withoutDigits(String word) {
        int end = word.length();
        while (end > 1 && Chars.isDigit(word.charAt(end - 1))) {
            end--;
        }
        return word.substring(0, end);
    }

    /** The words of a name, in lower case. Immutable. */
    private static final class Words {

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
}
