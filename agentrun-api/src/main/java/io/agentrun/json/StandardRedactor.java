package io.agentrun.json;

import io.agentrun.redact.SecretFinder;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@link Redactor#standard()}: walks the payload; {@link SecretFinder} judges names and texts. Thread-safe. */
final class StandardRedactor implements Redactor {

    static final StandardRedactor INSTANCE = new StandardRedactor(SecretFinder.standard());

    static final String MASK = SecretFinder.MASK;

    private static final int LONGEST_NAME = 64;

    /** How many arguments before one are looked at for the command. */
    private static final int MAX_ARGUMENTS = 8;

    private final SecretFinder finder;

    StandardRedactor(SecretFinder finder) {
        this.finder = finder;
    }

    @Override
    public String redact(String text) {
        return finder.mask(text);
    }

    @Override
    public JsonObject redact(JsonObject payload) {
        return redact(payload, false);
    }

    /** Masks an object; one that describes a secret may hold it too: {@code {"type": "string", "value": "…"}}. */
    private JsonObject redact(JsonObject payload, boolean described) {
        JsonContent content = payload.content();
        @Nullable Object[] changed = null;
        boolean pair = isSecretPair(payload);
        for (int i = 0; i < content.values.length; i++) {
            Object before = content.values[i];
            boolean given = described && before instanceof String text && finder.isSecretValue("auth", text);
            Object after = (pair || given) && isPairValue(content.keys[i]) ? masked(before) : member(payload, i);
            if (after != before) {
                changed = changed == null ? content.values.clone() : changed;
                changed[i] = after;
            }
        }
        String[] keys = keys(content.keys);
        if (keys != content.keys) {
            return renamed(keys, changed == null ? content.values.clone() : changed);
        }
        return changed == null ? payload : Intake.assemble(content.keys, changed);
    }

    private @Nullable Object member(JsonObject payload, int index) {
        String key = payload.content().keys[index];
        Object value = payload.content().values[index];
        if (value instanceof String text) {
            boolean logged = (key.equals("token") && payload.has("logprob"))
                    || (key.equals("signature") && payload.has("thinking"));
            boolean secret = !logged && finder.isSecretValue(key, text);
            return secret || isKeyMaterial(payload, key) ? masked(value) : finder.mask(text);
        }
        if (value instanceof Number number) {
            return finder.isSecretNumber(key, number) ? MASK : value;
        }
        if (value instanceof JsonObject object) {
            boolean secret = !object.isEmpty() && finder.isSecretName(key);
            return secret && !isSchema(object) ? MASK : redact(object, secret);
        }
        if (value instanceof JsonArray array) {
            return array.items.length > 0 && finder.isSecretName(key) ? MASK : codes(key, redact(array));
        }
        return value;
    }

    /** Returns whether the object describes a member instead of holding one, as in JSON Schema. */
    private static boolean isSchema(JsonObject object) {
        return object.string("type").isPresent()
                || object.has("$ref")
                || object.has("description")
                || object.has("anyOf");
    }

    /** Returns whether it is a private part of a JSON Web Key. */
    private static boolean isKeyMaterial(JsonObject payload, String key) {
        boolean part = key.length() <= 2
                && ("d".equals(key)
                        || "p".equals(key)
                        || "q".equals(key)
                        || "dp".equals(key)
                        || "dq".equals(key)
                        || "qi".equals(key)
                        || "k".equals(key));
        return part && payload.has("kty");
    }

    /** Returns whether one member names the value of another: {@code {"name": "X_TOKEN", "value": "…"}}. */
    private boolean isSecretPair(JsonObject payload) {
        if (payload.content().keys.length < 2) {
            return false;
        }
        boolean value = false;
        for (String key : payload.content().keys) {
            value |= isPairValue(key);
        }
        if (!value) {
            return false;
        }
        for (String key : payload.content().keys) {
            if (isPairName(key)
                    && payload.string(key).filter(finder::isSecretName).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isPairName(String key) {
        return key.equals("k")
                || key.endsWith("name")
                || key.endsWith("Name")
                || key.endsWith("key")
                || key.endsWith("Key")
                || key.equals("header")
                || key.equals("variable");
    }

    private static boolean isPairValue(String key) {
        return key.endsWith("value")
                || key.endsWith("Value")
                || key.equals("v")
                || key.equals("val")
                || key.equals("values")
                || key.equals("content");
    }

    /** Masks the codes of a list of them, as {@code recovery_codes} is. */
    private JsonArray codes(String key, JsonArray array) {
        if (!finder.isSecretList(key)) {
            return array;
        }
        @Nullable Object[] changed = array.items.clone();
        boolean any = false;
        for (int i = 0; i < changed.length; i++) {
            if (changed[i] instanceof String text && !text.equals(MASK) && finder.isSecretValue(key, text)) {
                changed[i] = MASK;
                any = true;
            }
        }
        return any ? Intake.assemble(changed) : array;
    }

    private JsonArray redact(JsonArray array) {
        @Nullable Object[] changed = null;
        for (int i = 0; i < array.items.length; i++) {
            Object before = array.items[i];
            Object after = item(before);
            if (before instanceof String text && i > 0) {
                after = isArgument(array, i) ? argument(text) : after == before ? inCommand(array, i, text) : after;
            }
            if (after != before) {
                changed = changed == null ? array.items.clone() : changed;
                changed[i] = after;
            }
        }
        return changed == null ? array : Intake.assemble(changed);
    }

    /** Masks a flag, or what follows one, if it is a secret as a part of the command that the list is. */
    private String inCommand(JsonArray array, int index, String text) {
        boolean flag = text.startsWith("-")
                || (array.items[index - 1] instanceof String last
                        && last.startsWith("-")
                        && last.length() <= LONGEST_NAME);
        if (!flag) {
            return text;
        }
        StringBuilder command = new StringBuilder();
        for (int i = Math.max(0, index - MAX_ARGUMENTS); i < index; i++) {
            if (array.items[i] instanceof String item && item.length() <= LONGEST_NAME) {
                command.append(item).append(' ');
            }
        }
        String before = command.toString();
        String masked = finder.mask(before + text);
        return masked.startsWith(before) && !masked.equals(before + text) ? masked.substring(before.length()) : text;
    }

    private @Nullable Object item(@Nullable Object value) {
        if (value instanceof String text) {
            return finder.mask(text);
        }
        if (value instanceof JsonObject object) {
            return redact(object);
        }
        return value instanceof JsonArray array ? redact(array) : value;
    }

    /** Returns whether the item is the value of the one before: of a flag, or of a header in a list of pairs. */
    private boolean isArgument(JsonArray array, int index) {
        if (!(array.items[index - 1] instanceof String before)) {
            return false;
        }
        if (before.indexOf(' ') >= 0 || before.length() > LONGEST_NAME) {
            return false;
        }
        if (before.startsWith("-")) {
            boolean password = before.equals("-p") && isLogin(array, index);
            return password || (before.indexOf('=') < 0 && finder.isSecretName(before));
        }
        boolean header = before.indexOf('-') > 0
                || before.equalsIgnoreCase("authorization")
                || before.equalsIgnoreCase("cookie");
        boolean pair = header ? index % 2 == 1 : array.items.length == 2 && isUpper(before);
        return pair && finder.isSecretName(before);
    }

    /** Returns whether the arguments before are of a command whose {@code -p} is a password. */
    private static boolean isLogin(JsonArray array, int index) {
        for (int i = index - 2; i >= 0 && i > index - 10; i--) {
            if ("login".equals(array.items[i]) || "sshpass".equals(array.items[i])) {
                return true;
            }
        }
        return false;
    }

    private static boolean isUpper(String name) {
        return name.chars().noneMatch(Character::isLowerCase);
    }

    /** Masks the value of a flag, unless it says which secret to take: {@code --secret id=npm}. */
    private String argument(String text) {
        boolean reference = text.startsWith("id=") || !finder.isSecretValue("password", text);
        return text.isEmpty() || text.startsWith("-") || reference || text.equals(MASK) ? text : MASK;
    }

    private @Nullable Object masked(@Nullable Object before) {
        if (before instanceof String text) {
            return text.isEmpty() || text.equals(MASK) || !finder.isSecretValue("password", text) ? text : MASK;
        }
        return before == null || before instanceof Boolean ? before : MASK;
    }

    /** Returns the keys with secrets masked; the same array if there were none. */
    private String[] keys(String[] keys) {
        String[] changed = keys;
        for (int i = 0; i < keys.length; i++) {
            String masked = isScript(keys[i]) ? keys[i] : finder.mask(keys[i]);
            if (!masked.equals(keys[i])) {
                changed = changed == keys ? keys.clone() : changed;
                changed[i] = masked;
            }
        }
        return changed;
    }

    /** Returns whether the key is words that colons part, as the scripts of a package are named: {@code secrets:scan}. */
    private static boolean isScript(String key) {
        if (key.length() > LONGEST_NAME) {
            return false;
        }
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if ((c < 'a' || c > 'z') && c != ':' && c != '-' && c != '_') {
                return false;
            }
        }
        return true;
    }

    /** Returns the object with these keys, those that became equal with a number behind. */
    private static JsonObject renamed(String[] keys, @Nullable Object[] values) {
        Set<String> taken = new HashSet<>();
        int number = 1;
        for (int i = 0; i < keys.length; i++) {
            String key = keys[i];
            while (!taken.add(key)) {
                number++;
                key = keys[i] + " " + number;
            }
            keys[i] = key;
        }
        KeyOrder.sort(keys, values);
        return Intake.assemble(keys, values);
    }
}
