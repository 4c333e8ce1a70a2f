package io.agentrun.k8s.kubectl;

import io.agentrun.error.InvalidInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An object of a server's answer, read leniently: what one object of a list holds must not keep the others from being
 * read. Objects and arrays under skipped keys and below 64 levels are passed over without being kept, a repeated key counts
 * once, and a NUL or half of a surrogate pair becomes U+FFFD.
 *
 * <p>Immutable.
 */
final class LenientJson {

    /** What only servers need and what may be large. */
    static final Set<String> MANAGED_FIELDS = Set.of("managedFields");

    private static final LenientJson EMPTY = new LenientJson(Map.of());

    private final Map<?, ?> map;

    private LenientJson(Map<?, ?> map) {
        this.map = map;
    }

    /**
     * Reads a text that is one JSON object.
     *
     * @param skipped the keys, at any depth, under which objects and arrays are passed over
     * @throws InvalidInputException when it is anything else
     */
    static LenientJson parse(String text, Set<String> skipped) {
        if (new Reader(text, skipped).document() instanceof Map<?, ?> map) {
            return new LenientJson(map);
        }
        throw new InvalidInputException("json", "must be an object");
    }

    /** Returns the object under the key; an empty one when there is none. */
    LenientJson child(String key) {
        return map.get(key) instanceof Map<?, ?> child ? new LenientJson(child) : EMPTY;
    }

    Optional<String> string(String key) {
        return map.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    OptionalLong number(String key) {
        return map.get(key) instanceof Number number ? OptionalLong.of(number.longValue()) : OptionalLong.empty();
    }

    boolean isTrue(String key) {
        return Boolean.TRUE.equals(map.get(key));
    }

    /** Returns the objects of the array under the key. */
    List<LenientJson> objects(String key) {
        List<LenientJson> objects = new ArrayList<>();
        if (map.get(key) instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof Map<?, ?> object) {
                    objects.add(new LenientJson(object));
                }
            }
        }
        return objects;
    }

    /** Returns the texts of the array under the key. */
    List<String> strings(String key) {
        List<String> strings = new ArrayList<>();
        if (map.get(key) instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof String text) {
                    strings.add(text);
                }
            }
        }
        return strings;
    }

    /** Returns the values of this object that are texts. */
    Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            if (key instanceof String name && value instanceof String text) {
                texts.put(name, text);
            }
        });
        return texts;
    }

    /** Reads one document. Not thread-safe: one thread at a time. */
    private static final class Reader {

        private static final int MAX_DEPTH = 64;

        private final String text;
        private final Set<String> skipped;
        private int at;

        Reader(String text, Set<String> skipped) {
            this.text = text;
            this.skipped = skipped;
        }

        @Nullable
        Object document() {
            Object value = value(1);
            space();
            if (at != text.length()) {
                throw bad();
            }
            return value;
        }

        private @Nullable Object value(int depth) {
            space();
            return switch (peek()) {
                case '{' -> depth > MAX_DEPTH ? passOver() : object(depth);
                case '[' -> depth > MAX_DEPTH ? passOver() : array(depth);
                case '"' -> string();
                default -> scalar();
            };
        }

        private Map<String, @Nullable Object> object(int depth) {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            at++;
            for (boolean first = true; !end('}', first); first = false) {
                space();
                String key = string();
                space();
                expect(':');
                space();
                if (skipped.contains(key) && (peek() == '{' || peek() == '[')) {
                    passOver();
                } else {
                    object.put(key, value(depth + 1));
                }
            }
            return object;
        }

        private List<@Nullable Object> array(int depth) {
            List<@Nullable Object> array = new ArrayList<>();
            at++;
            for (boolean first = true; !end(']', first); first = false) {
                array.add(value(depth + 1));
            }
            return array;
        }

        /** Returns whether the object or array ends here; takes the comma before its next item. */
        private boolean end(char close, boolean first) {
            space();
            if (peek() == close) {
                at++;
                return true;
            }
            if (!first) {
                expect(',');
            }
            return false;
        }

        /** Goes to the end of a value, however deep it is, and keeps nothing of it. */
        private @Nullable Object passOver() {
            space();
            int depth = 0;
            do {
                char c = peek();
                switch (c) {
                    case '"' -> string();
                    case '{', '[' -> {
                        depth++;
                        at++;
                    }
                    case '}', ']' -> {
                        depth--;
                        at++;
                    }
                    case ',', ':', ' ', '\t', '\n', '\r' -> at++;
                    default -> scalar();
                }
            } while (depth > 0);
            return null;
        }

        private String string() {
            expect('"');
            int from = at;
            while (peek() != '"' && peek() != '\\') {
                at++;
            }
            if (peek() == '"') {
                return clean(text.substring(from, at++));
            }
            StringBuilder out = new StringBuilder(text.substring(from, at));
            while (peek() != '"') {
                char c = text.charAt(at++);
                out.append(c == '\\' ? escaped() : c);
            }
            at++;
            return clean(out.toString());
        }

        private char escaped() {
            char c = peek();
            at++;
            return switch (c) {
                case 'n' -> '\n';
                case 't' -> '\t';
                case 'r' -> '\r';
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'u' -> unicode();
                case '"', '\\', '/' -> c;
                default -> throw bad();
            };
        }

        private char unicode() {
            if (at + 4 > text.length()) {
                throw bad();
            }
            int code = 0;
            for (int end = at + 4; at < end; at++) {
                int digit = Character.digit(text.charAt(at), 16);
                if (digit < 0) {
                    throw bad();
                }
                code = code * 16 + digit;
            }
            return (char) code;
        }

        private static String clean(String text) {
            StringBuilder out = null;
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (pair) {
                    i++;
                } else if (c == 0 || Character.isSurrogate(c)) {
                    out = out == null ? new StringBuilder(text) : out;
                    out.setCharAt(i, '\uFFFD');
                }
            }
            return out == null ? text : out.toString();
        }

        private @Nullable Object scalar() {
            int from = at;
            while (at < text.length() && inWord(text.charAt(at))) {
                at++;
            }
            String word = text.substring(from, at);
            return switch (word) {
                case "null" -> null;
                case "true" -> true;
                case "false" -> false;
                default -> number(word);
            };
        }

        private static boolean inWord(char c) {
            return Character.isLetterOrDigit(c) || c == '+' || c == '-' || c == '.';
        }

        private Double number(String word) {
            try {
                return Double.valueOf(word);
            } catch (NumberFormatException e) {
                throw bad();
            }
        }

        private void space() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private char peek() {
            if (at >= text.length()) {
                throw bad();
            }
            return text.charAt(at);
        }

        private void expect(char c) {
            if (peek() != c) {
                throw bad();
            }
            at++;
        }

        /** Says that it is not JSON, and nothing of what it holds. */
        private InvalidInputException bad() {
            return new InvalidInputException("json", "is not JSON at character " + at);
        }
    }
}
