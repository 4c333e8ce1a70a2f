package io.agentrun.postgres.testing;

/**
 * Counts the statements of a script: the parts between semicolons that have something in them, quoted text aside.
 *
 * <p>Thread-safe.
 */
final class SqlText {

    private SqlText() {}

    static int statements(String sql) {
        int statements = 0;
        boolean something = false;
        char quote = 0;
        for (int i = 0; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                }
            } else if (c == ';') {
                statements += something ? 1 : 0;
                something = false;
            } else if (!Character.isWhitespace(c)) {
                something = true;
                if (c == '\'' || c == '"') {
                    quote = c;
                }
            }
        }
        return statements + (something ? 1 : 0);
    }
}
