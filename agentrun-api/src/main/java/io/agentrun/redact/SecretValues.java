package io.agentrun.redact;

import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.RandomText;
import io.agentrun.redact.internal.ValueShapes;
import java.util.Locale;

/**
 * Judges the value of a secret name in text: whether it is the secret, or a placeholder, a reference, a type, code or
 * prose. Looks at no more than {@value #WINDOW} characters. Immutable.
 */
final class SecretValues {

    static final int WINDOW = 256;

    private static final int LONGEST_PREFERENCE = 24;

    /** A key of 24 bytes in Base64: what is shorter may name an object. */
    private static final int LONG_KEY = 32;

    private static final String[] REFERENCES = {
        "process.env", "os.environ", "os.getenv", "system.getenv", "env.", "secrets.", "vars.", "vault:", "file:",
        "op://", "arn:aws", "projects/", "ref+", "keyvault", "import.meta", "std::env", "/run/secrets", "secretkeyref",
        "env:", "env(", "var.", "data.", "local.", "module."
    };

    private static final String[] TYPES = {
        "int", "uint", "float", "varchar", "nvarchar", "char(", "char[", "string[", "uint8array", "byte[", "text[",
                "bool",
        "optional[", "optional<", "option<", "z.", "joi.", "yup.", "list[", "vec<", "&str", "*string", "[]byte",
                "string?",
        "sa.", "db.", "field(", "types."
    };

    private SecretValues() {}

    static boolean isSecret(CharSequence text, int start, int end, Assignment at) {
        if (start >= end) {
            return false;
        }
        boolean cut = end - start > WINDOW;
        String value = text.subSequence(start, cut ? start + WINDOW : end).toString();
        if (Placeholders.isPlaceholder(value)) {
            return false;
        }
        if (cut) {
            return value.indexOf(' ') < 0 || at.kind() == NameKind.HEADER;
        }
        String lower = value.toLowerCase(Locale.ROOT);
        if (isPlain(lower, at) || isReference(lower) || namesVariable(at.name(), value)) {
            return false;
        }
        return switch (at.kind()) {
            case NONE -> false;
            case HEADER -> isHeader(value, at);
            case CONNECTION -> value.contains("://") || value.indexOf('@') > 0 || value.indexOf('=') > 0;
            case RANDOM ->
                ValueShapes.looksRandom(value, 16)
                        && !ValueShapes.isPath(value)
                        && !ValueShapes.isPattern(value)
                        && !isRoute(at.name(), value)
                        && !isCode(value, at);
            case MIXED -> isMixed(value) && !isCode(value, at);
            case DIGITS ->
                !isCode(value, at)
                        && value.indexOf('/') < 0
                        && (ValueShapes.isShortNumber(value) || ValueShapes.looksRandom(value, 8));
            case WEAK -> isWeakSecret(value, at);
            case SECRET -> isPassword(value, lower, at);
        };
    }

    /** Returns whether a value of a JSON member with such a name is a secret. */
    static boolean isSecretString(String value, NameKind kind) {
        if (value.isEmpty()) {
            return false;
        }
        return switch (kind) {
            case NONE -> false;
            case SECRET -> !NameTables.RIGHTS.contains(value) && !Placeholders.standsForValue(value);
            case HEADER, CONNECTION -> !Placeholders.standsForValue(value);
            case WEAK ->
                value.length() >= 4
                        && !NameTables.PLAIN_VALUES.contains(value.toLowerCase(Locale.ROOT))
                        && !ValueShapes.isPath(value)
                        && value.indexOf(' ') < 0;
            case RANDOM -> ValueShapes.looksRandom(value.length() > WINDOW ? value.substring(0, WINDOW) : value, 16);
            case MIXED -> isMixed(value);
            case DIGITS ->
                ValueShapes.isShortNumber(value) || (value.length() <= WINDOW && ValueShapes.looksRandom(value, 8));
        };
    }

    /** Returns whether the value is the name of the variable that has the secret: {@code tokenEnvVar: ACME_TOKEN}. */
    static boolean namesVariable(String name, String value) {
        boolean variable = name.length() > 3 && NameTables.VARIABLE.contains(SecretNames.lastWord(name));
        return variable
                && ValueShapes.isIdentifier(value, 0)
                && value.indexOf('_') > 0
                && value.equals(value.toUpperCase(Locale.ROOT));
    }

    private static boolean isMixed(String value) {
        return RandomText.isMixed(value, 0, Math.min(value.length(), WINDOW), LONG_KEY)
                && !ValueShapes.isPath(value)
                && !ValueShapes.isSpoken(value);
    }

    /** Returns whether it is a key that messages are routed by: words that dots part. */
    private static boolean isRoute(String name, String value) {
        return SecretNames.compact(name).endsWith("routingkey") && ValueShapes.isSpoken(value);
    }

    /** Returns whether it stands for a value, or is a word that is none. */
    static boolean isNoValue(String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        return Placeholders.isPlaceholder(value)
                || isTime(value)
                || isReference(lower)
                || NameTables.PLAIN_VALUES.contains(lower);
    }

    private static boolean isPlain(String lower, Assignment at) {
        int bar = lower.indexOf('|');
        if (!NameTables.PLAIN_VALUES.contains(bar > 0 ? lower.substring(0, bar) : lower)) {
            return false;
        }
        return at.style() != Assignment.Style.ENV
                || lower.length() <= 5
                || !at.kind().isCertain();
    }

    private static boolean isTime(String value) {
        return value.length() >= 10
                && value.charAt(4) == '-'
                && value.charAt(7) == '-'
                && ValueShapes.isNumber(value.substring(0, 10));
    }

    private static boolean isReference(String lower) {
        for (String reference : REFERENCES) {
            if (lower.startsWith(reference)) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether a cookie has a value that may let somebody in: all but short words, numbers and attributes. */
    static boolean isCookie(String value) {
        for (String pair : value.split(";", -1)) {
            int equals = pair.indexOf('=');
            String name = pair.substring(0, Math.max(0, equals)).trim().toLowerCase(Locale.ROOT);
            String given = pair.substring(equals + 1).trim();
            boolean plain = (given.length() <= 8 && (ValueShapes.isWord(given) || given.length() <= 2))
                    || (given.length() <= LONGEST_PREFERENCE && isPreference(name) && !ValueShapes.isRandomWord(given));
            if (equals > 0 && !plain && !NameTables.COOKIE_ATTRIBUTES.contains(name)) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether the cookie keeps what the user likes, and lets nobody in: a language, a theme, a consent. */
    private static boolean isPreference(String name) {
        if (name.equals("tz")) {
            return true;
        }
        for (String preference : NameTables.PREFERENCES) {
            if (name.contains(preference)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isHeader(String value, Assignment at) {
        boolean named = at.name().toLowerCase(Locale.ROOT).endsWith("cookie");
        if (named && value.indexOf('=') > 0 && value.indexOf(" = ") < 0 && !isCookie(value)) {
            return false;
        }
        boolean cookie = value.indexOf('=') > 0 && !value.contains(" = ");
        if (value.indexOf(' ') >= 0) {
            return cookie;
        }
        return !isCode(value, at)
                && !ValueShapes.isNumber(value)
                && (cookie || ValueShapes.looksRandom(value, 6) || (at.isLiteral() && !ValueShapes.isWord(value)));
    }

    private static boolean isWeakSecret(String value, Assignment at) {
        if (value.length() < 4
                || value.indexOf(' ') >= 0
                || ValueShapes.isPath(value)
                || ValueShapes.isNumber(value)
                || isCode(value, at)) {
            return false;
        }
        boolean pass = at.name().toLowerCase(Locale.ROOT).endsWith("pass");
        if (ValueShapes.isWord(value) && !ValueShapes.isScrambled(value)) {
            return pass
                    && (at.style() == Assignment.Style.PARAMETER || at.style() == Assignment.Style.ENV || at.quoted());
        }
        return ValueShapes.looksRandom(value, pass ? 5 : 8);
    }

    private static boolean isPassword(String value, String lower, Assignment at) {
        if (isKeyId(value, at)
                || ValueShapes.isPath(value)
                || isType(lower)
                || isTooShort(value, at)
                || isNamespaced(value, at)) {
            return false;
        }
        if (value.indexOf(' ') >= 0) {
            return at.quoted() && isSpaced(value, at);
        }
        if (ValueShapes.isNumber(value)) {
            return isSecretNumber(value, at);
        }
        if (!at.quoted() && isCode(value, at)) {
            return false;
        }
        boolean flag = at.style() == Assignment.Style.FLAG_THEN_VALUE && ValueShapes.changesCase(value, 3);
        if (ValueShapes.isWord(value) && !ValueShapes.isScrambled(value) && !flag) {
            return isSecretWord(value, lower, at);
        }
        if (ValueShapes.isFile(lower)) {
            return false;
        }
        if (ValueShapes.isRandomWord(value)) {
            return true;
        }
        if (at.style() == Assignment.Style.FLAG_THEN_VALUE && !at.lineEnds()) {
            return value.indexOf('=') < 0 && (ValueShapes.looksRandom(value, 6) || ValueShapes.changesCase(value, 3));
        }
        if (at.isLiteral() || at.quoted()) {
            return !namesSecret(lower) || ValueShapes.hasDigit(value) || ValueShapes.hasSymbol(value);
        }
        if (at.separator() == ':' && !at.spaced()) {
            return ValueShapes.looksRandom(value, 6);
        }
        boolean symbols = ValueShapes.looksRandom(value, 8) && !ValueShapes.isIdentifier(value, 0);
        return symbols || (ValueShapes.looksRandom(value, 6) && at.lineEnds() && !namesSecret(lower));
    }

    /** Returns whether it names an object of a cluster, as in {@code secret="default/web"}. */
    private static boolean isNamespaced(String value, Assignment at) {
        int slash = value.indexOf('/');
        return slash > 0
                && at.name().equalsIgnoreCase("secret")
                && value.indexOf('/', slash + 1) < 0
                && value.chars().allMatch(c -> (c >= 'a' && c <= 'z') || c == '-' || c == '/' || c == '.');
    }

    /** Returns whether it is the id of a key of OpenPGP, as {@code signingkey} of Git and {@code GPG_KEY} of images have it. */
    private static boolean isKeyId(String value, Assignment at) {
        String name = SecretNames.compact(at.name());
        boolean named =
                name.equals("signingkey") || name.equals("key") || name.contains("gpgkey") || name.contains("pgpkey");
        return named
                && (value.length() == 8 || value.length() == 16 || value.length() == 40)
                && value.equals(value.toUpperCase(Locale.ROOT))
                && ValueShapes.isHex(value.toLowerCase(Locale.ROOT));
    }

    private static boolean isTooShort(String value, Assignment at) {
        return value.length() < (at.style() == Assignment.Style.ENV || at.quoted() ? 3 : at.isLiteral() ? 4 : 5);
    }

    /** Returns whether a quoted value with blanks is a secret: a passphrase, or a password with blanks in it; prose is not. */
    private static boolean isSpaced(String value, Assignment at) {
        String name = at.name().toLowerCase(Locale.ROOT);
        boolean words = name.contains("phrase") || name.contains("mnemonic") || name.contains("seed");
        if (name.endsWith("psk")) {
            return value.length() >= 8;
        }
        return words
                ? value.indexOf(' ') != value.lastIndexOf(' ')
                : RandomText.isGrouped(value)
                        || (ValueShapes.hasDigit(value) && ValueShapes.hasSymbol(value) && value.length() < 40);
    }

    private static boolean isSecretNumber(String value, Assignment at) {
        String name = at.name().toLowerCase(Locale.ROOT);
        boolean token = name.endsWith("token") || name.endsWith("secret") || name.endsWith("key");
        return value.indexOf('.') < 0 && (token ? value.length() >= 9 : value.length() >= (at.isLiteral() ? 4 : 6));
    }

    /** Returns whether letters alone are a secret: where no code can be, and not when they name one themselves. */
    private static boolean isSecretWord(String value, String lower, Assignment at) {
        if (at.style() == Assignment.Style.ENV) {
            return true;
        }
        if (namesSecret(lower) || !ValueShapes.isAscii(value)) {
            return false;
        }
        if (at.quoted()) {
            return !Chars.isUpper(value.charAt(0)) || ValueShapes.mixesCase(value);
        }
        boolean capital = Chars.isUpper(value.charAt(0)) && !ValueShapes.mixesCase(value);
        boolean allUpper = value.equals(value.toUpperCase(Locale.ROOT));
        return at.isLiteral() && !allUpper && !(capital && at.style() == Assignment.Style.LINE);
    }

    /** Returns whether it names a secret instead of being one: {@code my_password}, {@code api-token}. */
    static boolean namesSecret(String lower) {
        return lower.contains("pass")
                || lower.contains("token")
                || lower.contains("secret")
                || lower.contains("key")
                || lower.contains("cred")
                || lower.contains("auth")
                || lower.contains("pwd")
                || lower.contains("cookie");
    }

    private static boolean isType(String lower) {
        for (String type : TYPES) {
            if (lower.startsWith(type) && (type.length() > 3 || lower.length() < 7)) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether it is a member of something, {@code ed25519.PrivateKey}: names, none of which looks random. */
    private static boolean isMember(String value) {
        for (String part : value.split("\\.", -1)) {
            if (!ValueShapes.isIdentifier(part, 0) || ValueShapes.isRandomWord(part)) {
                return false;
            }
        }
        return ValueShapes.isSpoken(value);
    }

    /** Returns whether it is an expression: a call, an index, a member of something. */
    private static boolean isCode(String value, Assignment at) {
        int i = 0;
        int dots = 0;
        int digits = 0;
        while (i < value.length()
                && (Chars.isAlphanumeric(value.charAt(i)) || "_.$?>-:".indexOf(value.charAt(i)) >= 0)) {
            dots += value.charAt(i) == '.' ? 1 : 0;
            digits += Chars.isDigit(value.charAt(i)) ? 1 : 0;
            i++;
        }
        if (i == value.length()) {
            return (dots > 0 && digits == 0 && Chars.isLetter(value.charAt(0)))
                    || (dots > 0 && !at.isLiteral() && isMember(value))
                    || value.contains("->")
                    || (value.contains("::") && digits < 4);
        }
        char stop = value.charAt(i);
        if (at.quoted() || at.style() == Assignment.Style.ENV) {
            return false;
        }
        boolean call = stop == '!' && i + 1 < value.length() && value.charAt(i + 1) == '(';
        return (i > 0 && (stop == '(' || stop == '[' || call))
                || (i == 0 && "([{|".indexOf(stop) >= 0)
                || value.endsWith("()");
    }
}
