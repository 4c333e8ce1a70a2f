package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Reads every SQL text of the store: functions are written {@code pg_catalog.f} and tables with their schema. Operators cannot be
 * read off a text; the kit runs amid hostile ones.
 */
class SqlNamesTest {

    private static final Path SOURCES = Path.of("src", "main", "java");
    private static final Path MIGRATIONS =
            Path.of("src", "main", "resources", "io", "agentrun", "postgres", "migration");

    /** The first migrations may not change any more; they are run only where nobody else has made functions or operators. */
    private static final int LAST_UNQUALIFIED_MIGRATION = 5;

    private static final Pattern LITERAL =
            Pattern.compile("\"\"\"(?<block>.*?)\"\"\"|\"(?<line>(?:[^\"\\\\\\n]|\\\\.)*)\"", Pattern.DOTALL);
    private static final Pattern SQL =
            Pattern.compile("\\b(SELECT|UPDATE|INSERT|DELETE|FROM|WHERE|AND|ORDER|RETURNING|CAST|JOIN|VALUES)\\b");
    private static final Pattern CALL = Pattern.compile("(?<![\\w.}])(?<name>[a-z_][a-z0-9_]*)(?<space>\\s*)\\(");
    private static final Pattern DEFINED =
            Pattern.compile("(?s).*\\b(AS|INTO|UPDATE|ON|TABLE|INDEX|REFERENCES|KEY|FUNCTION|CONSTRAINT)\\s+");
    private static final Pattern ALIASED = Pattern.compile("(?s).*(\\bAS\\s+|[.}\\w]\\s+)");
    private static final Pattern KEYWORD_BEFORE =
            Pattern.compile("(?s).*\\b(SELECT|AND|OR|WHERE|THEN|ELSE|WHEN|LIMIT|SET|HAVING|BY|IN|NOT)\\s+");
    private static final Pattern TABLE = Pattern.compile(
            "\\b(?:FROM|JOIN|INTO|UPDATE|USING|ONLY)\\s+(?<name>[a-z_][a-z0-9_.]*|\\{schema\\}\\.\\w+)");
    private static final Pattern COMMON = Pattern.compile("\\b(?<name>[a-z_][a-z0-9_]*) AS (?:MATERIALIZED )?\\(");
    private static final Pattern ARROW = Pattern.compile("->>?\\s*'");

    @Test
    void every_function_and_table_of_a_statement_is_written_with_its_schema() throws IOException {
        List<String> unqualified = new ArrayList<>();
        int statements = 0;
        for (Path file : files(SOURCES, ".java")) {
            String source = Files.readString(file);
            List<String> texts = texts(source);
            statements += texts.size();
            Set<String> common = commonTables(source);
            texts.forEach(text -> check(file, text, common, unqualified));
        }

        assertThat(unqualified).isEmpty();
        assertThat(statements).isGreaterThan(100);
    }

    @Test
    void every_function_of_a_later_migration_is_written_with_its_schema() throws IOException {
        List<String> unqualified = new ArrayList<>();
        for (Path file : files(MIGRATIONS, ".sql")) {
            String name = file.getFileName().toString();
            if (Integer.parseInt(name.substring(1, name.indexOf("__"))) > LAST_UNQUALIFIED_MIGRATION) {
                String text = Files.readString(file).replaceAll("--[^\n]*", "");
                calls(file, text, unqualified);
            }
        }
        // While migrating, the first schema of the search_path is the store's own, so that its own functions are found
        // first.
        unqualified.removeIf(found -> found.contains(": function agentrun_"));

        assertThat(unqualified).isEmpty();
    }

    @Test
    void what_is_unqualified_is_found() {
        Path file = Path.of("Example.java");
        for (String text : List.of(
                "SELECT count(*) FROM {schema}.t",
                "SELECT max (x) FROM {schema}.t",
                "WHERE x = lower(:y)",
                "SELECT unnest(:x)",
                "SELECT x FROM agentrun_runs",
                "UPDATE agentrun_runs SET x = 1",
                "SELECT x -> 'a' FROM {schema}.t")) {
            List<String> found = new ArrayList<>();
            check(file, text, Set.of(), found);

            assertThat(found).as(text).hasSize(1);
        }
        for (String text : List.of(
                "SELECT pg_catalog.count(*) FROM {schema}.t AS t (a, b)",
                "INSERT INTO {schema}.t (a) SELECT x FROM unnest(:x, :y) AS n (x, y)",
                "WITH c AS (SELECT 1) SELECT {schema}.f() FROM c",
                "SELECT x -> CAST('a' AS text) FROM {schema}.t WHERE x IN ('a', 'b')")) {
            List<String> found = new ArrayList<>();
            check(file, text, Set.of("c"), found);

            assertThat(found).as(text).isEmpty();
        }
    }

    private static List<Path> files(Path root, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> texts(String source) {
        List<String> texts = new ArrayList<>();
        Matcher literal = LITERAL.matcher(source);
        while (literal.find()) {
            String text =
                    literal.group("block") == null ? literal.group("line").translateEscapes() : literal.group("block");
            if (SQL.matcher(text).find()) {
                texts.add(text);
            }
        }
        return texts;
    }

    private static Set<String> commonTables(String source) {
        Set<String> names = new HashSet<>();
        Matcher common = COMMON.matcher(source);
        while (common.find()) {
            names.add(common.group("name"));
        }
        return names;
    }

    private static void check(Path file, String text, Set<String> common, List<String> unqualified) {
        calls(file, text, unqualified);
        Matcher table = TABLE.matcher(text);
        while (table.find()) {
            String name = table.group("name");
            boolean called = table.end() < text.length() && text.charAt(table.end()) == '(';
            if (!name.startsWith("{schema}.") && !name.startsWith("pg_catalog.") && !common.contains(name) && !called) {
                unqualified.add(file.getFileName() + ": table " + name);
            }
        }
        if (ARROW.matcher(text).find()) {
            unqualified.add(file.getFileName() + ": -> with a literal that has no type");
        }
    }

    /** A function is named in lower case; what stands in a definition ({@code AS n (a, b)}, {@code INTO t (a)}) is no call. */
    private static void calls(Path file, String text, List<String> unqualified) {
        Matcher call = CALL.matcher(text);
        while (call.find()) {
            String before = text.substring(0, call.start("name"));
            boolean defined = DEFINED.matcher(before).matches()
                    || (!call.group("space").isEmpty()
                            && ALIASED.matcher(before).matches()
                            && !KEYWORD_BEFORE.matcher(before).matches());
            // What a statement goes on with behind its text is the columns of a table.
            boolean goesOn = call.end() == text.length();
            boolean several = call.group("name").equals("unnest") && (goesOn || arguments(text, call.end()) > 1);
            if (!defined && !several) {
                unqualified.add(file.getFileName() + ": function " + call.group("name"));
            }
        }
    }

    /** The server itself takes {@code unnest} with several arguments for its own, and does so only without a schema. */
    private static int arguments(String text, int from) {
        int depth = 0;
        int commas = 0;
        for (int i = from; i < text.length() && depth >= 0; i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            commas += c == ',' && depth == 0 ? 1 : 0;
        }
        return commas + 1;
    }
}
