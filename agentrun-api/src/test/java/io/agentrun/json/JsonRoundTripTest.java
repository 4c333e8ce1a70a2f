package io.agentrun.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The same laws for a few thousand random objects; a failure names its seed. */
class JsonRoundTripTest {

    private static final int OBJECTS = 3000;
    private static final ObjectMapper HOST = new ObjectMapper();

    @Test
    void every_object_comes_back_equal_from_every_form() throws Exception {
        for (int seed = 0; seed < OBJECTS; seed++) {
            JsonObject object = JsonObject.from(map(new Random(seed), 0));

            String text = object.toJson();

            assertThat(JsonObject.parse(text))
                    .as("seed %d", seed)
                    .isEqualTo(object)
                    .hasSameHashCodeAs(object);
            assertThat(JsonObject.parse(text).toJson()).as("seed %d", seed).isEqualTo(text);
            assertThat(JsonObject.from(object.toMap())).as("seed %d", seed).isEqualTo(object);
            assertThat(JsonObject.from(object.toJsonNode())).as("seed %d", seed).isEqualTo(object);
            assertThat(JsonObject.fromBean(object.toMap())).as("seed %d", seed).isEqualTo(object);
            assertThat(HOST.readValue(HOST.writeValueAsBytes(object), JsonObject.class))
                    .as("seed %d", seed)
                    .isEqualTo(object);
            assertThat(text.getBytes(StandardCharsets.UTF_8))
                    .as("seed %d", seed)
                    .hasSize(object.sizeInBytes());
        }
    }

    @Test
    void the_order_of_insertion_and_the_way_numbers_are_written_do_not_matter() {
        for (int seed = 0; seed < OBJECTS; seed++) {
            Random random = new Random(seed);
            Map<String, @Nullable Object> map = map(random, 0);
            JsonObject object = JsonObject.from(map);

            JsonObject shuffled = JsonObject.from(shuffled(map, random));

            assertThat(shuffled).as("seed %d", seed).isEqualTo(object).hasSameHashCodeAs(object);
            assertThat(ContentHash.of(shuffled)).as("seed %d", seed).isEqualTo(ContentHash.of(object));
        }
    }

    @Test
    void building_up_key_by_key_is_the_same_as_building_at_once() {
        for (int seed = 0; seed < OBJECTS; seed++) {
            Map<String, @Nullable Object> map = map(new Random(seed), 0);
            JsonObject object = JsonObject.empty();

            for (Map.Entry<String, @Nullable Object> entry : map.entrySet()) {
                object = object.with(entry.getKey(), 1).with(entry.getKey(), entry.getValue());
            }

            assertThat(object).as("seed %d", seed).isEqualTo(JsonObject.from(map));
            assertThat(object.sizeInBytes())
                    .as("seed %d", seed)
                    .isEqualTo(JsonObject.from(map).sizeInBytes());
            assertThat(object.content().content().height)
                    .as("seed %d", seed)
                    .isEqualTo(JsonObject.from(map).content().height);
        }
    }

    private static Map<String, @Nullable Object> shuffled(Map<String, @Nullable Object> map, Random random) {
        List<String> keys = new ArrayList<>(map.keySet());
        Collections.shuffle(keys, random);
        Map<String, @Nullable Object> shuffled = new LinkedHashMap<>();
        for (String key : keys) {
            shuffled.put(key, rewritten(map.get(key), random));
        }
        return shuffled;
    }

    private static @Nullable Object rewritten(@Nullable Object value, Random random) {
        if (value instanceof Integer || value instanceof Long || value instanceof BigInteger) {
            return new BigDecimal(value.toString()).setScale(random.nextInt(5));
        }
        if (value instanceof Double d) {
            return new BigDecimal(d.toString()).multiply(new BigDecimal("1.000"));
        }
        return value;
    }

    private static Map<String, @Nullable Object> map(Random random, int depth) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        int size = random.nextInt(random.nextInt(8) == 0 ? 40 : 6);
        for (int i = 0; i < size; i++) {
            map.put(string(random), value(random, depth));
        }
        return map;
    }

    private static @Nullable Object value(Random random, int depth) {
        return switch (random.nextInt(depth < 4 ? 11 : 8)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> random.nextInt(20) - 10;
            case 3 -> random.nextLong();
            case 4 -> new BigInteger(random.nextInt(200), random);
            case 5 -> new BigDecimal(new BigInteger(random.nextInt(100), random), random.nextInt(80) - 40);
            case 6 -> Double.longBitsToDouble(random.nextLong() & ~(1L << 62));
            case 7 -> string(random);
            case 8, 9 -> map(random, depth + 1);
            default -> list(random, depth + 1);
        };
    }

    private static List<@Nullable Object> list(Random random, int depth) {
        List<@Nullable Object> list = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            list.add(value(random, depth));
        }
        return list;
    }

    private static String string(Random random) {
        StringBuilder s = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            int codePoint = switch (random.nextInt(6)) {
                case 0 -> 1 + random.nextInt(0x7f);
                case 1 -> 0x80 + random.nextInt(0x780);
                case 2 -> 0xe000 + random.nextInt(0x2000);
                case 3 -> 0x10000 + random.nextInt(0x100000);
                default -> 'a' + random.nextInt(4);
            };
            s.appendCodePoint(codePoint);
        }
        return s.toString();
    }
}
