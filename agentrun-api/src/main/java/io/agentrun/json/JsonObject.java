package io.agentrun.json;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import io.agentrun.error.InvalidInputException;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object in canonical form: keys in code point order, numbers by value ({@code 1}, {@code 1.0} and {@code 1e0}
 * are one number), no white space. Equal contents are equal, whatever way each was made.
 *
 * <p>Every way of making one but {@link #stored} applies the same limits and throws {@link InvalidInputException} (field
 * {@code json}) for: a NUL character or a lone surrogate in a key or a string; nesting deeper than {@value #MAX_DEPTH} (the
 * object itself is level 1); canonical text over {@value #MAX_BYTES} bytes of UTF-8; a number that is not finite or needs
 * over {@value #MAX_NUMBER_LENGTH} characters when written without an exponent; the same key twice; a value that JSON does
 * not know. A JSON {@code null} is a value, and is kept.
 *
 * <p>Making one costs O(n log n) in the number of keys and O(n) in everything else; the text is written on first use
 * and kept. With Jackson 2 and 3 it reads and writes as the plain JSON object that it is. Jackson 3 reads it as it reads a
 * map: a number with a fraction is a {@code double} first unless the mapper has {@code USE_BIG_DECIMAL_FOR_FLOATS}, and of
 * the same key twice the last one counts; Jackson 2 keeps every digit and refuses the key. Immutable.
 */
// Jackson 2 uses these two; Jackson 3 does not see them, and uses the annotations of the members.
@JsonSerialize(using = JacksonBridge.Writer.class)
@JsonDeserialize(using = JacksonBridge.Reader.class)
@JsonAutoDetect(
        creatorVisibility = JsonAutoDetect.Visibility.NONE,
        fieldVisibility = JsonAutoDetect.Visibility.NONE,
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE,
        setterVisibility = JsonAutoDetect.Visibility.NONE)
public final class JsonObject {

    /** Levels of objects and arrays, the outermost object included. */
    public static final int MAX_DEPTH = 64;

    /** Bytes of the canonical text in UTF-8: 4 MiB. */
    public static final int MAX_BYTES = 4 * 1024 * 1024;

    /** Characters of one number in the canonical text, sign and point included; PostgreSQL and Jackson keep as much. */
    public static final int MAX_NUMBER_LENGTH = 1000;

    private static final JsonObject EMPTY = new JsonObject(new String[0], new Object[0], 2, 1);

    private final JsonSource source;

    // Written without a lock: every thread computes the same.
    private @Nullable String text;
    private int hash;

    /** The caller has sorted, measured and checked, and gives the arrays away. */
    JsonObject(String[] keys, @Nullable Object[] values, int bytes, int height) {
        this(new JsonContent(keys, values, bytes, height));
    }

    private JsonObject(JsonSource source) {
        this.source = source;
    }

    JsonContent content() {
        return source.content();
    }

    /** Returns the length of {@link #toJson()} in bytes of UTF-8, known without writing it. */
    public int sizeInBytes() {
        return content().bytes;
    }

    /**
     * Returns a number that {@link #sizeInBytes()} does not exceed. It is known at once: an object that a store has kept as a
     * text is not read for it.
     */
    public int sizeAtMost() {
        return source.sizeAtMost();
    }

    /** Returns the object without keys, {@code {}}. */
    public static JsonObject empty() {
        return EMPTY;
    }

    /**
     * Returns an object of one key.
     *
     * @param value what {@link #from(Map)} takes as a value
     * @throws InvalidInputException if a limit of this class is exceeded
     */
    public static JsonObject of(String key, @Nullable Object value) {
        return new Intake().object(new Object[] {key, value});
    }

    /**
     * Returns an object of two keys.
     *
     * @throws InvalidInputException if a limit of this class is exceeded, or the keys are equal
     */
    public static JsonObject of(String k1, @Nullable Object v1, String k2, @Nullable Object v2) {
        return new Intake().object(new Object[] {k1, v1, k2, v2});
    }

    /**
     * Returns an object of three keys.
     *
     * @throws InvalidInputException if a limit of this class is exceeded, or two keys are equal
     */
    public static JsonObject of(
            String k1, @Nullable Object v1, String k2, @Nullable Object v2, String k3, @Nullable Object v3) {
        return new Intake().object(new Object[] {k1, v1, k2, v2, k3, v3});
    }

    /**
     * Returns an object of four keys.
     *
     * @throws InvalidInputException if a limit of this class is exceeded, or two keys are equal
     */
    public static JsonObject of(
            String k1,
            @Nullable Object v1,
            String k2,
            @Nullable Object v2,
            String k3,
            @Nullable Object v3,
            String k4,
            @Nullable Object v4) {
        return new Intake().object(new Object[] {k1, v1, k2, v2, k3, v3, k4, v4});
    }

    /**
     * Returns an object of five keys.
     *
     * @throws InvalidInputException if a limit of this class is exceeded, or two keys are equal
     */
    public static JsonObject of(
            String k1,
            @Nullable Object v1,
            String k2,
            @Nullable Object v2,
            String k3,
            @Nullable Object v3,
            String k4,
            @Nullable Object v4,
            String k5,
            @Nullable Object v5) {
        return new Intake().object(new Object[] {k1, v1, k2, v2, k3, v3, k4, v4, k5, v5});
    }

    /**
     * Returns a copy of the map; later changes to the map do not show. Values are null, text, booleans, numbers, other
     * {@code JsonObject}s, Jackson trees, maps with text keys, collections and object arrays of these; anything else is
     * for {@link #fromBean(Object)}.
     *
     * @throws InvalidInputException if a limit of this class is exceeded, or a value is of another type
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static JsonObject from(Map<String, ? extends @Nullable Object> map) {
        return new Intake().object(map, 1);
    }

    /**
     * Returns a copy of the tree; later changes to the tree do not show.
     *
     * @throws InvalidInputException if a limit of this class is exceeded, or the tree is not an object
     */
    public static JsonObject from(JsonNode tree) {
        if (tree.isObject() && new Intake().value(tree, 0) instanceof JsonObject object) {
            return object;
        }
        throw Intake.refused("must be a JSON object");
    }

    /**
     * Returns the object that the text stands for.
     *
     * @throws InvalidInputException if a limit of this class is exceeded, or the text is not exactly one JSON object
     */
    public static JsonObject parse(String text) {
        return JacksonBridge.parse(text);
    }

    /**
     * Returns an object whose text a store has kept and that is read on first use. Audience: store authors.
     *
     * <p>The text is parsed once something asks for the content: any getter, {@link #equals}, {@link #hashCode} or
     * {@link #toJson()}. Until then the object may be passed on and kept in records. It is the same object as
     * {@link #parse} makes of the text: equal, with the same hash and canonical text; the limits of depth and size do not
     * hold for it.
     *
     * <p>If the text cannot be read, every call that asks for the content throws
     * {@link io.agentrun.error.StoreUnavailableException} with reason {@code CORRUPT}.
     */
    public static JsonObject stored(String json) {
        return new JsonObject(new StoredText(Objects.requireNonNull(json, "json")));
    }

    /**
     * Returns the text that a store keeps: of an object from {@link #stored} that nobody has looked into the kept text as it is,
     * which is not parsed for it, otherwise the canonical one. Audience: store authors.
     */
    public String storedText() {
        String unread = source instanceof StoredText kept ? kept.unread() : null;
        return unread == null ? toJson() : unread;
    }

    /**
     * Returns the object that Jackson, without any configuration or module of the host, writes for the bean or record.
     *
     * @throws InvalidInputException if a limit of this class is exceeded, or Jackson cannot write the bean or writes
     *     something else than an object
     */
    public static JsonObject fromBean(Object bean) {
        return bean instanceof JsonObject object ? object : from(JacksonBridge.toTree(bean));
    }

    /**
     * Returns a new read-only map in key order. Objects in it are such maps, arrays read-only lists; numbers are {@link Long}
     * if they are integral and fit, else {@link BigDecimal}.
     */
    public Map<String, @Nullable Object> toMap() {
        return JavaView.map(this);
    }

    /** Returns a new Jackson tree in key order, the caller's own to change. */
    public JsonNode toJsonNode() {
        return JacksonBridge.tree(this);
    }

    /** Returns the canonical text; the same for equal objects. */
    public String toJson() {
        String known = text;
        if (known == null) {
            known = JsonText.write(this);
            text = known;
        }
        return known;
    }

    /**
     * Returns a new bean or record that Jackson, without any configuration or module of the host, reads from this object.
     * Keys that the type does not know are passed over.
     *
     * @throws InvalidInputException if the content does not fit the type; the message says where, and quotes no value
     */
    public <T> T to(Class<T> type) {
        return JacksonBridge.read(this, type);
    }

    /** Returns the text at this key; empty if there is none, or if the value is something else. */
    public Optional<String> string(String key) {
        return value(key) instanceof String s ? Optional.of(s) : Optional.empty();
    }

    /** Returns the number at this key, without trailing zeros; empty if there is none, or if the value is something else. */
    public Optional<BigDecimal> number(String key) {
        Object value = value(key);
        if (value instanceof Long number) {
            return Optional.of(BigDecimal.valueOf(number));
        }
        return value instanceof BigDecimal number ? Optional.of(number) : Optional.empty();
    }

    /** Returns the boolean at this key; empty if there is none, or if the value is something else. */
    public Optional<Boolean> bool(String key) {
        return value(key) instanceof Boolean b ? Optional.of(b) : Optional.empty();
    }

    /** Returns the object at this key; empty if there is none, or if the value is something else. */
    public Optional<JsonObject> object(String key) {
        return value(key) instanceof JsonObject o ? Optional.of(o) : Optional.empty();
    }

    /** Returns the array at this key as a new read-only list, elements as in {@link #toMap()}; empty if there is none. */
    public Optional<List<@Nullable Object>> list(String key) {
        return value(key) instanceof JsonArray a ? Optional.of(JavaView.list(a)) : Optional.empty();
    }

    /** Returns true if the key is there, also with a JSON {@code null}. */
    public boolean has(String key) {
        return KeyOrder.indexOf(content().keys, key) >= 0;
    }

    /** What Jackson 3 writes: all keys, also those whose value is null, whatever the mapper leaves out elsewhere. */
    @JsonAnyGetter
    @JsonInclude(value = JsonInclude.Include.ALWAYS, content = JsonInclude.Include.ALWAYS)
    Map<String, @Nullable Object> members() {
        return JavaView.members(this);
    }

    /** Returns the keys in code point order, read-only. */
    public Set<String> keys() {
        return JavaView.keys(this);
    }

    /** Returns true if there is no key. */
    public boolean isEmpty() {
        return content().keys.length == 0;
    }

    /**
     * This object with the key set to the value, which is one that {@link #from(Map)} takes. Nested objects and arrays are
     * shared, not copied.
     *
     * @throws InvalidInputException if a limit of this class is exceeded
     */
    public JsonObject with(String key, @Nullable Object value) {
        Objects.requireNonNull(key, "key");
        JsonContent content = content();
        String[] keys = content.keys;
        @Nullable Object[] values = content.values;
        Intake intake = new Intake();
        Object canonical = intake.value(value, 1);
        int at = KeyOrder.indexOf(keys, key);
        if (at >= 0) {
            @Nullable Object[] changed = values.clone();
            changed[at] = canonical;
            return Intake.assemble(keys, changed);
        }
        intake.key(key);
        int insert = -at - 1;
        String[] moreKeys = Arrays.copyOf(keys, keys.length + 1);
        @Nullable Object[] moreValues = Arrays.copyOf(values, values.length + 1);
        System.arraycopy(keys, insert, moreKeys, insert + 1, keys.length - insert);
        System.arraycopy(values, insert, moreValues, insert + 1, values.length - insert);
        moreKeys[insert] = key;
        moreValues[insert] = canonical;
        return Intake.assemble(moreKeys, moreValues);
    }

    /** This object without the key; the same instance if it has no such key. */
    public JsonObject without(String key) {
        JsonContent content = content();
        String[] keys = content.keys;
        @Nullable Object[] values = content.values;
        int at = KeyOrder.indexOf(keys, key);
        if (at < 0) {
            return this;
        }
        String[] fewerKeys = Arrays.copyOf(keys, keys.length - 1);
        @Nullable Object[] fewerValues = Arrays.copyOf(values, values.length - 1);
        System.arraycopy(keys, at + 1, fewerKeys, at, fewerKeys.length - at);
        System.arraycopy(values, at + 1, fewerValues, at, fewerValues.length - at);
        return Intake.assemble(fewerKeys, fewerValues);
    }

    private @Nullable Object value(String key) {
        return content().value(key);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof JsonObject that)) {
            return false;
        }
        JsonContent mine = content();
        JsonContent theirs = that.content();
        return mine.bytes == theirs.bytes
                && Arrays.equals(mine.keys, theirs.keys)
                && Arrays.equals(mine.values, theirs.values);
    }

    @Override
    public int hashCode() {
        int known = hash;
        if (known == 0) {
            JsonContent content = content();
            known = 31 * Arrays.hashCode(content.keys) + Arrays.hashCode(content.values);
            hash = known;
        }
        return known;
    }

    /** Tells the sizes, for a log; the content is in {@link #toJson()}. */
    @Override
    public String toString() {
        if (!(source instanceof JsonContent known)) {
            // Reading it could fail, and cost more than a log is worth.
            return "JsonObject[stored]";
        }
        int keys = known.keys.length;
        return "JsonObject[" + keys + (keys == 1 ? " key, " : " keys, ") + known.bytes + " bytes]";
    }
}
