package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.json.JsonObject;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TraceContext;
import io.agentrun.run.Run;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.StorageState;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManifestsTest {

    private static final Run RUN = Run.builder("run_1", new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
            .sessionId("s1")
            .createdAt(Instant.EPOCH)
            .build();
    private static final LaunchRequest REQUEST = LaunchRequest.of("run_1", "cmd_1", "https://host.example", "abc123")
            .withEnv(Map.of("MODE", EnvValue.of("canary-1234"), "API_KEY", EnvValue.fromSecret("keys", "codex")));

    private static JobManifest manifest(JobTemplate template) {
        SessionStorage storage = SessionStorage.none().toBuilder()
                .state(StorageState.READY)
                .generation(1)
                .pvc(new PvcRef("agents", null, "claim-1", "u", "Bound"))
                .build();
        return new Manifests(InstanceNames.of("i"), template).job(RUN, REQUEST, storage);
    }

    private static JobTemplate.Builder template() {
        return JobTemplate.builder(
                "agents",
                RunnerContainer.builder("image:1")
                        .command(List.of("/run"))
                        .args(List.of("--mode", "arg-canary"))
                        .limits(Map.of("memory", "2Gi"))
                        .build());
    }

    private static JsonObject at(JsonObject json, String... keys) {
        JsonObject at = json;
        for (String key : keys) {
            at = at.object(key).orElseThrow();
        }
        return at;
    }

    @Test
    void a_job_runs_once_without_rights_and_with_its_volume_at_one_path() {
        JobManifest manifest = manifest(template().serviceAccountName("runner").build());

        String spec = at(manifest.body(), "spec").toJson();
        assertThat(manifest.claim()).isEqualTo("claim-1");
        assertThat(spec)
                .contains("\"backoffLimit\":0")
                .contains("\"restartPolicy\":\"Never\"")
                .contains("\"activeDeadlineSeconds\":3600")
                .contains("\"ttlSecondsAfterFinished\":600")
                .contains("\"runAsNonRoot\":true")
                .contains("\"allowPrivilegeEscalation\":false")
                .contains("\"drop\":[\"ALL\"]")
                .contains("\"seccompProfile\":{\"type\":\"RuntimeDefault\"}")
                .contains("\"automountServiceAccountToken\":false")
                .contains("\"serviceAccountName\":\"runner\"")
                .contains("\"claimName\":\"claim-1\"")
                .contains("\"mountPath\":\"/agentrun/session\"")
                .contains("{\"name\":\"AGENTRUN_ROLLOUT_DIR\",\"value\":\"/agentrun/session/sessions\"}")
                .contains(
                        "{\"name\":\"API_KEY\",\"valueFrom\":{\"secretKeyRef\":{\"key\":\"codex\",\"name\":\"keys\"}}}");
        assertThat(at(manifest.body(), "spec", "template", "metadata", "labels"))
                .isEqualTo(at(manifest.body(), "metadata", "labels"));
        assertThat(manifest.ref().name()).hasSizeLessThanOrEqualTo(63).endsWith("-g0");
    }

    @Test
    void a_runner_is_ended_by_its_node_its_grace_and_a_little_before_the_deadline_of_its_job() {
        JobTemplate.Builder template = template().deadline(Duration.ofMinutes(10));
        assertThat(runnerDeadline(template)).contains(BigDecimal.valueOf(600 - 30 - 15));
        template.extras(PodExtras.none().withTerminationGrace(Duration.ofSeconds(285)));
        assertThat(runnerDeadline(template)).contains(BigDecimal.valueOf(300));
        // Less than half of the deadline would be left: the Job's own deadline counts alone.
        template.extras(PodExtras.none().withTerminationGrace(Duration.ofSeconds(286)));
        assertThat(runnerDeadline(template)).isEmpty();
        assertThat(runnerDeadline(template().deadline(Duration.ofSeconds(1)))).isEmpty();
    }

    private static Optional<BigDecimal> runnerDeadline(JobTemplate.Builder template) {
        return at(manifest(template.build()).body(), "spec", "template", "spec").number("activeDeadlineSeconds");
    }

    @Test
    void a_job_learns_the_trace_in_which_its_run_was_asked_for_unless_the_host_says_another() {
        TraceContext trace = new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1");
        Run traced = Run.builder(RUN.id(), RUN.owner(), RUN.spec().withTraceContext(trace))
                .createdAt(Instant.EPOCH)
                .build();
        LaunchRequest other = REQUEST.withEnv(Map.of("TRACEPARENT", EnvValue.of("another")));

        assertThat(environment(traced, REQUEST))
                .contains("{\"name\":\"TRACEPARENT\",\"value\":\"" + trace.traceparent() + "\"}")
                .contains("{\"name\":\"TRACESTATE\",\"value\":\"vendor=1\"}");
        assertThat(environment(traced, other))
                .contains("{\"name\":\"TRACEPARENT\",\"value\":\"another\"}")
                .doesNotContain("TRACESTATE");
        assertThat(environment(RUN, REQUEST)).doesNotContain("TRACE");
    }

    private static String environment(Run run, LaunchRequest request) {
        return new Manifests(InstanceNames.of("i"), template().build())
                .job(run, request, null)
                .body()
                .toJson();
    }

    @Test
    void texts_of_the_host_are_confidential_and_in_no_label_or_name() {
        JobManifest manifest = manifest(template().build());

        assertThat(manifest.confidential()).contains("canary-1234", "arg-canary", "/run");
        assertThat(manifest.ref() + " " + manifest.labels()).doesNotContain("canary");
    }

    @Test
    void a_dollar_in_a_variable_is_no_reference() {
        RunnerContainer container = RunnerContainer.builder("image")
                .args(List.of("$(AGENTRUN_RUN_ID)"))
                .env("LINE", EnvValue.of("echo $(AGENTRUN_RUN_ID) $$"))
                .build();

        JobManifest manifest = manifest(JobTemplate.builder("agents", container).build());

        assertThat(manifest.body().toJson())
                .contains("{\"name\":\"LINE\",\"value\":\"echo $$(AGENTRUN_RUN_ID) $$$$\"}")
                .contains("\"args\":[\"$(AGENTRUN_RUN_ID)\"]");
        assertThat(manifest.confidential()).contains("echo $(AGENTRUN_RUN_ID) $$", "echo $$(AGENTRUN_RUN_ID) $$$$");
    }

    @Test
    void a_read_only_root_has_a_directory_for_temporary_files() {
        JobManifest manifest = manifest(template()
                .security(JobSecurity.defaults().withRootFilesystem(JobSecurity.RootFilesystem.READ_ONLY))
                .build());

        assertThat(manifest.body().toJson())
                .contains("\"readOnlyRootFilesystem\":true")
                .contains("\"mountPath\":\"/tmp\"");
    }

    @Test
    void another_attempt_or_generation_is_another_job() {
        InstanceNames names = InstanceNames.of("i");

        assertThat(List.of(
                        names.jobName("run_1", "cmd_1", "a", 0),
                        names.jobName("run_1", "cmd_1", "b", 0),
                        names.jobName("run_1", "cmd_2", "a", 0),
                        names.jobName("run_1", "cmd_1", "a", 2),
                        InstanceNames.of("j").jobName("run_1", "cmd_1", "a", 0)))
                .doesNotHaveDuplicates();
        assertThat(names.jobName("run_1", "cmd_1", "a", 0)).isEqualTo(names.jobName("run_1", "cmd_1", "a", 0));
    }

    @Test
    void the_manifest_has_the_fields_that_operators_expect() {
        JobManifest manifest = manifest(template()
                .scheduling(PodScheduling.anywhere()
                        .withNodeSelector(Map.of("pool", "agents"))
                        .withTolerations(List.of(
                                new PodScheduling.Toleration("dedicated", "agents", "NoSchedule"),
                                new PodScheduling.Toleration("spot", null, null)))
                        .withAffinity(JsonObject.of("podAntiAffinity", Map.of()))
                        .withPriorityClassName("batch")
                        .withRuntimeClassName("gvisor"))
                .extras(PodExtras.none()
                        .withAnnotations(Map.of("sidecar.istio.io/inject", "false"))
                        .withVolumes(List.of(
                                ExtraVolume.configMap("settings", "/etc/agent", "agent-settings"),
                                ExtraVolume.secret("keys", "/etc/keys", "model-keys"),
                                ExtraVolume.claim("cache", "/cache", "shared-cache"),
                                ExtraVolume.empty("scratch", "/scratch", "1Gi"),
                                ExtraVolume.empty("more", "/more", null)))
                        .withTerminationGrace(Duration.ofSeconds(90))
                        .withDisruption(PodExtras.Disruption.RESTART)
                        .withOwner(new PodExtras.Owner("apps/v1", "Deployment", "agent-host", "uid-1")))
                .build());

        JsonObject pod = at(manifest.body(), "spec", "template", "spec");
        assertThat(at(pod, "nodeSelector").string("pool")).contains("agents");
        assertThat(pod.string("priorityClassName")).contains("batch");
        assertThat(pod.string("runtimeClassName")).contains("gvisor");
        assertThat(pod.toJson())
                .contains(
                        "{\"effect\":\"NoSchedule\",\"key\":\"dedicated\",\"operator\":\"Equal\",\"value\":\"agents\"}")
                .contains("{\"key\":\"spot\",\"operator\":\"Exists\"}")
                .contains("\"affinity\":{\"podAntiAffinity\":{}}")
                .contains("{\"configMap\":{\"name\":\"agent-settings\"},\"name\":\"settings\"}")
                .contains("{\"name\":\"keys\",\"secret\":{\"secretName\":\"model-keys\"}}")
                .contains("\"persistentVolumeClaim\":{\"claimName\":\"shared-cache\",\"readOnly\":true}")
                .contains("{\"emptyDir\":{\"sizeLimit\":\"1Gi\"},\"name\":\"scratch\"}")
                .contains("{\"emptyDir\":{},\"name\":\"more\"}")
                .contains("{\"mountPath\":\"/cache\",\"name\":\"cache\",\"readOnly\":true}")
                .contains("{\"mountPath\":\"/scratch\",\"name\":\"scratch\"}")
                .contains("\"terminationGracePeriodSeconds\":90")
                .contains("\"fsGroupChangePolicy\":\"OnRootMismatch\"");
        assertThat(at(manifest.body(), "spec", "podFailurePolicy").toJson())
                .isEqualTo("{\"rules\":[{\"action\":\"Ignore\",\"onPodConditions\":[{\"status\":\"True\","
                        + "\"type\":\"DisruptionTarget\"}]}]}");
        assertThat(at(manifest.body(), "spec", "template", "metadata", "annotations")
                        .string("sidecar.istio.io/inject"))
                .contains("false");
        assertThat(at(manifest.body(), "metadata").toJson())
                .contains("\"ownerReferences\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\","
                        + "\"name\":\"agent-host\",\"uid\":\"uid-1\"}]");
    }

    @Test
    void options_that_are_not_set_are_not_in_the_manifest() {
        assertThat(manifest(template().build()).body().toJson())
                .doesNotContain("nodeSelector", "tolerations", "affinity", "priorityClassName", "runtimeClassName")
                .doesNotContain("podFailurePolicy", "annotations", "ownerReferences")
                .contains("\"terminationGracePeriodSeconds\":30");
    }

    @Test
    void a_server_takes_the_manifest() {
        InMemoryKubectlHandler cluster = InMemoryKubectlHandler.create();
        cluster.cluster().addNamespace("agents");

        cluster.createJob(manifest(template()
                .extras(PodExtras.none().withVolumes(List.of(ExtraVolume.empty("scratch", "/scratch", null))))
                .build()));

        assertThat(cluster.cluster().jobs()).hasSize(1);
    }

    @Test
    void user_group_and_the_group_of_the_volume_are_each_what_the_template_says() {
        JobManifest manifest = manifest(template()
                .security(JobSecurity.defaults().runAs(1001, 1002, 1003))
                .build());

        assertThat(at(manifest.body(), "spec", "template", "spec", "securityContext")
                        .toJson())
                .contains("\"runAsUser\":1001")
                .contains("\"runAsGroup\":1002")
                .contains("\"fsGroup\":1003");
    }

    @Test
    void a_variable_of_the_request_wins_over_the_one_of_the_template() {
        RunnerContainer container = RunnerContainer.builder("image")
                .env("MODE", EnvValue.of("of-the-template"))
                .env("OTHER", EnvValue.of("stays"))
                .build();

        assertThat(manifest(JobTemplate.builder("agents", container).build())
                        .body()
                        .toJson())
                .contains("{\"name\":\"MODE\",\"value\":\"canary-1234\"}")
                .contains("{\"name\":\"OTHER\",\"value\":\"stays\"}")
                .doesNotContain("of-the-template");
    }
}
