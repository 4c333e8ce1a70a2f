package io.agentrun.k8s.kubectl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.PodView;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What servers write, and what others put into objects. */
class LenientJsonTest {

    private static LenientJson parse(String text) {
        return LenientJson.parse(text, Set.of("annotations", "managedFields"));
    }

    private static String job(String spec, String status) {
        return "{\"metadata\":{\"name\":\"j\",\"namespace\":\"default\",\"uid\":\"u\","
                + "\"creationTimestamp\":\"2026-03-01T12:00:00Z\"},\"spec\":" + spec + ",\"status\":" + status + "}";
    }

    @Test
    void values_are_read_by_their_kind() {
        LenientJson json =
                parse(" {\"a\" : \"x\\n\\u00e4\\\"\\/\", \"n\":-12, \"big\":1e3, \"t\":true, \"f\":false, \"z\":null,\n"
                        + "\"o\":{\"k\":\"v\",\"n\":1}, \"l\":[\"1\",2,{\"k\":\"w\"},[]], \"e\":{}} ");

        assertThat(json.string("a")).contains("x\nä\"/");
        assertThat(json.number("n")).hasValue(-12);
        assertThat(json.number("big")).hasValue(1000);
        assertThat(json.isTrue("t")).isTrue();
        assertThat(json.isTrue("f")).isFalse();
        assertThat(json.string("z")).isEmpty();
        assertThat(json.string("n")).isEmpty();
        assertThat(json.child("o").texts()).containsOnlyKeys("k");
        assertThat(json.strings("l")).containsExactly("1");
        assertThat(json.objects("l"))
                .singleElement()
                .satisfies(object -> assertThat(object.string("k")).contains("w"));
        assertThat(json.child("missing").string("x")).isEmpty();
        assertThat(json.objects("missing")).isEmpty();
    }

    @Test
    void a_nul_half_a_character_and_a_repeated_key_spoil_nothing() {
        LenientJson json = parse("{\"a\":\"x\\u0000y\",\"b\":\"\\ud834\",\"c\":\"\\ud834\\udd1e\",\"d\":1,\"d\":2}");

        assertThat(json.string("a")).contains("x\uFFFDy");
        assertThat(json.string("b")).contains("\uFFFD");
        assertThat(json.string("c")).contains("\uD834\uDD1E");
        assertThat(json.number("d")).hasValue(2);
    }

    @Test
    void what_is_not_needed_is_passed_over_and_a_label_of_that_name_is_not() {
        LenientJson json = parse(
                "{\"annotations\":{\"x\":[\"]}\",{\"y\":\"\\\"\"}]},\"labels\":{\"annotations\":\"kept\"},\"z\":1}");

        assertThat(json.child("annotations").texts()).isEmpty();
        assertThat(json.child("labels").string("annotations")).contains("kept");
        assertThat(json.number("z")).hasValue(1);
    }

    @Test
    void what_is_too_deep_is_passed_over() {
        String deep = "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000);

        assertThat(parse("{\"d\":" + deep + ",\"z\":1}").number("z")).hasValue(1);
        assertThat(parse("{\"d\":" + "[".repeat(10_000) + "]".repeat(10_000) + ",\"z\":1}")
                        .number("z"))
                .hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "[]",
                "{",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\":1}x",
                "{\"a\":\"x}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":[1 2]}",
                "{\"a\":tru}",
                "\"canary\""
            })
    void what_is_no_object_is_refused_and_not_repeated(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(InvalidInputException.class)
                .message()
                .doesNotContain("canary");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PENDING   | {}",
                "PENDING   | {\"ready\":0,\"conditions\":[{\"type\":\"Suspended\",\"status\":\"True\"}]}",
                "ACTIVE    | {\"active\":1}",
                "ACTIVE    | {\"active\":1,\"terminating\":1}",
                "ENDING    | {\"terminating\":1}",
                "ENDING    | {\"failed\":1}",
                "ENDING    | {\"succeeded\":1}",
                "ENDING    | {\"uncountedTerminatedPods\":{\"succeeded\":[\"u\"]}}",
                "ENDING    | {\"uncountedTerminatedPods\":{\"failed\":[\"u\"]}}",
                "ENDING    | {\"conditions\":[{\"type\":\"SuccessCriteriaMet\",\"status\":\"True\"}]}",
                "ENDING    | {\"active\":1,\"conditions\":[{\"type\":\"FailureTarget\",\"status\":\"True\"}]}",
                "ACTIVE    | {\"active\":1,\"conditions\":[{\"type\":\"Failed\",\"status\":\"False\"}]}",
                "SUCCEEDED | {\"conditions\":[{\"type\":\"Complete\",\"status\":\"True\"}]}",
                "FAILED    | {\"conditions\":[{\"type\":\"FailureTarget\",\"status\":\"True\"},{\"type\":\"Failed\",\"status\":\"True\"}]}"
            })
    void the_phases_of_a_job(JobView.State state, String status) {
        assertThat(ObjectReader.job(parse(job("{}", status))).state()).isEqualTo(state);
    }

    @Test
    void a_job_that_is_being_deleted_is_ending() {
        String text = job("{}", "{\"active\":1}")
                .replace("\"uid\":", "\"deletionTimestamp\":\"2026-03-01T12:00:00Z\",\"uid\":");

        assertThat(ObjectReader.job(parse(text)).state()).isEqualTo(JobView.State.ENDING);
    }

    @Test
    void a_deadline_counts_from_the_start_and_a_failure_has_its_reason() {
        JobView started = ObjectReader.job(parse(job(
                "{\"activeDeadlineSeconds\":60}",
                "{\"startTime\":\"2026-03-01T12:00:05Z\",\"conditions\":[{\"type\":\"FailureTarget\",\"status\":\"True\","
                        + "\"reason\":\"DeadlineExceeded\",\"message\":\"too long\"}]}")));
        JobView none =
                ObjectReader.job(parse(job("{}", "{\"conditions\":[{\"type\":\"Failed\",\"status\":\"True\"}]}")));

        assertThat(started.deadlineAt()).isEqualTo(Instant.parse("2026-03-01T12:01:05Z"));
        assertThat(started.failure()).isEqualTo(new JobView.Failure("DeadlineExceeded", "too long"));
        assertThat(none.deadlineAt()).isNull();
        assertThat(none.failureReason()).isEqualTo("Failed");
    }

    @Test
    void only_the_owner_that_controls_a_pod_is_its_owner() {
        PodView pod = ObjectReader.pod(
                parse(
                        "{\"metadata\":{\"name\":\"p\",\"namespace\":\"default\",\"uid\":\"u\","
                                + "\"ownerReferences\":[{\"uid\":\"a\"},{\"uid\":\"b\",\"controller\":true}]},\"spec\":{\"nodeName\":\"\"},"
                                + "\"status\":{\"initContainerStatuses\":[{\"name\":\"init\",\"state\":{\"waiting\":{\"reason\":\"ErrImagePull\"}}}]}}"));

        assertThat(pod.ownerUid()).isEqualTo("b");
        assertThat(pod.pinsClaims()).isFalse();
        assertThat(pod.phase()).isEqualTo("Unknown");
        assertThat(pod.state().container("init")).isPresent();
    }
}
