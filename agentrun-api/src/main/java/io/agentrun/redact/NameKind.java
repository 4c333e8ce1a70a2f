package io.agentrun.redact;

/** What a name says about the value that it names. */
enum NameKind {
    /** Nothing. */
    NONE,
    /** The value is a secret, whatever it looks like: {@code password}, {@code api_key}, {@code DB_PASS}. */
    SECRET,
    /** The value is a header's credential: {@code Authorization}, {@code Cookie}. */
    HEADER,
    /** The value is a secret unless it is a plain word or number: {@code pass}, {@code auth}. */
    WEAK,
    /** The value is a secret if it looks random: {@code signature}, {@code ACME_KEY}. */
    RANDOM,
    /** The value is a secret if it is a short number or looks random: {@code pin}, {@code otp}. */
    DIGITS,
    /** The value is a secret if it connects to something: {@code dsn}, {@code connection string}. */
    CONNECTION;

    /** Returns whether every value but a placeholder is a secret. */
    boolean isCertain() {
        return this == SECRET || this == HEADER;
    }
}
