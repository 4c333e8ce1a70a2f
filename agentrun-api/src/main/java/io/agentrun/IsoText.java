package io.agentrun;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an {@code Instant} or {@code Duration} component that Jackson writes and reads as ISO-8601 text
 * ({@code 2026-01-31T09:15:00.250Z}, {@code PT30S}), with any {@code ObjectMapper}: no module has to be registered, and
 * none that is registered changes the form.
 *
 * <p>Immutable.
 */
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER})
@Retention(RetentionPolicy.RUNTIME)
@JacksonAnnotationsInside
@JsonSerialize(using = ToStringSerializer.class)
@JsonDeserialize(using = IsoTextDeserializer.class)
public @interface IsoText {}
