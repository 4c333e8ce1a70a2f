package io.agentrun.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.error.InvalidInputException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings Java values and Jackson trees into canonical form, in one pass, and counts bytes on the way, so that an
 * input that refers to itself, or to one part very often, is refused early. Not thread-safe: one thread at a time.
 */
final class Intake {

    /** Memory set aside on the word of somebody's {@code size()}. */
    private static final int BELIEVED_SIZE = 1 << 16;

    private static final @Nullable Object[] NO_ITEMS = new Object[0];

    /** How deep the JSON parser goes. */
    private static final int PARSED_DEPTH = 1_000;

    long bytes;

    private final int maxDepth;
    private final long maxBytes;

    Intake() {
        this(JsonObject.MAX_DEPTH, JsonObject.MAX_BYTES);
    }

    private Intake(int maxDepth, long maxBytes) {
        this.maxDepth = maxDepth;
        this.maxBytes = maxBytes;
    }

    /** Returns an intake of what a store has kept, which another program may have written without our limits. */
    static Intake ofStored() {
        return new Intake(PARSED_DEPTH, Integer.MAX_VALUE);
    }

    /** Returns an object of alternating keys and values. */
    JsonObject object(@Nullable Object[] pairs) {
        enter(1);
        int count = pairs.length / 2;
        String[] keys = new String[count];
        @Nullable Object[] values = new Object[count];
        for (int i = 0; i < count; i++) {
            keys[i] = key(pairs[2 * i]);
            values[i] = value(pairs[2 * i + 1], 1);
            separate(i);
        }
        return sorted(keys, values, 0);
    }

    JsonObject object(Map<?, ? extends @Nullable Object> map, int depth) {
        long before = bytes;
        enter(depth);
        Fields fields = new Fields(map.size());
        for (Map.Entry<?, ? extends @Nullable Object> entry : map.entrySet()) {
            String key = key(entry.getKey());
            fields.add(key, value(entry.getValue(), depth));
            separate(fields.count - 1);
        }
        return fields.build(before);
    }

    /**
     * Returns the canonical form of any value.
     *
     * @param depth the level of the object or array that holds it
     */
    @Nullable
    Object value(@Nullable Object value, int depth) {
        if (value instanceof String s) {
            take(measured(s, "a string"));
            return s;
        }
        if (value == null || value instanceof Boolean) {
            take(Boolean.FALSE.equals(value) ? 5 : 4);
            return value;
        }
        if (value instanceof Number number) {
            Object canonical = Numbers.canonical(number);
            take(JsonText.measureValue(canonical));
            return canonical;
        }
        if (value instanceof JsonObject object) {
            if (depth + object.content().height > JsonObject.MAX_DEPTH) {
                throw tooDeep();
            }
            take(object.content().bytes);
            return object;
        }
        if (value instanceof Map<?, ?> map) {
            return object(map, depth + 1);
        }
        if (value instanceof Collection<?> collection) {
            return array(collection.iterator(), collection.size(), depth + 1);
        }
        if (value instanceof JsonNode node) {
            return node(node, depth);
        }
        if (value instanceof @Nullable Object[] array) {
            return array(Arrays.asList(array).iterator(), array.length, depth + 1);
        }
        if (value instanceof CharSequence text) {
            return value(text.toString(), depth);
        }
        throw refused(
                "holds a value of a type that is not JSON, " + value.getClass().getName());
    }

    private @Nullable Object node(JsonNode node, int depth) {
        switch (node.getNodeType()) {
            case OBJECT -> {
                long before = bytes;
                enter(depth + 1);
                Fields fields = new Fields(node.size());
                for (Map.Entry<String, JsonNode> entry : node.properties()) {
                    String key = key(entry.getKey());
                    fields.add(key, value(entry.getValue(), depth + 1));
                    separate(fields.count - 1);
                }
                return fields.build(before);
            }
            case ARRAY -> {
                return array(node.elements(), node.size(), depth + 1);
            }
            case STRING, BINARY -> {
                return value(node.asText(), depth);
            }
            case NUMBER -> {
                return value(node.numberValue(), depth);
            }
            case BOOLEAN -> {
                return value(node.booleanValue(), depth);
            }
            case NULL -> {
                return value(null, depth);
            }
            case MISSING, POJO -> throw refused("holds a tree node that is not JSON");
        }
        throw new IllegalStateException("unknown type of tree node");
    }

    JsonArray array(Iterator<? extends @Nullable Object> items, int expected, int depth) {
        long before = bytes;
        enter(depth);
        Items collected = new Items(expected);
        while (items.hasNext()) {
            collected.add(value(items.next(), depth));
            separate(collected.count - 1);
        }
        return collected.build(before);
    }

    void enter(int depth) {
        if (depth > maxDepth) {
            throw tooDeep();
        }
        take(2);
    }

    /** Counts the comma before every element but the first. */
    void separate(int index) {
        if (index > 0) {
            take(1);
        }
    }

    String key(@Nullable Object key) {
        if (key instanceof String s) {
            take(measured(s, "a key") + 1);
            return s;
        }
        throw refused("has a key that is not text");
    }

    private void take(long more) {
        bytes += more;
        if (bytes > maxBytes) {
            throw tooLarge();
        }
    }

    private static long measured(String s, String what) {
        long measure = JsonText.measure(s);
        if (measure == JsonText.HAS_NUL) {
            throw refused("has a NUL character in " + what);
        }
        if (measure == JsonText.HAS_LONE_SURROGATE) {
            throw refused("has a lone surrogate in " + what);
        }
        return measure;
    }

    private JsonObject sorted(String[] keys, @Nullable Object[] values, long before) {
        if (keys.length == 0) {
            return JsonObject.empty();
        }
        if (!KeyOrder.sort(keys, values)) {
            throw refused("has a key twice");
        }
        return new JsonObject(keys, values, (int) (bytes - before), height(values));
    }

    /** Returns an object of parts that are canonical and sorted already; measures it and checks the limits again. */
    static JsonObject assemble(String[] keys, @Nullable Object[] values) {
        if (keys.length == 0) {
            return JsonObject.empty();
        }
        long bytes = 1L + keys.length;
        for (int i = 0; i < keys.length; i++) {
            bytes += JsonText.measure(keys[i]) + 1 + JsonText.measureValue(values[i]);
        }
        int height = height(values);
        check(bytes, height);
        return new JsonObject(keys, values, (int) bytes, height);
    }

    /** Returns an array of parts that are canonical already; measures it and checks the limits again. */
    static JsonArray assemble(@Nullable Object[] items) {
        long bytes = 2L + Math.max(0, items.length - 1);
        for (Object item : items) {
            bytes += JsonText.measureValue(item);
        }
        int height = height(items);
        check(bytes, height);
        return new JsonArray(items, (int) bytes, height);
    }

    private static void check(long bytes, int height) {
        if (bytes > JsonObject.MAX_BYTES) {
            throw tooLarge();
        }
        if (height > JsonObject.MAX_DEPTH) {
            throw tooDeep();
        }
    }

    private static int height(@Nullable Object[] values) {
        int below = 0;
        for (Object value : values) {
            if (value instanceof JsonObject object) {
                below = Math.max(below, object.content().height);
            } else if (value instanceof JsonArray array) {
                below = Math.max(below, array.height);
            }
        }
        return below + 1;
    }

    static InvalidInputException refused(String message) {
        return new InvalidInputException("json", message);
    }

    private static InvalidInputException tooDeep() {
        return refused("is nested deeper than " + JsonObject.MAX_DEPTH);
    }

    private static InvalidInputException tooLarge() {
        return refused("is larger than " + JsonObject.MAX_BYTES + " bytes");
    }

    /** Collects the values of one array. Not thread-safe: one thread at a time. */
    final class Items {

        @Nullable
        Object[] values;

        int count;

        Items(int expected) {
            values = expected == 0 ? NO_ITEMS : new Object[Math.min(expected, BELIEVED_SIZE)];
        }

        void add(@Nullable Object value) {
            if (count == values.length) {
                values = Arrays.copyOf(values, Math.max(4, count * 2));
            }
            values[count++] = value;
        }

        JsonArray build(long before) {
            @Nullable Object[] exact = exact();
            return new JsonArray(exact, (int) (bytes - before), height(exact));
        }

        @Nullable
        Object[] exact() {
            return count == values.length ? values : Arrays.copyOf(values, count);
        }
    }

    /** Collects the keys and values of one object. Not thread-safe: one thread at a time. */
    final class Fields {

        private final Items values;
        private String[] keys;
        int count;

        Fields(int expected) {
            values = new Items(expected);
            keys = new String[values.values.length];
        }

        void add(String key, @Nullable Object value) {
            values.add(value);
            if (count == keys.length) {
                keys = Arrays.copyOf(keys, values.values.length);
            }
            keys[count++] = key;
        }

        JsonObject build(long before) {
            return sorted(count == keys.length ? keys : Arrays.copyOf(keys, count), values.exact(), before);
        }
    }
}
