package io.agentrun.json;

import org.jspecify.annotations.Nullable;

/**
 * The canonical content of a {@link JsonObject}.
 *
 * <p>Immutable: its fields are final, so that it may be published without a lock.
 */
final class JsonContent implements JsonSource {

    // Sorted, and each value beside its key: String, Boolean, Long, BigDecimal, JsonObject, JsonArray, or null.
    final String[] keys;
    final @Nullable Object[] values;

    /** Size of the canonical text in UTF-8. */
    final int bytes;

    /** Levels from here down: 1 if no value is an object or an array. */
    final int height;

    /** The caller has sorted, measured and checked, and gives the arrays away. */
    JsonContent(String[] keys, @Nullable Object[] values, int bytes, int height) {
        this.keys = keys;
        this.values = values;
        this.bytes = bytes;
        this.height = height;
    }

    @Override
    public int sizeAtMost() {
        return bytes;
    }

    @Override
    public JsonContent content() {
        return this;
    }

    @Nullable
    Object value(String key) {
        int at = KeyOrder.indexOf(keys, key);
        return at < 0 ? null : values[at];
    }
}
