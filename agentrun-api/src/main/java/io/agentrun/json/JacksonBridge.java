package io.agentrun.json;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.TypeDeserializer;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentrun.error.InvalidInputException;
import java.io.IOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Everything that knows Jackson: text, trees, beans, and the host's own mapper. Jackson's messages quote input. */
final class JacksonBridge {

    // Names are neither interned nor kept in a table: they are the host's users', without bound. Of the limits only
    // that of numbers is Jackson's to check; the others are counted by Intake.
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(JsonObject.MAX_NUMBER_LENGTH)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JacksonBridge() {}

    static JsonObject parse(String text) {
        return parse(new Intake(), text);
    }

    static JsonObject parse(Intake intake, String text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Intake.refused("must be a JSON object");
            }
            JsonObject object = object(intake, parser, 1);
            if (parser.nextToken() != null) {
                throw Intake.refused("has something after the JSON object");
            }
            return object;
        } catch (StreamConstraintsException e) {
            throw Numbers.tooLong();
        } catch (JacksonException e) {
            JsonLocation at = e.getLocation();
            String where = at == null ? "" : ", at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw Intake.refused("is not JSON" + where);
        } catch (IOException e) {
            throw Intake.refused("cannot be read");
        }
    }

    private static JsonObject object(Intake intake, JsonParser parser, int depth) throws IOException {
        long before = intake.bytes;
        intake.enter(depth);
        Intake.Fields fields = intake.new Fields(4);
        for (String name = firstName(parser); name != null; name = parser.nextFieldName()) {
            String key = intake.key(name);
            fields.add(key, value(intake, parser, parser.nextToken(), depth));
            intake.separate(fields.count - 1);
        }
        return fields.build(before);
    }

    /** Returns the first name; the parser stands at the start of the object, or at that name if the host's types looked inside. */
    private static @Nullable String firstName(JsonParser parser) throws IOException {
        return parser.currentToken() == JsonToken.START_OBJECT
                ? parser.nextFieldName()
                : parser.currentToken() == JsonToken.FIELD_NAME ? parser.currentName() : null;
    }

    private static @Nullable Object value(Intake intake, JsonParser parser, @Nullable JsonToken token, int depth)
            throws IOException {
        if (token == null) {
            throw Intake.refused("ends too early");
        }
        return switch (token) {
            case START_OBJECT -> object(intake, parser, depth + 1);
            case START_ARRAY -> array(intake, parser, depth + 1);
            case VALUE_STRING -> intake.value(parser.getText(), depth);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> intake.value(number(parser), depth);
            case VALUE_TRUE -> intake.value(true, depth);
            case VALUE_FALSE -> intake.value(false, depth);
            case VALUE_NULL -> intake.value(null, depth);
            case VALUE_EMBEDDED_OBJECT -> intake.value(parser.getEmbeddedObject(), depth);
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME -> throw Intake.refused("is not JSON");
        };
    }

    private static JsonArray array(Intake intake, JsonParser parser, int depth) throws IOException {
        long before = intake.bytes;
        intake.enter(depth);
        Intake.Items items = intake.new Items(4);
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            items.add(value(intake, parser, token, depth));
            intake.separate(items.count - 1);
        }
        return items.build(before);
    }

    private static Number number(JsonParser parser) throws IOException {
        if (parser.isNaN()) {
            throw Numbers.notFinite();
        }
        try {
            return switch (parser.getNumberType()) {
                case INT, LONG -> parser.getLongValue();
                case BIG_INTEGER -> parser.getBigIntegerValue();
                case FLOAT -> parser.getFloatValue();
                case DOUBLE, BIG_DECIMAL -> parser.getDecimalValue();
            };
        } catch (ArithmeticException | NumberFormatException e) {
            // The exponent does not fit an int.
            throw Numbers.tooLong();
        }
    }

    static JsonNode toTree(Object bean) {
        try {
            return MAPPER.valueToTree(bean);
        } catch (IllegalArgumentException e) {
            throw unwritten(bean, e.getCause());
        }
    }

    static String text(Object bean) {
        try {
            return MAPPER.writeValueAsString(bean);
        } catch (JacksonException e) {
            throw unwritten(bean, e);
        }
    }

    static <T> T readText(String text, Class<T> type) {
        T read;
        try {
            read = MAPPER.readValue(text, type);
        } catch (JacksonException e) {
            throw unread(type, e);
        }
        if (read == null) {
            throw unread(type, null);
        }
        return read;
    }

    private static InvalidInputException unread(Class<?> type, @Nullable Exception cause) {
        return Intake.refused("cannot be read by Jackson as " + type.getName() + path(cause));
    }

    private static InvalidInputException unwritten(Object bean, @Nullable Throwable cause) {
        return Intake.refused(
                "cannot be written by Jackson from " + bean.getClass().getName() + path(cause));
    }

    static <T> T read(JsonObject object, Class<T> type) {
        if (type == JsonObject.class) {
            return type.cast(object);
        }
        try {
            return MAPPER.treeToValue(tree(object), type);
        } catch (JacksonException | IllegalArgumentException e) {
            throw unread(type, e);
        }
    }

    /** Returns where in the bean it happened: Jackson's own sentence would quote the value. */
    private static String path(@Nullable Throwable cause) {
        if (!(cause instanceof JsonMappingException mapping)) {
            return "";
        }
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : mapping.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.isEmpty() ? "" : ", at " + path;
    }

    static ObjectNode tree(JsonObject object) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        JsonContent content = object.content();
        for (int i = 0; i < content.keys.length; i++) {
            node.set(content.keys[i], treeOf(content.values[i]));
        }
        return node;
    }

    private static JsonNode treeOf(@Nullable Object value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (value instanceof String s) {
            return nodes.textNode(s);
        }
        if (value instanceof JsonObject object) {
            return tree(object);
        }
        if (value instanceof JsonArray array) {
            ArrayNode node = nodes.arrayNode(array.items.length);
            for (Object item : array.items) {
                node.add(treeOf(item));
            }
            return node;
        }
        if (value instanceof Long number) {
            int narrow = number.intValue();
            return narrow == number ? nodes.numberNode(narrow) : nodes.numberNode(number.longValue());
        }
        if (value instanceof BigDecimal number) {
            return isIntegral(number) ? nodes.numberNode(number.toBigInteger()) : DecimalNode.valueOf(number);
        }
        return value instanceof Boolean b ? nodes.booleanNode(b) : nodes.nullNode();
    }

    private static boolean isIntegral(BigDecimal canonical) {
        return canonical.scale() <= 0;
    }

    /** Writes a {@link JsonObject} with the host's mapper. Immutable. */
    static final class Writer extends JsonSerializer<JsonObject> {

        @Override
        public void serialize(JsonObject object, JsonGenerator out, SerializerProvider provider) throws IOException {
            write(out, object);
        }

        @Override
        public void serializeWithType(
                JsonObject object, JsonGenerator out, SerializerProvider provider, TypeSerializer type)
                throws IOException {
            write(out, object);
        }

        @Override
        public boolean isEmpty(SerializerProvider provider, JsonObject object) {
            return object.isEmpty();
        }

        private static void write(JsonGenerator out, JsonObject object) throws IOException {
            JsonContent content = object.content();
            out.writeStartObject();
            for (int i = 0; i < content.keys.length; i++) {
                out.writeFieldName(content.keys[i]);
                writeValue(out, content.values[i]);
            }
            out.writeEndObject();
        }

        private static void writeValue(JsonGenerator out, @Nullable Object value) throws IOException {
            if (value instanceof String s) {
                out.writeString(s);
            } else if (value instanceof JsonObject object) {
                write(out, object);
            } else if (value instanceof JsonArray array) {
                out.writeStartArray();
                for (Object item : array.items) {
                    writeValue(out, item);
                }
                out.writeEndArray();
            } else if (value instanceof Long number) {
                out.writeNumber(number);
            } else if (value instanceof BigDecimal number) {
                if (isIntegral(number)) {
                    out.writeNumber(number.toBigInteger());
                } else {
                    out.writeNumber(number);
                }
            } else if (value instanceof Boolean b) {
                out.writeBoolean(b);
            } else {
                out.writeNull();
            }
        }
    }

    /** Reads a {@link JsonObject} with the host's mapper. Immutable. */
    static final class Reader extends JsonDeserializer<JsonObject> {

        @Override
        public JsonObject deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (!parser.isExpectedStartObjectToken() && !parser.hasToken(JsonToken.FIELD_NAME)) {
                throw JsonMappingException.from(parser, "must be a JSON object");
            }
            try {
                return object(new Intake(), parser, 1);
            } catch (InvalidInputException e) {
                throw JsonMappingException.from(parser, e.getMessage(), e);
            }
        }

        @Override
        public Object deserializeWithType(
                JsonParser parser, DeserializationContext context, TypeDeserializer typeDeserializer)
                throws IOException {
            return deserialize(parser, context);
        }
    }
}
