package io.agentrun.redact;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.redact.internal.LinearPattern;

/**
 * A rule that finds tokens of one kind by their shape, with an example that it finds and a counter-example that it does
 * not find; both are tried when the rule is made.
 *
 * <p>The pattern is written in a small part of the syntax of regular expressions, in which nothing can be matched in two
 * ways, so that no text takes more than linear time: characters, {@code \.} for a character with a meaning,
 * classes {@code [A-Za-z0-9_-]} (not negated), and after each a count {@code {n}}, {@code {n,m}}, {@code ?} or, at the end
 * only, {@code {n,}}. There are no alternatives and no groups. These may stand in front, in this order:
 *
 * <ul>
 *   <li>{@code (?i)}: in any case;
 *   <li>{@code \b}: only where a word begins, where letters, digits, hyphen and underscore make a word;
 *       or {@code \w*}: with what precedes it in the word, which is masked too;
 *   <li>{@code (?=.*[0-9])}: only with a digit after the fixed beginning.
 * </ul>
 *
 * <p>It begins with two characters or classes that are always there, and needs at most 256 characters. A match takes
 * all letters, digits, hyphens and underscores that follow, and may be cut in two by one line break.
 *
 * <p>Immutable.
 *
 * @param name what the rule finds, for people
 * @param pattern the shape
 * @param example a text that holds such a secret
 * @param counterExample a similar text that holds none
 */
public record SecretRule(String name, String pattern, String example, String counterExample) {

    /**
     * Checks the pattern, and tries it on the two examples.
     *
     * @throws InvalidInputException if something is missing, the pattern is not in the syntax above, it does not find the
     *     example, or it finds the counter-example
     */
    public SecretRule {
        Require.given("name", name);
        Require.given("pattern", pattern);
        Require.given("example", example);
        Require.given("counterExample", counterExample);
        LinearPattern compiled = compile(pattern);
        if (!finds(compiled, example)) {
            throw new InvalidInputException("example", "must be found by the pattern of rule " + name);
        }
        if (finds(compiled, counterExample)) {
            throw new InvalidInputException("counterExample", "must not be found by the pattern of rule " + name);
        }
    }

    LinearPattern compiled() {
        return compile(pattern);
    }

    private static LinearPattern compile(String pattern) {
        try {
            return LinearPattern.compile(pattern);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("pattern", String.valueOf(e.getMessage()));
        }
    }

    private static boolean finds(LinearPattern pattern, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (pattern.match(text, i) >= 0) {
                return true;
            }
        }
        return false;
    }
}
