package io.agentrun.k8s.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.PodView;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Objects as servers write them, read into views. */
class ObjectReaderTest {

    private static PodView pod(String owners) {
        return ObjectReader.pod(LenientJson.parse(
                "{\"metadata\":{\"name\":\"a\",\"namespace\":\"default\",\"uid\":\"u\",\"ownerReferences\":[" + owners
                        + "]},\"status\":{\"phase\":\"Running\"}}",
                Set.of()));
    }

    private static JobView job(String status) {
        return ObjectReader.job(LenientJson.parse(
                "{\"metadata\":{\"name\":\"a\",\"namespace\":\"default\",\"uid\":\"u\"},\"status\":" + status + "}",
                Set.of()));
    }

    @Test
    void the_owner_of_a_pod_is_the_object_that_controls_it() {
        String configMap = "{\"kind\":\"ConfigMap\",\"name\":\"c\",\"uid\":\"of-the-config-map\"}";
        String job = "{\"kind\":\"Job\",\"name\":\"j\",\"uid\":\"of-the-job\",\"controller\":true}";

        assertThat(pod(configMap + "," + job).ownerUid()).isEqualTo("of-the-job");
        assertThat(pod(job + "," + configMap).ownerUid()).isEqualTo("of-the-job");
        assertThat(pod(configMap).ownerUid()).isNull();
        assertThat(pod("").ownerUid()).isNull();
    }

    @Test
    void a_pod_says_why_it_has_ended_as_a_whole() {
        PodView evicted = ObjectReader.pod(LenientJson.parse(
                "{\"metadata\":{\"name\":\"a\",\"namespace\":\"default\",\"uid\":\"u\"},"
                        + "\"status\":{\"phase\":\"Failed\",\"reason\":\"Evicted\"}}",
                Set.of()));

        assertThat(evicted.state().reason()).isEqualTo("Evicted");
        assertThat(pod("").state().reason()).isNull();
    }

    @Test
    void a_claim_has_what_it_asks_for_and_what_it_got() {
        String meta = "{\"metadata\":{\"name\":\"a\",\"namespace\":\"default\",\"uid\":\"u\"},";
        String spec = "\"spec\":{\"resources\":{\"requests\":{\"storage\":\"20Gi\"}}}";
        ClaimView growing = ObjectReader.claim(LenientJson.parse(
                meta + spec + ",\"status\":{\"phase\":\"Bound\",\"capacity\":{\"storage\":\"10Gi\"}}}", Set.of()));

        assertThat(growing.size()).isEqualTo("20Gi");
        assertThat(growing.capacity()).isEqualTo("10Gi");
        assertThat(ObjectReader.claim(LenientJson.parse(meta + spec + "}", Set.of()))
                        .capacity())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "PENDING   | {}",
                "PENDING   | {\"active\":0,\"failed\":0,\"succeeded\":0,\"terminating\":0}",
                "ACTIVE    | {\"active\":1}",
                "ACTIVE    | {\"active\":1,\"failed\":1}",
                "ENDING    | {\"failed\":1}",
                "ENDING    | {\"succeeded\":1}",
                "ENDING    | {\"terminating\":1}",
                "ENDING    | {\"uncountedTerminatedPods\":{\"failed\":[\"p\"]}}",
                "ENDING    | {\"uncountedTerminatedPods\":{\"succeeded\":[\"p\"]}}",
                "ENDING    | {\"active\":1,\"conditions\":[{\"type\":\"FailureTarget\",\"status\":\"True\"}]}",
                "ENDING    | {\"active\":1,\"conditions\":[{\"type\":\"SuccessCriteriaMet\",\"status\":\"True\"}]}",
                "FAILED    | {\"conditions\":[{\"type\":\"Failed\",\"status\":\"True\"}]}",
                "SUCCEEDED | {\"conditions\":[{\"type\":\"Complete\",\"status\":\"True\"}]}",
                "PENDING   | {\"conditions\":[{\"type\":\"Failed\",\"status\":\"False\"}]}",
            })
    void a_job_is_where_its_status_says(JobView.State state, String status) {
        assertThat(job(status).state()).isEqualTo(state);
    }
}
