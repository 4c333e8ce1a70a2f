package io.agentrun.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.io.IOException;

/**
 * Writes whole records as JSON and reads them back, for stores that keep them so. Audience: store authors.
 *
 * <p>A {@link JsonObject} within a record is written as one JSON string, and is read as {@link JsonObject#stored} does: no payload is
 * parsed unless somebody asks for its content, also where the record is changed and written again. Thread-safe.
 */
public final class StoredRecords {

    private static final ObjectMapper MAPPER =
            JsonMapper.builder().addMixIn(JsonObject.class, AsText.class).build();

    private StoredRecords() {}

    /**
     * Returns the record, or a part of one, as a JSON tree.
     *
     * @throws IllegalArgumentException if Jackson cannot write it
     */
    public static JsonNode write(Object record) {
        return MAPPER.valueToTree(record);
    }

    /**
     * Returns the text of what {@link JsonObject#fromBean} makes of a part of a record, not in canonical form: for a column that holds that
     * part alone. A {@link JsonObject} in it is an object in the text too.
     *
     * @throws InvalidInputException if Jackson cannot write it
     */
    public static String text(Object part) {
        return JacksonBridge.text(part);
    }

    /**
     * Returns the part that {@link #text} has written, or that stands in the text as {@link JsonObject#to} reads it.
     *
     * @throws InvalidInputException if the text does not fit the type; the message says where, and quotes no value
     */
    public static <T> T part(String text, Class<T> type) {
        return JacksonBridge.readText(text, type);
    }

    /**
     * Returns the record that {@link #write} has written.
     *
     * @throws StoreUnavailableException with reason {@code CORRUPT} if the text is no record of the type
     */
    public static <T> T read(String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            // Not as the cause: its message quotes the text.
            throw new StoreUnavailableException(Reason.CORRUPT, "a stored record cannot be read", null);
        }
    }

    @JsonSerialize(using = Writer.class)
    @JsonDeserialize(using = Reader.class)
    private interface AsText {}

    private static final class Writer extends JsonSerializer<JsonObject> {
        @Override
        public void serialize(JsonObject object, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeString(object.storedText());
        }
    }

    private static final class Reader extends JsonDeserializer<JsonObject> {
        @Override
        public JsonObject deserialize(JsonParser json, DeserializationContext context) throws IOException {
            return JsonObject.stored(json.getText());
        }
    }
}
