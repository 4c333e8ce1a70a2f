package io.agentrun.benchmark;

import io.agentrun.benchmark.measure.Pace;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for.
 *
 * <p>Immutable.
 *
 * @param only the keys of the scenarios to run; empty for all
 * @param threads with how many callers at once the scenarios run that are not about a certain number of them
 * @param seconds how long a slice is, 1 to 60
 * @param rounds how many slices each side has, 1 to 99
 * @param pool how many connections a store has, 4 to 200
 * @param url the JDBC URL of the database; null for a server of our own
 * @param json where the results are written
 * @param docs the page that gets the table; null for none
 * @param help whether only the help is asked for
 */
record Options(
        List<String> only,
        List<Integer> threads,
        int seconds,
        int rounds,
        int pool,
        int day,
        @Nullable String url,
        Path json,
        @Nullable Path docs,
        boolean help) {

    static final String HELP = """
            Measures how fast the stores are, beside what the database does for anybody.

              --only KEY,KEY...  runs these scenarios alone (all)
              --threads N,N...   with how many callers at once (1,8,32)
              --seconds N        how long each side works before the other's turn, 1 to 60 (1)
              --rounds N         how many turns each side has, 1 to 99 (3)
              --pool N           how many connections each store has, 4 to 200 (32)
              --day N            how many tasks a day has that goes by in "growth", 100 to 1000000 (20000)
              --url JDBC-URL     the database to measure on; its user may create schemas (an embedded server)
              --json FILE        where the results are written (target/benchmark.json of the module)
              --docs FILE        a page whose table is rewritten, too; with --only none, from the file of the last run
              --help             this

            The scenarios:
            """;

    /** What {@code --only} says to measure nothing. */
    static final String NONE = "none";

    private static final int LEAST_WARM_UPS = 2;
    private static final int MOST_WARM_UPS = 15;
    private static final int WARM_CALLS = 20_000;

    static Options defaults(Path folder) {
        Path json = folder.resolve("target").resolve("benchmark.json");
        return new Options(List.of(), List.of(1, 8, 32), 1, 3, 32, 20_000, null, json, null, false);
    }

    static Options parse(Path folder, String... args) {
        Options options = defaults(folder);
        Deque<String> left = new ArrayDeque<>(List.of(args));
        while (!left.isEmpty()) {
            options = options.with(left.remove(), left);
        }
        return options;
    }

    private Options with(String option, Deque<String> left) {
        return switch (option) {
            case "--help" -> new Options(only, threads, seconds, rounds, pool, day, url, json, docs, true);
            case "--only" -> withOnly(parts(value(option, left)));
            case "--threads" -> withThreads(numbers(option, value(option, left)));
            case "--seconds" -> withSeconds(number(option, value(option, left), 1, 60));
            case "--rounds" -> withRounds(number(option, value(option, left), 1, 99));
            case "--pool" -> withPool(number(option, value(option, left), 4, 200));
            case "--day" -> withDay(number(option, value(option, left), 100, 1_000_000));
            case "--url" -> withUrl(value(option, left));
            case "--json" -> withJson(path(option, value(option, left)));
            case "--docs" -> withDocs(path(option, value(option, left)));
            default -> throw new UsageException("there is no option '" + option + "'; --help shows those that are");
        };
    }

    Options withOnly(List<String> value) {
        return new Options(List.copyOf(value), threads, seconds, rounds, pool, day, url, json, docs, help);
    }

    Options withThreads(List<Integer> value) {
        return new Options(only, List.copyOf(value), seconds, rounds, pool, day, url, json, docs, help);
    }

    Options withSeconds(int value) {
        return new Options(only, threads, value, rounds, pool, day, url, json, docs, help);
    }

    Options withRounds(int value) {
        return new Options(only, threads, seconds, value, pool, day, url, json, docs, help);
    }

    Options withPool(int value) {
        return new Options(only, threads, seconds, rounds, value, day, url, json, docs, help);
    }

    Options withDay(int value) {
        return new Options(only, threads, seconds, rounds, pool, value, url, json, docs, help);
    }

    Options withUrl(String value) {
        return new Options(only, threads, seconds, rounds, pool, day, value, json, docs, help);
    }

    Options withJson(Path value) {
        return new Options(only, threads, seconds, rounds, pool, day, url, value, docs, help);
    }

    Options withDocs(Path value) {
        return new Options(only, threads, seconds, rounds, pool, day, url, json, value, help);
    }

    /** How long is measured. */
    Pace pace() {
        return new Pace(Duration.ofSeconds(seconds), rounds, LEAST_WARM_UPS, MOST_WARM_UPS, WARM_CALLS);
    }

    private static String value(String option, Deque<String> left) {
        if (left.isEmpty()) {
            throw new UsageException(option + " must be followed by a value");
        }
        return left.remove();
    }

    private static List<String> parts(String text) {
        return Arrays.stream(text.split(","))
                .map(String::trim)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private static List<Integer> numbers(String option, String text) {
        List<Integer> numbers = new ArrayList<>();
        parts(text).forEach(part -> numbers.add(number(option, part, 1, 256)));
        if (numbers.isEmpty()) {
            throw new UsageException(option + " must name a number at least");
        }
        return numbers;
    }

    private static int number(String option, String text, int least, int most) {
        if (text.matches("[0-9]{1,7}")) {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw new UsageException(option + " must be a number from " + least + " to " + most + ", not '" + text + "'");
    }

    private static Path path(String option, String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException(option + " must name a file, not '" + text + "'");
        }
    }
}
