package io.agentrun.redact;

import io.agentrun.redact.NameTables.NameKind;

/**
 * A name and where its value is written, as {@link SecretValues} needs it to tell a secret from code and prose.
 *
 * <p>Immutable.
 *
 * @param kind what the name says
 * @param name the name
 * @param style what kind of text it is in
 * @param separator the character between name and value
 * @param spaced whether blanks precede the separator
 * @param quoted whether the value is in quotes
 * @param lineEnds whether nothing follows the value in its line
 */
record Assignment(
        NameKind kind, String name, Style style, char separator, boolean spaced, boolean quoted, boolean lineEnds) {

    enum Style {
        /** {@code NAME=value}, as shells and env files have it. */
        ENV,
        /** {@code --name=value} or {@code -Dname=value}. */
        FLAG,
        /** {@code --name value}. */
        FLAG_THEN_VALUE,
        /** {@code ?name=value}, {@code &name=value} or {@code ;name=value}. */
        PARAMETER,
        /** The name begins its line, as in YAML, INI files and headers. */
        LINE,
        /** {@code name=value} after a blank, as in structured logs. */
        FIELD,
        /** Anything else: code, prose, JSON. */
        INLINE
    }

    /** Returns whether no code has this form, so that also a plain word is a value. */
    boolean isLiteral() {
        return switch (style) {
            case ENV, FLAG, PARAMETER, FIELD -> true;
            case FLAG_THEN_VALUE -> lineEnds;
            case LINE -> lineEnds && !spaced;
            case INLINE -> false;
        };
    }
}
