package io.agentrun.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.deser.ContextualDeserializer;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import io.agentrun.check.Times;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** Reads the components that are marked with {@link AsText}. Immutable. */
final class AsTextDeserializer extends StdScalarDeserializer<Object> implements ContextualDeserializer {
    private static final long serialVersionUID = 1L;

    private final boolean duration;

    /** For Jackson, which then asks for the one that fits the component. */
    AsTextDeserializer() {
        this(Instant.class);
    }

    private AsTextDeserializer(Class<?> type) {
        super(type);
        this.duration = type == Duration.class;
    }

    @Override
    public JsonDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
        return property == null
                ? this
                : new AsTextDeserializer(property.getType().getRawClass());
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        String text = parser.getValueAsString();
        try {
            if (text != null) {
                return duration ? Duration.parse(text) : Times.parse(text);
            }
        } catch (DateTimeParseException e) {
            // answered below, like text that is no text at all
        }
        return context.reportInputMismatch(
                handledType(), "not an ISO-8601 %s", duration ? "duration" : "instant in UTC");
    }
}
