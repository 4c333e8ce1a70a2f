package io.agentrun.tck.mutation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One textual change of one file, as a file of mutants tells it:
 *
 * <pre>
 * mutant: a claim begins no epoch
 * file: internal/table/RunQueries.java
 * kit: Lease Fence
 * - epoch = s.epoch + 1
 * + epoch = s.epoch
 * </pre>
 *
 * <p>A line that begins with two spaces goes on with the text before it. White space between words may differ. {@code nth: 2} changes the second occurrence of the text, {@code nth: all} each of
 * them; without it the text must occur once. {@code kit} names suites of the conformance kit, {@code tests} test classes of the
 * module. {@code plain: yes} runs the kit without shortcuts. {@code equivalent: why} says that no caller can tell the difference:
 * such a mutant is not run.
 *
 * <p>Immutable.
 *
 * @param name what is broken, in a sentence
 * @param file the last part of its path, which only one file of {@code src/main} has
 * @param tests what is run: suites of the kit, without the word Suite, or test classes
 * @param plain whether the kit is run without shortcuts
 * @param nth which occurrence, 0 for all of them, -1 for the only one
 * @param equivalent why nobody can tell the difference, null for a mutant that is to be killed
 * @param before the text that is replaced
 * @param after the text that takes its place
 */
public record Mutant(
        String name,
        String file,
        List<String> tests,
        boolean plain,
        int nth,
        @Nullable String equivalent,
        String before,
        String after) {

    private static final int ALL = 0;
    private static final int ONLY = -1;

    /** Copies what is given. */
    public Mutant {
        tests = List.copyOf(tests);
    }

    /**
     * Reads all files of a folder that end with {@code .mutants}, in the order of their names.
     *
     * @throws IOException when one cannot be read
     * @throws IllegalArgumentException when a mutant has no name or no file
     */
    public static List<Mutant> readAll(Path folder) throws IOException {
        List<Mutant> mutants = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".mutants"))
                    .sorted()
                    .toList()) {
                for (String block : Files.readString(file).split("(?m)^(?=mutant: )")) {
                    if (block.startsWith("mutant: ")) {
                        mutants.add(parse(block));
                    }
                }
            }
        }
        return List.copyOf(mutants);
    }

    static Mutant parse(String block) {
        Map<String, String> fields = new HashMap<>();
        List<String> before = new ArrayList<>();
        List<String> after = new ArrayList<>();
        List<String> open = before;
        for (String line : block.lines().toList()) {
            if (line.startsWith("  ")) {
                open.add(line.strip());
            } else if (line.startsWith("- ") || line.equals("-")) {
                open = before;
                open.add(line.substring(Math.min(2, line.length())));
            } else if (line.startsWith("+ ") || line.equals("+")) {
                open = after;
                open.add(line.substring(Math.min(2, line.length())));
            } else if (line.contains(": ")) {
                fields.put(
                        line.substring(0, line.indexOf(':')),
                        line.substring(line.indexOf(':') + 2).strip());
            }
        }
        String nth = fields.getOrDefault("nth", "only");
        return new Mutant(
                required(fields, "mutant", block),
                required(fields, "file", block),
                Arrays.asList(fields.getOrDefault("tests", fields.getOrDefault("kit", ""))
                        .split(" +")),
                fields.containsKey("plain"),
                nth.equals("only") ? ONLY : nth.equals("all") ? ALL : Integer.parseInt(nth),
                fields.get("equivalent"),
                String.join("\n", before),
                String.join("\n", after));
    }

    private static String required(Map<String, String> fields, String name, String block) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no " + name + " in:\n" + block);
        }
        return value;
    }

    /**
     * Checks that each mutant of the lists in a folder changes exactly one file among the sources, and finds there what it changes.
     *
     * @throws IllegalStateException naming the first that does not
     * @throws IOException if a file cannot be read
     */
    public static void requireFit(Path mutants, Path sources) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.walk(sources)) {
            all = files.filter(Files::isRegularFile).toList();
        }
        for (Mutant mutant : readAll(mutants)) {
            List<Path> of = all.stream()
                    .filter(source -> source.endsWith(mutant.file()))
                    .toList();
            if (of.size() != 1) {
                throw new IllegalStateException(mutant.name() + ": " + of.size() + " files are " + mutant.file());
            }
            try {
                mutant.applyTo(Files.readString(of.get(0)));
            } catch (IllegalStateException e) {
                throw new IllegalStateException(mutant.name() + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * Returns the text with the change in it.
     *
     * @throws IllegalStateException if the text does not have what is to be changed, or has it in several places
     */
    String applyTo(String text) {
        String words =
                Arrays.stream(before.strip().split("\\s+")).map(Pattern::quote).collect(Collectors.joining("\\s+"));
        List<MatchResult> found = Pattern.compile(words).matcher(text).results().toList();
        if (found.isEmpty()) {
            throw new IllegalStateException("stale: the text to change is not in " + file);
        }
        if (nth == ONLY && found.size() > 1) {
            throw new IllegalStateException(
                    "ambiguous: the text to change is in " + file + " " + found.size() + " times");
        }
        if (nth > found.size()) {
            throw new IllegalStateException("stale: the text to change is in " + file + " " + found.size() + " times");
        }
        StringBuilder changed = new StringBuilder();
        int from = 0;
        for (int i = 0; i < found.size(); i++) {
            if (nth == ALL || nth == ONLY || nth == i + 1) {
                changed.append(text, from, found.get(i).start()).append(after);
                from = found.get(i).end();
            }
        }
        return changed.append(text.substring(from)).toString();
    }
}
