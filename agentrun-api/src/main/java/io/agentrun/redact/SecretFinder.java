package io.agentrun.redact;

import io.agentrun.check.Require;
import io.agentrun.redact.NameTables.NameKind;
import io.agentrun.redact.internal.ArrayText;
import io.agentrun.redact.internal.PlainView;
import io.agentrun.redact.internal.Spans;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds secrets in text, and judges the names of values. {@link #standard()} has the rules that stores use; a host adds
 * its own with {@link #builder()}.
 *
 * <p>Thread-safe.
 */
public final class SecretFinder {

    /** What takes the place of a secret. */
    public static final String MASK = "[redacted]";

    /** Texts shorter than this hold no secret that can be told. */
    private static final int SHORTEST = 6;

    /** How often Base64 in Base64 is decoded. */
    private static final int MAX_DEPTH = 2;

    /** A mask can make something beside it recognizable; after so many rounds it is left. */
    private static final int MAX_ROUNDS = 8;

    private static final SecretFinder STANDARD = builder().build();

    private final List<SecretRule> rules;
    private final RuleIndex index;
    private final SecretNames names;

    private SecretFinder(Builder builder) {
        this.rules = List.copyOf(builder.rules);
        this.index = new RuleIndex(rules);
        this.names = new SecretNames(builder.secret, builder.harmless);
    }

    /** Returns the finder with the standard rules. */
    public static SecretFinder standard() {
        return STANDARD;
    }

    /** Returns a builder that begins with the standard rules. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the rules for shapes, in the order in which they are tried. */
    public List<SecretRule> rules() {
        return rules;
    }

    /**
     * Returns the text with {@link #MASK} in place of each secret; the same instance if there were none. A second call
     * changes nothing.
     */
    public String mask(String text) {
        String masked = text;
        for (int round = 0; round < MAX_ROUNDS; round++) {
            String next = maskOnce(masked);
            if (next.equals(masked)) {
                return masked;
            }
            masked = next;
        }
        return masked;
    }

    private String maskOnce(String text) {
        if (text.length() < SHORTEST) {
            return text;
        }
        Spans spans = find(new ArrayText(text), 0);
        if (spans.isEmpty()) {
            return text;
        }
        Spans merged = spans.merged();
        StringBuilder out = new StringBuilder(text.length());
        int copied = 0;
        for (int i = 0; i < merged.count(); i++) {
            out.append(text, copied, merged.start(i)).append(MASK);
            copied = merged.end(i);
        }
        return out.append(text, copied, text.length()).toString();
    }

    /** Finds the secrets of the text, or of the Base64 in it when the depth is greater than 0. */
    Spans find(CharSequence text, int depth) {
        PlainView view = PlainView.of(text);
        CharSequence scanned = view == null ? text : new ArrayText(view.text());
        Spans spans = new Spans();
        int from = index.next(scanned, 0);
        if (from < scanned.length()) {
            new TextScanner(scanned, index, names, spans).scan(from);
        }
        if (depth < MAX_DEPTH) {
            new EncodedText(
                            scanned,
                            names,
                            spans,
                            decoded -> !find(new ArrayText(decoded), depth + 1).isEmpty())
                    .scan();
        }
        return view == null ? spans : original(view, spans);
    }

    private static Spans original(PlainView view, Spans spans) {
        Spans original = new Spans();
        for (int i = 0; i < spans.count(); i++) {
            original.add(view.start(spans.start(i)), view.end(spans.end(i)));
        }
        return original;
    }

    /**
     * Returns whether a value of this name is a secret, whatever it looks like: {@code password}, {@code X-Api-Key},
     * {@code Authorization}, but not {@code max_tokens} or {@code secretName}.
     */
    public boolean isSecretName(String name) {
        return names.judge(name).isCertain();
    }

    /** Returns whether the text is a secret as the value of this name. */
    public boolean isSecretValue(String name, String value) {
        return SecretValues.isSecretString(value, names.judge(name)) && !SecretValues.namesVariable(name, value);
    }

    /** Returns whether those items of a list with this name are secrets that look like codes, as recovery codes are. */
    public boolean isSecretList(String name) {
        NameKind kind = names.judge(name);
        return kind == NameKind.DIGITS || kind == NameKind.RANDOM;
    }

    /** Returns whether the number is a secret as the value of this name, as a password or a PIN may be one. */
    public boolean isSecretNumber(String name, Number value) {
        NameKind kind = names.judge(name);
        return kind.isCertain()
                || (kind == NameKind.DIGITS && SecretValues.isSecretString(value.toString(), NameKind.DIGITS));
    }

    /** Builds a {@link SecretFinder}. Not thread-safe: one thread at a time. */
    public static final class Builder {

        private final List<SecretRule> rules = new ArrayList<>();
        private final Set<String> secret = new HashSet<>();
        private final Set<String> harmless = new HashSet<>();

        private Builder() {
            rules.addAll(StandardRules.ALL);
        }

        /** Adds a rule, which is tried before the standard ones. */
        public Builder rule(SecretRule value) {
            rules.add(0, Require.given("rule", value));
            return this;
        }

        /** Removes the rule of this name, if there is one. */
        public Builder withoutRule(String name) {
            rules.removeIf(rule -> rule.name().equals(name));
            return this;
        }

        /** Adds a name whose value is always a secret; case and separators do not matter. */
        public Builder secretName(String value) {
            secret.add(SecretNames.compact(Require.given("secretName", value)));
            return this;
        }

        /** Adds a name whose value is none, although the standard rules would say so; case and separators do not matter. */
        public Builder harmlessName(String value) {
            harmless.add(SecretNames.compact(Require.given("harmlessName", value)));
            return this;
        }

        /** Returns the finder. */
        public SecretFinder build() {
            return new SecretFinder(this);
        }
    }
}
