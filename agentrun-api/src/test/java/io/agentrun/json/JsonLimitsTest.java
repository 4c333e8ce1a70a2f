package io.agentrun.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentrun.error.InvalidInputException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class JsonLimitsTest {

    private static final ObjectMapper HOST = new ObjectMapper();

    @Test
    void nul_and_lone_surrogates_are_refused_in_keys_and_strings_on_every_way_in() {
        String[] unfit = {"a\0b", "\ud83d", "\ude00x", "\ude00\ud83d", "x\ud83dy", "\ud83d\ud83d\ude00"};

        for (String bad : unfit) {
            assertRefusedEverywhere(bad, "v");
            assertRefusedEverywhere("k", bad);
        }
    }

    private static void assertRefusedEverywhere(String key, String value) {
        String text = "{" + escaped(key) + ":" + escaped(value) + "}";
        ObjectNode tree = JsonNodeFactory.instance.objectNode().put(key, value);
        assertRefused(() -> JsonObject.of(key, value));
        assertRefused(() -> JsonObject.of("a", 1, key, value));
        assertRefused(() -> JsonObject.from(Map.of(key, value)));
        assertRefused(() -> JsonObject.from(Map.of("list", List.of(Map.of(key, value)))));
        assertRefused(() -> JsonObject.from(tree));
        assertRefused(() -> JsonObject.parse(text));
        assertRefused(() -> JsonObject.fromBean(new HashMap<>(Map.of(key, value))));
        assertRefused(() -> JsonObject.empty().with(key, value));
        assertThatThrownBy(() -> HOST.readValue(text, JsonObject.class)).isInstanceOf(JacksonException.class);
    }

    private static String escaped(String s) {
        StringBuilder out = new StringBuilder("\"");
        s.chars().forEach(c -> out.append(String.format("\\u%04x", c)));
        return out.append('"').toString();
    }

    @Test
    void nesting_is_taken_up_to_64_levels_and_refused_beyond_on_every_way_in() {
        JsonObject deepest = JsonObject.parse(nested(64));

        assertThat(deepest.content().content().height).isEqualTo(64);
        assertThat(JsonObject.from(deepest.toMap())).isEqualTo(deepest);
        assertThat(JsonObject.from(deepest.toJsonNode())).isEqualTo(deepest);
        assertThat(JsonObject.of("k", deepest.object("o").orElseThrow()).content().height)
                .isEqualTo(64);
        assertRefused(() -> JsonObject.parse(nested(65)));
        assertRefused(() -> JsonObject.parse(nested(100_000)));
        assertRefused(() -> JsonObject.of("k", deepest));
        assertRefused(() -> JsonObject.of("k", deepest.toMap()));
        assertRefused(() -> JsonObject.of("k", deepest.toJsonNode()));
        assertRefused(() -> JsonObject.of("k", List.of(deepest.object("o").orElseThrow())));
        assertRefused(() -> JsonObject.empty().with("k", deepest));
    }

    private static String nested(int levels) {
        return "{\"o\":".repeat(levels - 1) + "{}" + "}".repeat(levels - 1);
    }

    @Test
    void text_is_taken_up_to_4_mib_of_utf_8_and_refused_beyond_on_every_way_in() {
        int room = JsonObject.MAX_BYTES - "{'k':''}".length();
        String fits = "x".repeat(room - 3) + "\u20ac";
        String tooMuch = fits + "x";

        JsonObject largest = JsonObject.of("k", fits);

        assertThat(largest.sizeInBytes()).isEqualTo(JsonObject.MAX_BYTES);
        assertThat(JsonObject.parse(largest.toJson())).isEqualTo(largest);
        assertRefused(() -> JsonObject.of("k", tooMuch));
        assertRefused(() -> JsonObject.from(Map.of("k", tooMuch)));
        assertRefused(() -> JsonObject.parse("{\"k\":\"" + tooMuch + "\"}"));
        assertRefused(() -> JsonObject.empty().with("k", tooMuch));
        assertRefused(() -> largest.with("l", 1));
        assertRefused(() -> JsonObject.of("o", largest));
        assertRefused(() -> JsonObject.of("\n".repeat(JsonObject.MAX_BYTES / 2), 1));
    }

    @Test
    void white_space_does_not_count() {
        String text = "{" + " ".repeat(JsonObject.MAX_BYTES) + "}";

        JsonObject object = JsonObject.parse(text);

        assertThat(object).isEqualTo(JsonObject.empty());
    }

    @Test
    void a_map_inside_itself_and_a_part_used_very_often_are_refused_quickly() {
        Map<String, Object> circle = new HashMap<>();
        circle.put("self", circle);
        List<Object> doubling = List.of();
        for (int i = 0; i < 60; i++) {
            doubling = List.of(doubling, doubling);
        }
        List<Object> huge = doubling;

        assertRefused(() -> JsonObject.from(circle));
        assertRefused(() -> JsonObject.of("k", huge));
    }

    @Test
    void a_key_twice_is_refused() {
        Map<Object, Object> many = new LinkedHashMap<>();
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < 50; i++) {
            text.append("\"k").append(i).append("\":0,");
            many.put("k" + i, 0);
        }

        assertRefused(() -> JsonObject.parse("{\"a\":1,\"b\":2,\"\\u0061\":1}"));
        assertRefused(() -> JsonObject.parse("{\"o\":{\"a\":1,\"a\":2}}"));
        assertRefused(() -> JsonObject.of("a", 1, "a", 1));
        assertRefused(() -> JsonObject.parse(text + "\"k7\":1}"));
        assertThat(JsonObject.parse(text + "\"l\":1}").keys()).hasSize(many.size() + 1);
    }

    @Test
    void text_that_is_not_exactly_one_object_is_refused_without_quoting_it() {
        List<String> texts = new ArrayList<>(List.of(
                "", " ", "[]", "1", "null", "\"s\"", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}"));
        texts.addAll(
                List.of("{} {}", "{}x", "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":1.}"));
        texts.addAll(
                List.of("{\"a\":[1}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "{/**/}", "\ufeff{}", "{\"a\":hunter2}"));

        for (String text : texts) {
            assertRefused(() -> JsonObject.parse(text)).hasMessageNotContaining("hunter2");
        }
    }

    @Test
    void a_number_that_no_store_could_keep_is_refused_on_every_way_in() {
        BigDecimal million = new BigDecimal("1e1000000");

        assertRefused(() -> JsonObject.parse("{\"n\":1e1000000}"));
        assertRefused(() -> JsonObject.parse("{\"n\":-1e-1000000}"));
        assertRefused(() -> JsonObject.parse("{\"n\":1e99999999999}"));
        assertRefused(() -> JsonObject.parse("{\"n\":1e2147483647}"));
        assertRefused(() -> JsonObject.parse("{\"n\":10e-2147483647}"));
        assertRefused(() -> JsonObject.parse("{\"n\":" + "9".repeat(1001) + "}"));
        assertRefused(() -> JsonObject.of("n", million));
        assertRefused(() -> JsonObject.of("n", BigInteger.ONE.shiftLeft(1_000_000)));
        assertRefused(() -> JsonObject.of("n", BigDecimal.ONE.movePointLeft(999)));
        assertRefused(
                () -> JsonObject.from(JsonNodeFactory.instance.objectNode().put("n", million)));
        assertRefused(() -> JsonObject.fromBean(Map.of("n", List.of(million))));
        assertRefused(() -> JsonObject.of("n", Double.NaN));
        assertRefused(() -> JsonObject.of("n", Float.NEGATIVE_INFINITY));
        assertRefused(
                () -> JsonObject.from(JsonNodeFactory.instance.objectNode().put("n", Double.NaN)));
        assertThatThrownBy(() -> HOST.readValue("{\"n\":1e1000000}", JsonObject.class))
                .isInstanceOf(JsonMappingException.class);
    }

    @Test
    void a_number_of_1000_characters_is_kept() {
        BigInteger large = BigInteger.TEN.pow(1000).subtract(BigInteger.ONE);
        BigDecimal small = BigDecimal.ONE.movePointLeft(998);

        JsonObject object = JsonObject.of("large", large, "small", small);

        assertThat(object.number("large")).contains(new BigDecimal(large));
        assertThat(object.number("small")).contains(small);
        assertThat(JsonObject.parse(object.toJson())).isEqualTo(object);
    }

    @Test
    void a_value_that_json_does_not_know_is_refused_with_its_type() {
        assertRefused(() -> JsonObject.of("k", UUID.randomUUID())).hasMessageContaining("java.util.UUID");
        assertRefused(() -> JsonObject.from(Map.of("k", Map.of(1, 2)))).hasMessageContaining("key");
        assertRefused(() -> JsonObject.from(JsonNodeFactory.instance.arrayNode()));
        assertRefused(() -> JsonObject.from(JsonNodeFactory.instance.missingNode()));
    }

    static AbstractThrowableAssert<?, ?> assertRefused(ThrowingCallable call) {
        return assertThatThrownBy(call)
                .isInstanceOf(InvalidInputException.class)
                .hasNoCause()
                .hasFieldOrPropertyWithValue("field", "json");
    }
}
