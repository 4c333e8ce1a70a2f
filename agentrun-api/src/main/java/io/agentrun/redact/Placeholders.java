package io.agentrun.redact;

import io.agentrun.redact.internal.Chars;
import io.agentrun.redact.internal.ValueShapes;
import java.util.Locale;
import java.util.Set;

/** Tells what stands for a secret from a secret: {@code ***}, {@code ${NAME}}, {@code YOUR_API_KEY}, a sealed value. Immutable. */
final class Placeholders {

    /** No sealed secret of Kubernetes is shorter. */
    private static final int SEALED_LENGTH = 100;

    private static final Set<String> SCHEMES = Set.of("bearer ", "basic ", "token ", "apikey ", "api-key ", "bot ");

    private static final String[] SEALED = {"ENC[", "$ANSIBLE_VAULT", "{cipher}", "AQICAH"};

    private static final String[] PATTERNS = {".*", ".+", "[^", "[A-", "[a-", "[0-", "\\S", "\\w", "(?", "(.", "([^"};

    private Placeholders() {}

    /** Returns whether it stands for a value: {@code ***}, {@code $NAME}, {@code <name>}, {@code %s}. */
    static boolean isPlaceholder(String value) {
        if (value.startsWith(SecretFinder.MASK) || value.contains(SecretFinder.MASK)) {
            return true;
        }
        char first = value.charAt(0);
        char last = value.charAt(value.length() - 1);
        if (isFill(value)
                || isExample(value)
                || isBracketed(value)
                || isVersion(value)
                || isTyped(value)
                || isSealed(value)
                || isPattern(value)
                || (value.length() > 2 && (first == '@' || first == '*') && last == first)
                || value.endsWith("****")) {
            return true;
        }
        return switch (first) {
            case '$' -> value.length() < 2 || isVariable(value) || (value.length() == 2 && ValueShapes.hasDigit(value));
            case '<' -> true;
            case '{' -> last == '}' || value.startsWith("{{");
            case '%' -> value.length() <= 3 || last == '%' || value.startsWith("%(") || value.startsWith("%{");
            case '#' -> value.startsWith("#{");
            case '?' -> value.length() <= 2;
            case ':', '@', '&', '!' -> ValueShapes.isIdentifier(value, 1);
            default ->
                value.startsWith("\\u003c")
                        || value.contains("${")
                        || value.contains("{{")
                        || value.endsWith("...")
                        || value.endsWith("…");
        };
    }

    /**
     * Returns whether it is nothing but stars, or a variable: {@code ********}, {@code ${NAME}}, {@code Bearer ${NAME}}. A
     * variable with a value for when it is not set, {@code ${NAME:value}}, is none.
     */
    static boolean standsForValue(String value) {
        if (value.length() >= 3 && value.chars().allMatch(c -> c == '*' || c == '•')) {
            return true;
        }
        int start = value.indexOf("${");
        boolean scheme = start == 0
                || (start > 0 && SCHEMES.contains(value.substring(0, start).toLowerCase(Locale.ROOT)));
        if (!scheme || !value.endsWith("}")) {
            return false;
        }
        String name = value.substring(start + 2, value.length() - 1);
        name = name.startsWith("{ ") && name.endsWith(" }") ? name.substring(2, name.length() - 2) : name;
        name = name.startsWith("env:") ? name.substring(4) : name;
        return ValueShapes.isIdentifier(name, 0) && name.indexOf('-') < 0;
    }

    /** Returns whether it asks for a value: {@code YOUR_API_KEY}, {@code changeme}, a prefix that was cut. */
    static boolean isExample(String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        return value.endsWith("EXAMPLE")
                || value.endsWith("EXAMPLEKEY")
                || (lower.startsWith("your") && SecretValues.namesSecret(lower))
                || (!ValueShapes.hasDigit(lower) && isInstruction(lower))
                || isFilledUp(lower)
                || lower.equals("changeme")
                || lower.equals("change_me")
                || lower.equals("change-me")
                || (lower.length() < 8 && lower.endsWith("-"));
    }

    /** Returns whether it says in brackets what was here: {@code [FILTERED]}. */
    private static boolean isBracketed(String value) {
        return value.length() > 2
                && value.charAt(0) == '['
                && value.charAt(value.length() - 1) == ']'
                && ValueShapes.isWord(value.substring(1, value.length() - 1));
    }

    /** Returns whether it is a range of versions, as the member of a manifest that is named after a package has it. */
    private static boolean isVersion(String value) {
        return "^~>".indexOf(value.charAt(0)) >= 0
                && value.length() < 16
                && value.indexOf('.') > 0
                && ValueShapes.isNumber(value.substring(value.startsWith(">=") ? 2 : 1));
    }

    /** Returns whether it is a type of GraphQL that must be given: {@code String!}. */
    private static boolean isTyped(String value) {
        String type = value.endsWith("!") ? value.substring(0, value.length() - 1) : value;
        return type.length() < value.length() && NameTables.PLAIN_VALUES.contains(type.toLowerCase(Locale.ROOT));
    }

    private static boolean isFill(String value) {
        char first = value.charAt(0);
        if ("*xX.•-_#?=/\\|~+>".indexOf(first) < 0) {
            return false;
        }
        for (int i = 1; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c != first && !(first == '*' && !Chars.isAlphanumeric(c))) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether a prefix is filled up to the length of a token: {@code ghp_xxxxxxxx}. */
    private static boolean isFilledUp(String lower) {
        int prefix = lower.length();
        while (prefix > 0 && lower.charAt(prefix - 1) == 'x') {
            prefix--;
        }
        return lower.length() - prefix >= 8 && prefix <= 12;
    }

    /** Returns whether words in it tell the reader to put a value here. */
    private static boolean isInstruction(String lower) {
        boolean told = false;
        for (String verb : new String[] {"replace", "change", "insert"}) {
            told |= lower.startsWith(verb + "-") || lower.startsWith(verb + "_");
        }
        return told
                || lower.contains("your_")
                || lower.contains("your-")
                || lower.endsWith("_here")
                || lower.endsWith("-here");
    }

    /** Returns whether it is a variable, also with its scope as PowerShell has it: {@code $env:NAME}. */
    private static boolean isVariable(String value) {
        char second = value.charAt(1);
        int scope = value.indexOf(':');
        return second == '{'
                || second == '('
                || second == '$'
                || ValueShapes.isIdentifier(value, 1)
                || (scope > 1
                        && ValueShapes.isWord(value.substring(1, scope))
                        && ValueShapes.isIdentifier(value, scope + 1));
    }

    /** Returns whether it is a secret that is encrypted already: by SOPS, a sealed secret, a vault, a key service. */
    private static boolean isSealed(String value) {
        for (String mark : SEALED) {
            if (value.startsWith(mark)) {
                return true;
            }
        }
        return value.length() >= SEALED_LENGTH && value.startsWith("Ag") && "ABCD".indexOf(value.charAt(2)) >= 0;
    }

    /** Returns whether it begins as a regular expression does that matches a secret: {@code .*}, {@code [^"]+}. */
    private static boolean isPattern(String value) {
        for (String beginning : PATTERNS) {
            if (value.startsWith(beginning)) {
                return true;
            }
        }
        return false;
    }
}
