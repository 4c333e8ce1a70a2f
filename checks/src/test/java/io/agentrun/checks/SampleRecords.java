package io.agentrun.checks;

import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of any class: it tries values for the components until the record's own checks accept them. The same seed
 * makes the same records. Not thread-safe: one thread at a time.
 */
final class SampleRecords {

    private static final int TRIES = 20_000;

    private static final List<String> TEXTS = List.of(
            "run_1",
            "acme",
            "a".repeat(64),
            "v1.32.3",
            "10Gi",
            "s-1",
            "UTC",
            "/workspace",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "vendor=1",
            "a [text] \u00e4\ud83d\ude00");
    private static final List<Instant> TIMES = List.of(
            Instant.parse("2026-01-31T09:15:00Z"),
            Instant.parse("2026-01-31T09:15:00.250Z"),
            Instant.parse("2026-01-31T09:15:00.000001Z"),
            Instant.parse("2027-12-31T23:59:59.999999Z"));
    private static final List<Duration> DURATIONS = List.of(
            Duration.ofSeconds(30),
            Duration.ofMillis(1500),
            Duration.ofHours(26),
            Duration.ofMinutes(10).plusNanos(1000));
    private static final List<JsonObject> OBJECTS = List.of(
            JsonObject.empty(),
            JsonObject.of("text", "line\nnext \u2028", "empty", JsonObject.empty(), "none", null, "yes", true),
            JsonObject.of(
                    "big",
                    new BigDecimal("1e30"),
                    "half",
                    0.5,
                    "small",
                    new BigDecimal("1e-7"),
                    "long",
                    Long.MAX_VALUE),
            JsonObject.of(
                    "deep", Map.of("isEmpty", List.of(1, List.of(), JsonObject.of("a", JsonObject.of("b", null))))));

    private final Random random;

    SampleRecords(long seed) {
        this.random = new Random(seed);
    }

    /** Returns a record; type variables stand for the given type. */
    Record of(Class<? extends Record> type, Class<? extends Record> variable) {
        for (int i = 0; i < TRIES; i++) {
            Record made = attempt(type, variable);
            if (made != null) {
                return made;
            }
        }
        throw new IllegalStateException("no sample of " + type.getName() + " is accepted");
    }

    private @Nullable Record attempt(Class<? extends Record> type, Class<? extends Record> variable) {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            boolean nullable = components[i].getAnnotatedType().isAnnotationPresent(Nullable.class);
            values[i] = nullable && random.nextInt(3) == 0 ? null : value(components[i].getGenericType(), variable);
        }
        try {
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Constructor<? extends Record> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof InvalidInputException || e.getCause() instanceof IllegalArgumentException) {
                return null;
            }
            throw new IllegalStateException(type.getName(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getName(), e);
        }
    }

    private Object value(Type type, Class<? extends Record> variable) {
        if (type instanceof TypeVariable<?>) {
            return of(variable, variable);
        }
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            int size = random.nextInt(3);
            if (generic.getRawType() == List.class) {
                return size == 0 ? List.of() : List.of(value(arguments[0], variable));
            }
            if (generic.getRawType() == Set.class) {
                return size == 0 ? Set.of() : Set.of(value(arguments[0], variable));
            }
            if (generic.getRawType() == Map.class) {
                return size == 0 ? Map.of() : Map.of(value(arguments[0], variable), value(arguments[1], variable));
            }
        }
        return plain((Class<?>) type, variable);
    }

    private Object plain(Class<?> type, Class<? extends Record> variable) {
        if (type.isRecord()) {
            return of(type.asSubclass(Record.class), variable);
        }
        if (type.isSealed()) {
            return plain(one(List.of(type.getPermittedSubclasses())), variable);
        }
        if (type.isEnum()) {
            return one(List.of(type.getEnumConstants()));
        }
        return switch (type.getName()) {
            case "int", "java.lang.Integer" -> one(List.of(0, 1, 2, 3, 60));
            case "long", "java.lang.Long" -> (long) random.nextInt(4);
            case "boolean", "java.lang.Boolean" -> random.nextBoolean();
            case "java.lang.String" -> one(TEXTS);
            case "java.time.Instant" -> one(TIMES);
            case "java.time.Duration" -> one(DURATIONS);
            case "io.agentrun.json.JsonObject" -> one(OBJECTS);
            default -> throw new IllegalStateException("nothing is known of " + type.getName());
        };
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
