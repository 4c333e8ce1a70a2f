package io.agentrun.json;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an {@code Instant} or {@code Duration} of a record that is JSON as its ISO-8601 text
 * ({@code 2026-01-31T09:15:00.250Z}, {@code PT30S}), written and read with any mapper of Jackson 2 and 3, whatever it is
 * told about times.
 *
 * <p>Jackson 3 knows these types and reads the shape alone. A plain mapper of Jackson 2 refuses them, and one with the
 * time module writes numbers unless it is told otherwise, so that Jackson 2 is given a writer and a reader; Jackson 3
 * does not see these two annotations.
 *
 * <p>Immutable.
 */
@JacksonAnnotationsInside
@JsonFormat(shape = JsonFormat.Shape.STRING)
@JsonSerialize(using = ToStringSerializer.class)
@JsonDeserialize(using = AsTextDeserializer.class)
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER})
public @interface AsText {}
