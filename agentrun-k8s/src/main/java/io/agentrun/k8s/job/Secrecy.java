package io.agentrun.k8s.job;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which variables show by their name or their value that they hold a secret.
 *
 * <p>Thread-safe.
 */
final class Secrecy {

    /** Words that say it wherever they stand in a name, also without an underscore around them: {@code PGPASSWORD}. */
    private static final Pattern ANYWHERE = Pattern.compile(
            ".*(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL|APIKEY|API_KEY|PRIVATE_KEY|ACCESS_KEY).*");

    /** Words that say it as a whole word between underscores. */
    private static final Set<String> WORDS =
            Set.of("PASS", "PWD", "PAT", "CREDS", "JWT", "BEARER", "COOKIE", "DSN", "AUTH", "PSK");

    /** Words that say it too, and stand as often beside a number or a switch: {@code MAX_TOKEN=4096}. */
    private static final Set<String> WORDS_UNLESS_NUMBER = Set.of("TOKEN", "TOKENS", "KEY", "KEYS");

    private static final Set<String> STORES = Set.of(
            "DATABASE",
            "DB",
            "POSTGRES",
            "POSTGRESQL",
            "PG",
            "MYSQL",
            "MARIADB",
            "MONGO",
            "MONGODB",
            "REDIS",
            "AMQP",
            "RABBITMQ",
            "JDBC",
            "CONNECTION");
    private static final Set<String> ADDRESSES = Set.of("URL", "URI", "STRING");

    /** What is named by the last word of a name, in place of the secret itself. */
    private static final Set<String> ABOUT = Set.of("FILE", "PATH", "DIR", "ID", "NAME");

    private static final Pattern PLAIN = Pattern.compile("-?[0-9]{1,12}(?:\\.[0-9]{1,6})?|true|false|");
    private static final Pattern ADDRESS_WITH_PASSWORD = Pattern.compile("(?s).*://[^/\\s:@]*:[^/\\s@]+@.*");
    private static final Set<String> DIRECTORIES = Set.of("PWD", "OLDPWD");

    private Secrecy() {}

    static boolean isSecret(String name, String value) {
        // Any number at the end only counts: TOKEN_1, KEY2.
        String upper = name.toUpperCase(Locale.ROOT).replaceAll("_?[0-9]+$", "");
        if (ADDRESS_WITH_PASSWORD.matcher(value).matches()) {
            return true;
        }
        String[] words = upper.split("_");
        if (words.length == 0 || DIRECTORIES.contains(upper)) {
            return false;
        }
        String last = words[words.length - 1];
        if (ABOUT.contains(last)) {
            return false;
        }
        boolean plain = PLAIN.matcher(value).matches();
        return ANYWHERE.matcher(upper).matches()
                || Arrays.stream(words).anyMatch(WORDS::contains)
                || (!plain && Arrays.stream(words).anyMatch(WORDS_UNLESS_NUMBER::contains))
                || (ADDRESSES.contains(last) && Arrays.stream(words).anyMatch(STORES::contains));
    }
}
