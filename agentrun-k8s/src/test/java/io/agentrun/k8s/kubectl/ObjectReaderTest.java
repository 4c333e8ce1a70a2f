package io.agentrun.k8s.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

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
