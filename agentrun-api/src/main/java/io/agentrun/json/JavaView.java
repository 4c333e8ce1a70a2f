package io.agentrun.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Canonical values as read-only maps and lists. */
final class JavaView {

    private JavaView() {}

    static Map<String, @Nullable Object> map(JsonObject object) {
        JsonContent content = object.content();
        Map<String, @Nullable Object> map = new LinkedHashMap<>(content.keys.length * 2);
        for (int i = 0; i < content.keys.length; i++) {
            map.put(content.keys[i], value(content.values[i]));
        }
        return Collections.unmodifiableMap(map);
    }

    static List<@Nullable Object> list(JsonArray array) {
        List<@Nullable Object> list = new ArrayList<>(array.items.length);
        for (Object item : array.items) {
            list.add(value(item));
        }
        return Collections.unmodifiableList(list);
    }

    /** The members as a mapper writes them: nested objects as they are, integral numbers as such. */
    static Map<String, @Nullable Object> members(JsonObject object) {
        JsonContent content = object.content();
        Map<String, @Nullable Object> map = new LinkedHashMap<>(content.keys.length * 2);
        for (int i = 0; i < content.keys.length; i++) {
            map.put(content.keys[i], member(content.values[i]));
        }
        return map;
    }

    private static @Nullable Object member(@Nullable Object value) {
        if (value instanceof JsonArray array) {
            List<@Nullable Object> list = new ArrayList<>(array.items.length);
            for (Object item : array.items) {
                list.add(member(item));
            }
            return list;
        }
        return value instanceof BigDecimal number && number.scale() <= 0 ? number.toBigInteger() : value;
    }

    static Set<String> keys(JsonObject object) {
        return Collections.unmodifiableSet(new LinkedHashSet<>(Arrays.asList(object.content().keys)));
    }

    private static @Nullable Object value(@Nullable Object value) {
        if (value instanceof JsonObject object) {
            return map(object);
        }
        return value instanceof JsonArray array ? list(array) : value;
    }
}
