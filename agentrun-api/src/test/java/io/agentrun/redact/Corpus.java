package io.agentrun.redact;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the corpora in {@code src/test/resources/redaction} and expands their placeholders, which the head of each file
 * explains: no line of a file looks like a token, and every expanded one does.
 */
public final class Corpus {

    private static final String DIGITS = "0123456789";
    private static final String LOWER = "abcdefghijklmnopqrstuvwxyz";
    private static final String UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final Pattern SIMPLE = Pattern.compile("\\{(an|hex|up|low|b32|b64|b64url|dig|pw):(\\d+)}|\\{uuid}");
    private static final Pattern WRAPPED = Pattern.compile("\\{(zw|fw|ansi|b64of):");

    /** One case: the text, and what must not be left of it. */
    public record Case(String template, String text, List<String> secrets) {

        /** Returns whether the case is a JSON object. */
        public boolean isObject() {
            return template.startsWith("JSON ");
        }
    }

    private Corpus() {}

    /** Reads the secrets. */
    public static List<Case> secrets() {
        return read("secrets.txt");
    }

    /** Reads the sets of secrets that were written without a look at the rules, in the order in which they were written. */
    public static List<List<Case>> unseenSecrets() {
        return List.of(
                read("secrets-2.txt"),
                read("secrets-3.txt"),
                read("secrets-4.txt"),
                read("secrets-5.txt"),
                read("secrets-6.txt"),
                read("secrets-7.txt"),
                read("secrets-8.txt"),
                read("secrets-9.txt"),
                read("secrets-10.txt"));
    }

    /** Reads the ordinary output. */
    public static List<Case> ordinary() {
        return read("ordinary.txt");
    }

    /** Reads the sets of ordinary output that were written without a look at the rules, in the order of their writing. */
    public static List<List<Case>> unseenOrdinary() {
        return List.of(
                read("ordinary-2.txt"),
                read("ordinary-3.txt"),
                read("ordinary-5.txt"),
                read("ordinary-6.txt"),
                read("ordinary-7.txt"),
                read("ordinary-8.txt"),
                read("ordinary-9.txt"),
                read("ordinary-10.txt"));
    }

    /** Reads all sets. */
    public static List<List<Case>> all() {
        List<List<Case>> all = new ArrayList<>(List.of(secrets(), ordinary()));
        all.addAll(unseenSecrets());
        all.addAll(unseenOrdinary());
        return all;
    }

    private static List<Case> read(String name) {
        List<Case> cases = new ArrayList<>();
        for (String line : lines(name)) {
            if (!line.startsWith("##") && !line.isEmpty()) {
                cases.add(expand(line, new Random(line.hashCode())));
            }
        }
        return cases;
    }

    private static List<String> lines(String name) {
        try {
            return Files.readAllLines(Path.of("src", "test", "resources", "redaction", name));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static Case expand(String template, Random random) {
        String simple = SIMPLE.matcher(template)
                .replaceAll(match -> Matcher.quoteReplacement(
                        match.group(1) == null
                                ? uuid(random)
                                : body(match.group(1), Integer.parseInt(match.group(2)), random)));
        String text = wrapped(simple).replace('⏎', '\n');
        List<String> secrets = new ArrayList<>();
        StringBuilder plain = new StringBuilder();
        int at = text.startsWith("JSON ") ? 5 : 0;
        for (int open = text.indexOf('«'); open >= 0; open = text.indexOf('«', at)) {
            int close = text.indexOf('»', open);
            String secret = text.substring(open + 1, close);
            plain.append(text, at, open).append(secret);
            secrets.add(secret);
            at = close + 1;
        }
        return new Case(template, plain.append(text.substring(at)).toString(), secrets);
    }

    private static String wrapped(String text) {
        String rest = text;
        for (Matcher matcher = WRAPPED.matcher(rest); matcher.find(); matcher = WRAPPED.matcher(rest)) {
            int depth = 1;
            int end = matcher.end();
            while (depth > 0) {
                char c = rest.charAt(end++);
                depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            }
            String inside = rest.substring(matcher.end(), end - 1);
            rest = rest.substring(0, matcher.start()) + disguised(matcher.group(1), inside) + rest.substring(end);
        }
        return rest;
    }

    private static String disguised(String how, String text) {
        StringBuilder out = new StringBuilder();
        switch (how) {
            case "zw" -> text.chars().forEach(c -> out.append((char) c).append(c % 3 == 0 ? "\u200b" : ""));
            case "fw" -> text.chars().forEach(c -> out.append((char) (c + 0xFEE0)));
            case "ansi" ->
                out.append("\u001b[1m")
                        .append(text, 0, 5)
                        .append("\u001b[0m\u001b[32m")
                        .append(text, 5, text.length());
            default -> out.append(Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
        }
        return out.toString();
    }

    private static String body(String kind, int length, Random random) {
        String alphabet = switch (kind) {
            case "hex" -> DIGITS + "abcdef";
            case "up" -> DIGITS + UPPER;
            case "low" -> DIGITS + LOWER;
            case "b32" -> "234567" + LOWER;
            case "b64" -> DIGITS + LOWER + UPPER + "+/";
            case "b64url" -> DIGITS + LOWER + UPPER + "-_";
            case "dig" -> DIGITS;
            case "pw" -> DIGITS + LOWER + UPPER + "!@#%^*_+~";
            default -> DIGITS + LOWER + UPPER;
        };
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < length; i++) {
            body.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        if (kind.equals("dig")) {
            body.setCharAt(0, '7');
        }
        return body.toString();
    }

    private static String uuid(Random random) {
        String hex = body("hex", 32, random);
        return hex.substring(0, 8) + "-" + hex.substring(8, 12) + "-4" + hex.substring(13, 16) + "-a"
                + hex.substring(17, 20) + "-" + hex.substring(20);
    }
}
