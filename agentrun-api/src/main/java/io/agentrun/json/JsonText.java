package io.agentrun.json;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * The canonical text: no white space, only the escapes that JSON demands (the short ones where there are short ones),
 * numbers without an exponent.
 */
final class JsonText {

    /** What {@link #measure} answers for a NUL character. */
    static final int HAS_NUL = -1;

    /** What {@link #measure} answers for half a surrogate pair. */
    static final int HAS_LONE_SURROGATE = -2;

    private static final String HEX = "0123456789abcdef";

    private JsonText() {}

    /** Bytes of the quoted string in UTF-8, or a negative reason to refuse it. One pass. */
    static long measure(String s) {
        long bytes = 2L + s.length();
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c >= 0x80) {
                bytes += c < 0x800 ? 1 : 2;
                if (Character.isSurrogate(c)) {
                    if (!isPairAt(s, i)) {
                        return HAS_LONE_SURROGATE;
                    }
                    // Two characters make four bytes, of which the length above holds two.
                    i++;
                }
            } else if (c < 0x20) {
                if (c == 0) {
                    return HAS_NUL;
                }
                bytes += shortEscape(c) == 0 ? 5 : 1;
            } else if (c == '"' || c == '\\') {
                bytes++;
            }
        }
        return bytes;
    }

    private static boolean isPairAt(String s, int i) {
        return Character.isHighSurrogate(s.charAt(i))
                && i + 1 < s.length()
                && Character.isLowSurrogate(s.charAt(i + 1));
    }

    /** Bytes of a value that is already canonical. */
    static long measureValue(@Nullable Object value) {
        if (value instanceof String s) {
            return measure(s);
        }
        if (value instanceof JsonObject object) {
            return object.content().bytes;
        }
        if (value instanceof JsonArray array) {
            return array.bytes;
        }
        if (value instanceof Long number) {
            return Numbers.length(number);
        }
        if (value instanceof BigDecimal number) {
            return Numbers.length(number);
        }
        return Boolean.FALSE.equals(value) ? 5 : 4;
    }

    static String write(JsonObject object) {
        StringBuilder out = new StringBuilder(object.content().bytes);
        write(out, object);
        return out.toString();
    }

    private static void write(StringBuilder out, JsonObject object) {
        char separator = '{';
        JsonContent content = object.content();
        for (int i = 0; i < content.keys.length; i++) {
            out.append(separator);
            write(out, content.keys[i]);
            out.append(':');
            writeValue(out, content.values[i]);
            separator = ',';
        }
        out.append(content.keys.length == 0 ? "{}" : "}");
    }

    private static void write(StringBuilder out, JsonArray array) {
        out.append('[');
        for (int i = 0; i < array.items.length; i++) {
            if (i > 0) {
                out.append(',');
            }
            writeValue(out, array.items[i]);
        }
        out.append(']');
    }

    private static void writeValue(StringBuilder out, @Nullable Object value) {
        if (value instanceof String s) {
            write(out, s);
        } else if (value instanceof JsonObject object) {
            write(out, object);
        } else if (value instanceof JsonArray array) {
            write(out, array);
        } else if (value instanceof BigDecimal number) {
            out.append(number.toPlainString());
        } else {
            out.append(value);
        }
    }

    private static void write(StringBuilder out, String s) {
        out.append('"');
        int clean = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c < 0x20 || c == '"' || c == '\\') {
                out.append(s, clean, i);
                escape(out, c);
                clean = i + 1;
            }
        }
        out.append(s, clean, s.length()).append('"');
    }

    private static void escape(StringBuilder out, char c) {
        char escape = shortEscape(c);
        if (escape != 0) {
            out.append('\\').append(escape);
        } else {
            out.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
        }
    }

    private static char shortEscape(char c) {
        return switch (c) {
            case '"', '\\' -> c;
            case '\b' -> 'b';
            case '\f' -> 'f';
            case '\n' -> 'n';
            case '\r' -> 'r';
            case '\t' -> 't';
            default -> 0;
        };
    }
}
