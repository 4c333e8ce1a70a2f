package io.agentrun.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import io.agentrun.error.AgentRunException;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.FenceToken;
import io.agentrun.lease.RunLease;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/** Hosts use Jackson 2 or Jackson 3: each record of the API is the same JSON with both, written and read. */
class JacksonMajorsTest {

    private static final int SAMPLES = 20;

    private static final List<Class<?>> ONLY_IN_A_PROCESS =
            List.of(Fence.class, AgentRunException.class, RunLease.class);

    private static final ObjectMapper TWO =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    private static final JsonMapper THREE = JsonMapper.builder().build();

    /** Settings that hosts do have, and that would change times and leave out what is null. */
    private static final JsonMapper THREE_ODD = JsonMapper.builder()
            .enable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .changeDefaultPropertyInclusion(inclusion ->
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .build();

    @SuppressWarnings("unchecked") // filtered
    static List<Class<? extends Record>> records() {
        return Modules.all().stream()
                .filter(type -> type.isRecord() && type.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(type -> Modules.of(type.getPackageName()).contains(Modules.API))
                .sorted(Comparator.comparing(JavaClass::getName))
                .map(JavaClass::reflect)
                .filter(type -> !staysInTheProcess(type))
                .<Class<? extends Record>>map(type -> (Class<? extends Record>) type)
                .toList();
    }

    /** Whether a record has a fence, whose secret JSON neither shows nor brings back, or an exception: an answer, no data. */
    private static boolean staysInTheProcess(Class<?> record) {
        return Stream.of(record.getRecordComponents())
                .map(component -> component.getGenericType().getTypeName())
                .anyMatch(name -> ONLY_IN_A_PROCESS.stream().anyMatch(type -> name.contains(type.getName())));
    }

    @ParameterizedTest
    @MethodSource("records")
    void a_record_is_the_same_json_with_both_and_comes_back_equal_across(Class<? extends Record> type)
            throws Exception {
        var type2 = TWO.getTypeFactory().constructType(type);
        var type3 = THREE.getTypeFactory().constructType(type);
        if (type.getTypeParameters().length > 0) {
            type2 = TWO.getTypeFactory().constructParametricType(type, RunEvent.class);
            type3 = THREE.getTypeFactory().constructParametricType(type, RunEvent.class);
        }
        for (int seed = 0; seed < SAMPLES; seed++) {
            Record sample = new SampleRecords(seed).of(type, RunEvent.class);

            String two = TWO.writeValueAsString(sample);
            String three = THREE.writeValueAsString(sample);
            Object twoFromThree = TWO.readValue(three, type2);
            Object threeFromTwo = THREE.readValue(two, type3);

            assertThat(tree(three)).as(sample.toString()).isEqualTo(tree(two));
            assertThat(twoFromThree).isEqualTo(sample);
            assertThat(threeFromTwo).isEqualTo(sample);
        }
    }

    private static JsonNode tree(String json) throws Exception {
        return TWO.readTree(json);
    }

    @Test
    void there_are_records_to_look_at_and_times_durations_and_payloads_in_them() {
        Set<String> types = new TreeSet<>();
        records().stream()
                .flatMap(type -> Stream.of(type.getRecordComponents()))
                .forEach(component -> types.add(component.getType().getSimpleName()));

        assertThat(records()).hasSizeGreaterThan(70);
        assertThat(types).contains("Instant", "Duration", "JsonObject", "List");
    }

    @Test
    void a_host_with_numbers_for_times_and_without_nulls_changes_neither_times_nor_payloads() throws Exception {
        JsonObject payload = JsonObject.of("none", null, "deep", JsonObject.of("none", null));
        RunEvent event = null;
        for (int seed = 0; event == null || !event.payload().has("none"); seed++) {
            event = (RunEvent) new SampleRecords(seed).of(RunEvent.class, RunEvent.class);
        }

        assertThat(THREE_ODD.writeValueAsString(payload)).isEqualTo(payload.toJson());
        assertThat(tree(THREE_ODD.writeValueAsString(event))).isEqualTo(tree(TWO.writeValueAsString(event)));
    }

    @Test
    void numbers_are_written_digit_by_digit_and_read_so_where_the_mapper_is_told() throws Exception {
        JsonObject exact = JsonObject.of("n", new BigDecimal("12345678901234567890.123456789012345678901"));
        JsonMapper careful = THREE.rebuild()
                .enable(tools.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .build();

        assertThat(THREE.writeValueAsString(exact)).isEqualTo(exact.toJson());
        assertThat(careful.readValue(exact.toJson(), JsonObject.class)).isEqualTo(exact);
        assertThat(TWO.readValue(exact.toJson(), JsonObject.class)).isEqualTo(exact);
    }

    @Test
    void the_json_of_a_fence_is_what_a_reader_may_see() throws Exception {
        Fence fence = new Fence("run_1", "runner", 1, FenceToken.random());

        assertThat(tree(TWO.writeValueAsString(fence)).fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("runId", "runnerId", "epoch");
        assertThat(tree(THREE.writeValueAsString(fence)).fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("runId", "runnerId", "epoch");
        assertThatThrownBy(() -> TWO.readValue(TWO.writeValueAsString(fence), Fence.class))
                .isInstanceOf(JsonMappingException.class);
        assertThatThrownBy(() -> THREE.readValue(THREE.writeValueAsString(fence), Fence.class))
                .isInstanceOf(DatabindException.class);
    }

    @Test
    void no_record_names_a_class_of_databind() {
        for (Class<? extends Record> type : records()) {
            assertThat(Modules.all().get(type).getDirectDependenciesFromSelf())
                    .as(type.getName())
                    .noneMatch(uses ->
                            uses.getTargetClass().getPackageName().startsWith("com.fasterxml.jackson.databind"));
        }
    }
}
