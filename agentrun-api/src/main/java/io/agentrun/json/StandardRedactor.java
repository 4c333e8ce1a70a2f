package io.agentrun.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** {@link Redactor#standard()}: walks the payload and judges its keys; {@link SecretText} judges its strings. Immutable. */
final class StandardRedactor implements Redactor {

    static final StandardRedactor INSTANCE = new StandardRedactor();

    static final String MASK = "[redacted]";

    /** Any key that has one of these inside is secret; by first letter, because most letters begin none. */
    private static final String[][] SECRET_STEMS = stemsByFirstLetter(
            "password",
            "passwd",
            "passphrase",
            "passcode",
            "privatekey",
            "secret",
            "signingkey",
            "sshkey",
            "apikey",
            "accesskey",
            "authorization",
            "credential",
            "cookie",
            "bearer",
            "encryptionkey");

    /** What makes the plural of "token" a secret; alone it counts what a model reads and writes. */
    private static final String[][] SECRET_TOKENS = stemsByFirstLetter(
            "accesstokens", "authtokens", "apitokens", "refreshtokens", "bearertokens", "sessiontokens");

    /** What follows a stem when the value speaks about the secret and does not hold it. */
    private static final String[] HARMLESS_ENDINGS = {
        "name", "ref", "keyref", "type", "count", "length", "policy", "expiresat", "expiresin"
    };

    private StandardRedactor() {}

    @Override
    public String redact(String text) {
        return SecretText.mask(text);
    }

    @Override
    public JsonObject redact(JsonObject payload) {
        JsonContent content = payload.content();
        @Nullable Object[] changed = null;
        for (int i = 0; i < content.values.length; i++) {
            Object before = content.values[i];
            Object after = isMaskable(before) && isSecret(content.keys[i]) ? masked(before) : value(before);
            if (after != before) {
                changed = changed == null ? content.values.clone() : changed;
                changed[i] = after;
            }
        }
        return changed == null ? payload : Intake.assemble(content.keys, changed);
    }

    private @Nullable Object value(@Nullable Object value) {
        if (value instanceof String text) {
            return SecretText.mask(text);
        }
        if (value instanceof JsonObject object) {
            return redact(object);
        }
        return value instanceof JsonArray array ? redact(array) : value;
    }

    private JsonArray redact(JsonArray array) {
        @Nullable Object[] changed = null;
        for (int i = 0; i < array.items.length; i++) {
            Object after = value(array.items[i]);
            if (after != array.items[i]) {
                changed = changed == null ? array.items.clone() : changed;
                changed[i] = after;
            }
        }
        return changed == null ? array : Intake.assemble(changed);
    }

    private static boolean isMaskable(@Nullable Object value) {
        return value != null && !(value instanceof Boolean);
    }

    private static Object masked(@Nullable Object before) {
        return before instanceof String text && text.equals(MASK) ? text : MASK;
    }

    static boolean isSecret(String key) {
        for (int i = 0; i < key.length(); i++) {
            if (isSecretFrom(key, i)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSecretFrom(String key, int start) {
        char first = lower(key.charAt(start));
        if (first < 'a' || first > 't') {
            return false;
        }
        for (String stem : SECRET_STEMS[first - 'a']) {
            int end = match(key, start, stem);
            if (end >= 0 && !endsHarmlessly(key, end)) {
                return true;
            }
        }
        if (first == 't') {
            int end = match(key, start, "token");
            return end >= 0 && end == key.length();
        }
        for (String plural : SECRET_TOKENS[first - 'a']) {
            if (match(key, start, plural) == key.length()) {
                return true;
            }
        }
        return false;
    }

    private static String[][] stemsByFirstLetter(String... stems) {
        String[][] byLetter = new String[26][];
        for (int i = 0; i < byLetter.length; i++) {
            char letter = (char) ('a' + i);
            byLetter[i] = Arrays.stream(stems)
                    .filter(stem -> stem.charAt(0) == letter)
                    .toArray(String[]::new);
        }
        return byLetter;
    }

    private static boolean endsHarmlessly(String key, int start) {
        for (String ending : HARMLESS_ENDINGS) {
            if (match(key, start, ending) == key.length()) {
                return true;
            }
        }
        return false;
    }

    /** Where the word ends in the key, separators after it included; negative if it does not stand at the start. */
    private static int match(String key, int start, String word) {
        int at = start;
        for (int i = 0; i < word.length(); i++) {
            at = skipSeparators(key, at);
            if (at == key.length() || lower(key.charAt(at)) != word.charAt(i)) {
                return -1;
            }
            at++;
        }
        return skipSeparators(key, at);
    }

    private static int skipSeparators(String key, int start) {
        int at = start;
        while (at < key.length() && isSeparator(key.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isSeparator(char c) {
        return c == '_' || c == '-' || c == '.' || c == ' ';
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
    }
}
