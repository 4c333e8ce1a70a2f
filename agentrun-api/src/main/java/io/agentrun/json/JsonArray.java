package io.agentrun.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An array inside a {@link JsonObject}, in canonical form. Immutable. */
final class JsonArray {

    final @Nullable Object[] items;
    final int bytes;
    final int height;

    JsonArray(@Nullable Object[] items, int bytes, int height) {
        this.items = items;
        this.bytes = bytes;
        this.height = height;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (this == other) {
            return true;
        }
        return other instanceof JsonArray that && bytes == that.bytes && Arrays.equals(items, that.items);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(items);
    }
}
