package io.agentrun.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.agentrun.error.StoreUnavailableException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.CharBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonObjectTest {

    private static final ObjectMapper HOST = new ObjectMapper();

    @Test
    void the_canonical_text_is_stable() {
        JsonObject object = JsonObject.parse("""
                { "b" : [1.50, {"y": null, "x": true}, [], {}], "a\\u0041\\/": "q\\"\\\\\\u0001\\n\\u007f\\u20ac\\ud83d\\ude00",
                  "" : -0.0, "big": 12345678901234567890123, "small": 1e-7 }\
                """);

        String text = object.toJson();

        assertThat(text)
                .isEqualTo("{\"\":0,\"aA/\":\"q\\\"\\\\\\u0001\\n\u007f\u20ac\ud83d\ude00\","
                        + "\"b\":[1.5,{\"x\":true,\"y\":null},[],{}],"
                        + "\"big\":12345678901234567890123,\"small\":0.0000001}");
        assertThat(object).hasToString("JsonObject[5 keys, " + object.sizeInBytes() + " bytes]");
        assertThat(ContentHash.of(object))
                .isEqualTo("v1:721d5c64e2dcc3d05937781cc082316d7eb2c54052361f25acb622048288ece4");
    }

    @Test
    void the_hash_is_the_sha_256_of_the_canonical_text() {
        JsonObject empty = JsonObject.empty();

        String hash = ContentHash.of(empty);

        assertThat(hash).isEqualTo("v1:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    @Test
    void keys_are_in_code_point_order_not_in_the_order_of_their_utf_16_units() {
        JsonObject object = JsonObject.of("\ud83d\ude00", 4, "\uffee", 3, "b", 2, "ab", 1, "a", 0);

        assertThat(object.keys()).containsExactly("a", "ab", "b", "\uffee", "\ud83d\ude00");
        assertThat(object.toMap().values()).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void many_keys_are_sorted_too() {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 99; i >= 10; i--) {
            map.put("k" + i, i);
        }

        JsonObject object = JsonObject.from(map);

        assertThat(List.copyOf(object.keys())).isSorted().hasSize(90);
        assertThat(object.number("k42")).contains(BigDecimal.valueOf(42));
    }

    @Test
    void numbers_of_equal_value_are_equal_however_they_are_written_or_typed() {
        Object[] ones = {
            1, 1L, (short) 1, (byte) 1, 1.0, 1.0f, BigInteger.ONE, new BigDecimal("1.000"), new BigDecimal("10e-1")
        };

        for (Object one : ones) {
            assertSame(JsonObject.of("n", one), "{\"n\":1}");
        }
        for (String one : List.of("1", "1.0", "1e0", "10e-1", "0.1E+1", "1.00000")) {
            assertSame(JsonObject.parse("{\"n\":" + one + "}"), "{\"n\":1}");
        }
        for (String zero : List.of("0", "-0", "0.0", "-0.0", "0e5", "0e-5")) {
            assertSame(JsonObject.parse("{\"n\":" + zero + "}"), "{\"n\":0}");
        }
        assertSame(JsonObject.of("n", -0.0), "{\"n\":0}");
        assertSame(JsonObject.of("n", 0.1f), "{\"n\":0.1}");
        assertSame(JsonObject.of("n", 0.1), "{\"n\":0.1}");
        assertSame(JsonObject.parse("{\"n\":1e20}"), "{\"n\":100000000000000000000}");
        assertSame(JsonObject.of("n", new BigInteger("100000000000000000000")), "{\"n\":100000000000000000000}");
        assertThat(JsonObject.of("n", 1)).isNotEqualTo(JsonObject.of("n", "1")).isNotEqualTo(JsonObject.of("n", 2));
    }

    @Test
    void the_ends_of_the_ranges_of_java_numbers_are_kept_exactly() {
        Object[] ends = {
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            new BigInteger("9223372036854775808"),
            new BigInteger("-9223372036854775809"),
            Double.MAX_VALUE,
            Double.MIN_VALUE,
            -Double.MAX_VALUE,
            9_999_999_999L,
            -10L
        };

        for (Object end : ends) {
            JsonObject object = JsonObject.of("n", end);

            assertThat(object.number("n").orElseThrow()).isEqualByComparingTo(new BigDecimal(end.toString()));
            assertThat(JsonObject.parse(object.toJson())).isEqualTo(object);
            assertThat(object.toJson()).hasSize(object.sizeInBytes()).doesNotContainIgnoringCase("e");
        }
    }

    @Test
    void all_ways_in_make_the_same_object() {
        String text = "{\"a\":[1,null,\"x\"],\"b\":{\"c\":2.5},\"d\":false}";
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("d", false);
        map.put("b", Map.of("c", 2.5));
        map.put("a", Arrays.asList(1, null, CharBuffer.wrap("x")));

        JsonObject parsed = JsonObject.parse(text);

        assertSame(JsonObject.from(map), text);
        assertSame(JsonObject.from(parsed.toJsonNode()), text);
        assertSame(
                JsonObject.fromBean(new Bean(Arrays.asList(1, null), Map.of("c", 2.5f), false))
                        .with("a", Arrays.asList(1, null, "x")),
                text);
        assertSame(
                JsonObject.of("b", JsonObject.of("c", 2.5), "a", new @Nullable Object[] {1, null, "x"}, "d", false),
                text);
        assertSame(
                JsonObject.of("a", List.of(1))
                        .with("a", Arrays.asList(1, null, "x"))
                        .with("d", false)
                        .with("b", JsonNodeFactory.instance.objectNode().put("c", 2.5)),
                text);
        assertSame(parsed, text);
    }

    @Test
    void a_bean_comes_back_as_it_went_in_and_unknown_keys_are_passed_over() {
        Bean bean = new Bean(List.of(1), Map.of("c", 2.5f), true);

        Bean read = JsonObject.fromBean(bean).with("unknown", 1).to(Bean.class);

        assertThat(read).isEqualTo(bean);
    }

    @Test
    void content_that_does_not_fit_the_type_is_refused_without_quoting_it() {
        JsonObject object = JsonObject.of("a", List.of(1), "b", Map.of("c", "hunter2"));

        assertRefused(() -> object.to(Bean.class)).hasMessageContaining("b.c").hasMessageNotContaining("hunter2");
        assertRefused(() -> JsonObject.fromBean(List.of("hunter2"))).hasMessageNotContaining("hunter2");
        assertRefused(() -> JsonObject.fromBean(new Object())).hasMessageContaining("java.lang.Object");
    }

    @Test
    void the_hosts_own_mapper_writes_and_reads_it_as_plain_json() throws Exception {
        Wrapper wrapper = new Wrapper("r", JsonObject.of("n", 1e20, "d", 0.5, "l", List.of(true, "s", Map.of())));

        String text = HOST.writeValueAsString(wrapper);
        Wrapper read = HOST.readValue(text, Wrapper.class);

        assertThat(text)
                .isEqualTo("{\"id\":\"r\",\"payload\":{\"d\":0.5,\"l\":[true,\"s\",{}],\"n\":100000000000000000000}}");
        assertThat(read).isEqualTo(wrapper);
        assertThat(HOST.convertValue(wrapper, Wrapper.class)).isEqualTo(wrapper);
        assertThat(HOST.treeToValue(HOST.valueToTree(wrapper), Wrapper.class)).isEqualTo(wrapper);
    }

    @Test
    void typed_reads_are_empty_for_absent_null_and_other_types() {
        JsonObject object =
                JsonObject.parse("{\"s\":\"x\",\"n\":1.50,\"b\":true,\"o\":{\"k\":1},\"l\":[1],\"z\":null}");

        assertThat(object.string("s")).contains("x");
        assertThat(object.number("n")).contains(new BigDecimal("1.5"));
        assertThat(object.bool("b")).contains(true);
        assertThat(object.object("o")).contains(JsonObject.of("k", 1));
        assertThat(object.list("l")).contains(List.of(1L));
        assertThat(object.has("z")).isTrue();
        assertThat(object.has("absent")).isFalse();
        for (String other : List.of("z", "absent")) {
            assertThat(object.string(other)).isEmpty();
            assertThat(object.number(other)).isEmpty();
            assertThat(object.bool(other)).isEmpty();
            assertThat(object.object(other)).isEmpty();
            assertThat(object.list(other)).isEmpty();
        }
        assertThat(object.string("n")).isEmpty();
        assertThat(object.object("l")).isEmpty();
        assertThat(object.isEmpty()).isFalse();
        assertThat(JsonObject.empty().isEmpty()).isTrue();
    }

    @Test
    void a_change_makes_a_copy_and_leaves_the_original() {
        JsonObject object = JsonObject.of("b", 1, "d", 2);

        assertSame(object.with("a", 0), "{\"a\":0,\"b\":1,\"d\":2}");
        assertSame(object.with("c", "x"), "{\"b\":1,\"c\":\"x\",\"d\":2}");
        assertSame(object.with("e", List.of()), "{\"b\":1,\"d\":2,\"e\":[]}");
        assertSame(object.with("b", null), "{\"b\":null,\"d\":2}");
        assertSame(object.without("b"), "{\"d\":2}");
        assertSame(object.without("d").without("b"), "{}");
        assertThat(object.without("a")).isSameAs(object);
        assertSame(object, "{\"b\":1,\"d\":2}");
    }

    @Test
    void what_is_given_in_and_what_is_read_back_cannot_change_it() {
        Map<String, Object> inner = new LinkedHashMap<>(Map.of("k", 1));
        Object[] array = {1};
        JsonObject object = JsonObject.of("m", inner, "a", array);

        inner.put("k", 2);
        array[0] = 2;
        ((com.fasterxml.jackson.databind.node.ObjectNode) object.toJsonNode()).put("x", 1);

        assertSame(object, "{\"a\":[1],\"m\":{\"k\":1}}");
        assertThat(object.toMap()).isUnmodifiable();
        assertThat(object.keys()).isUnmodifiable();
        assertThat(object.list("a").orElseThrow()).isUnmodifiable();
    }

    @Test
    void a_null_key_is_never_taken() {
        JsonObject object = JsonObject.of("a", 1);
        Map<@Nullable String, Object> map = new LinkedHashMap<>();
        map.put(null, 1);

        assertRefused(() -> JsonObject.of("m", map));
        assertThatNullPointerException().isThrownBy(() -> object.with(nothing(), 1));
    }

    @Test
    void a_stored_object_is_the_parsed_one() {
        String text = "{ \"b\" : [1.50, {\"x\": true}], \"a\": \"s\", \"z\": null, \"o\": {\"k\": 1} }";
        JsonObject parsed = JsonObject.parse(text);

        assertThat(JsonObject.stored(text)).isEqualTo(parsed).hasSameHashCodeAs(parsed);
        assertThat(parsed).isEqualTo(JsonObject.stored(text));
        assertThat(JsonObject.stored(text).hashCode()).isEqualTo(parsed.hashCode());
        assertThat(JsonObject.stored(text).toJson()).isEqualTo(parsed.toJson());
        assertThat(JsonObject.stored(text)).hasToString("JsonObject[stored]");
        assertThat(JsonObject.stored(text).sizeInBytes()).isEqualTo(parsed.sizeInBytes());
        assertThat(JsonObject.stored(text).keys()).isEqualTo(parsed.keys());
        assertThat(JsonObject.stored(text).toMap()).isEqualTo(parsed.toMap());
        assertThat(JsonObject.stored(text).toJsonNode()).isEqualTo(parsed.toJsonNode());
        assertThat(JsonObject.stored(text).string("a")).contains("s");
        assertThat(JsonObject.stored(text).with("a", 1).without("b"))
                .isEqualTo(JsonObject.of("a", 1, "z", null).with("o", JsonObject.of("k", 1)));
        assertThat(JsonObject.of("in", JsonObject.stored(text))).isEqualTo(JsonObject.of("in", parsed));
        assertThat(ContentHash.of(JsonObject.stored(text))).isEqualTo(ContentHash.of(parsed));
        assertThat(JsonObject.stored("{}")).isEqualTo(JsonObject.empty());
        assertThat(JsonObject.stored(text)).isNotEqualTo(JsonObject.empty());
    }

    @Test
    void a_stored_object_is_read_when_its_content_is_asked_for_and_not_before() {
        JsonObject broken = JsonObject.stored("{\"token\": hunter2");

        Wrapper holder = new Wrapper("r", broken);
        List<JsonObject> passedOn = List.of(holder.payload());

        assertThat(broken.equals(passedOn.get(0))).isTrue();
        List<ThrowingCallable> uses = List.of(
                broken::toJson,
                broken::sizeInBytes,
                broken::keys,
                broken::isEmpty,
                broken::hashCode,
                broken::toMap,
                broken::toJsonNode,
                () -> broken.has("token"),
                () -> broken.string("token"),
                () -> broken.with("k", 1),
                () -> broken.without("token"),
                () -> broken.equals(JsonObject.empty()),
                () -> JsonObject.empty().equals(broken),
                () -> JsonObject.of("in", broken));
        for (ThrowingCallable use : uses) {
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(use)
                    .returns(StoreUnavailableException.Reason.CORRUPT, StoreUnavailableException::reason)
                    .returns(false, StoreUnavailableException::retryable)
                    .satisfies(refusal -> assertThat(refusal).hasStackTraceContaining("line 1"))
                    .satisfies(refusal ->
                            assertThat(refusal.toString() + refusal.getCause()).doesNotContain("hunter2"));
        }
    }

    @Test
    void threads_that_read_a_stored_object_at_once_see_one_content() throws Exception {
        String text = "{\"a\":[1,2,3],\"b\":{\"c\":\"d\"}}";
        JsonObject parsed = JsonObject.parse(text);
        int threads = 4;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 200; round++) {
                JsonObject stored = JsonObject.stored(text);
                CyclicBarrier start = new CyclicBarrier(threads);
                List<Callable<Boolean>> readers = Collections.nCopies(threads, () -> {
                    start.await();
                    return stored.equals(parsed) && stored.toJson().equals(text);
                });

                for (Future<Boolean> reader : pool.invokeAll(readers)) {
                    assertThat(reader.get()).isTrue();
                }
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @SuppressWarnings("NullAway") // What a caller without a null checker can do.
    private static String nothing() {
        return null;
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertRefused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return JsonLimitsTest.assertRefused(call);
    }

    private static void assertSame(JsonObject object, String text) {
        JsonObject parsed = JsonObject.parse(text);
        assertThat(object.toJson()).isEqualTo(text);
        assertThat(object).isEqualTo(parsed).hasSameHashCodeAs(parsed);
        assertThat(object.content().content().height).isEqualTo(parsed.content().content().height);
        assertThat(object.sizeInBytes()).isEqualTo(text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length);
    }

    record Bean(List<@Nullable Integer> a, Map<String, Float> b, boolean d) {}

    record Wrapper(String id, JsonObject payload) {}
}
