package io.agentrun.k8s.kubectl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.object.AccessMode;
import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.ObjectRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The handler around an executable that does what kubectl does on a bad day. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ProcessKubectlHandlerTest {

    private static final ObjectRef A = new ObjectRef("default", "claim-a");
    private static final String CANARY = "canary-7f3a91c2";
    private static final String TOKEN = "ghp_" + "a1B2c3".repeat(6);
    private static final String UID = "11111111-2222-4333-8444-555555555555";

    private static final String CLAIM =
            "{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\",\"metadata\":{\"name\":\"claim-a\","
                    + "\"namespace\":\"default\",\"uid\":\"u-1\",\"resourceVersion\":\"7\","
                    + "\"creationTimestamp\":\"2026-01-01T00:00:00Z\"},\"status\":{\"phase\":\"Bound\"}}";

    @TempDir
    Path directory;

    private static ClaimManifest claim() {
        return new ClaimManifest(A, Map.of(), Map.of(), "1Gi", null, List.of(AccessMode.READ_WRITE_ONCE));
    }

    private static KubectlException failure(Runnable call) {
        return Optional.ofNullable(catchThrowableOfType(KubectlException.class, call::run))
                .orElseThrow();
    }

    @Test
    void the_arguments_are_a_verb_and_a_path_and_the_body_goes_through_the_input() {
        StandIn kubectl = StandIn.running(directory, "echo '" + CLAIM + "'");
        ProcessKubectlHandler handler = new ProcessKubectlHandler(kubectl.options()
                .kubeconfig(directory.resolve("config"))
                .context("a context")
                .build());

        handler.createClaim(claim());
        handler.deleteClaim(A, UID);

        String path = "/api/v1/namespaces/default/persistentvolumeclaims";
        String config = "--kubeconfig=" + directory.resolve("config");
        assertThat(kubectl.arguments())
                .containsExactly(
                        config,
                        "--context=a context",
                        "create",
                        "--raw",
                        path,
                        "-f",
                        "-",
                        config,
                        "--context=a context",
                        "delete",
                        "--raw",
                        path + "/claim-a",
                        "-f",
                        "-");
        assertThat(kubectl.input())
                .contains("\"storage\":\"1Gi\"")
                .contains("\"preconditions\":{\"uid\":\"" + UID + "\"}")
                .contains("\"propagationPolicy\":\"Background\"")
                .contains("\"kind\":\"DeleteOptions\"");
    }

    @Test
    void a_selector_and_a_cursor_are_encoded() {
        StandIn kubectl = StandIn.running(directory, "echo '{\"kind\":\"PodList\",\"items\":[]}'");

        kubectl.handler()
                .listPods(ListQuery.in("default")
                        .withLabels(Map.of("agentrun.io/session", "abc"))
                        .withCursor("a&b=c d+e"));

        assertThat(kubectl.arguments())
                .containsExactly(
                        "get",
                        "--raw",
                        "/api/v1/namespaces/default/pods?limit=100&labelSelector=agentrun.io%2Fsession%3Dabc"
                                + "&continue=a%26b%3Dc%20d%2Be");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--all",
                "--server=http://x",
                "../../secrets/x",
                "-o=json",
                "a\nb",
                "a\u0000b",
                "a/b",
                "a?b",
                "a%2fb",
                "_A",
                "ü",
                "",
                " ",
                "a b",
                "a;b",
                "$(id)"
            })
    void a_name_that_is_none_is_refused_with_its_field_and_nothing_runs(String name) {
        StandIn kubectl = StandIn.running(directory, "");
        ProcessKubectlHandler handler = kubectl.handler();

        assertThatThrownBy(() -> handler.findClaim(new ObjectRef("default", name)))
                .isInstanceOfSatisfying(
                        InvalidInputException.class, e -> assertThat(e.field()).isEqualTo("name"));
        assertThatThrownBy(() -> handler.findNamespace(name))
                .isInstanceOfSatisfying(
                        InvalidInputException.class, e -> assertThat(e.field()).isEqualTo("namespace"));
        assertThatThrownBy(() -> handler.deleteClaim(A, name))
                .isInstanceOfSatisfying(
                        InvalidInputException.class, e -> assertThat(e.field()).isEqualTo("uid"))
                .extracting(Throwable::getMessage)
                .asString()
                .doesNotContain("$(id)");
        assertThat(handler.processesStarted()).isZero();
    }

    @Test
    void a_name_of_300_characters_is_refused() {
        String name = "a".repeat(300);

        assertThatThrownBy(() -> new ObjectRef("default", name)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new ObjectRef(name, "a")).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void a_server_that_answers_no_question_about_itself_is_asked_the_others_all_the_same() {
        StandIn kubectl = StandIn.deaf(directory, """
                case "$*" in
                version*) echo '{"clientVersion":{"gitVersion":"v1.32.0"}}';;
                *selfsubjectaccessreviews*)
                  case "$(cat)" in
                  *pods*) echo '{"status":{"allowed":false}}';;
                  *) echo '{"status":{"allowed":true}}';;
                  esac;;
                *) echo 'Error from server (Forbidden): forbidden: User "x" cannot get it' >&2; exit 1;;
                esac
                """);

        ClusterProbe probe = kubectl.handler().probe("default");

        assertThat(probe.missing()).containsExactly("list pods", "get pods/log");
        assertThat(probe.problems())
                .hasSize(2)
                .anySatisfy(problem -> assertThat(problem).contains("/version"))
                .anySatisfy(problem -> assertThat(problem).contains("namespaces"));
        assertThat(probe.ready()).isFalse();
    }

    @Test
    void a_warning_is_no_failure() {
        StandIn kubectl = StandIn.running(
                directory,
                "echo 'Warning: v1 is old' >&2; echo 'W0101 00:00:00.0 1 x.go:1] y' >&2; echo '" + CLAIM + "'");

        assertThat(kubectl.handler().findClaim(A)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not json",
                "[]",
                "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"canary-7f3a91c2\"}",
                "{\"kind\":\"PersistentVolumeClaim\"}",
                "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"claim-a\",\"namespace\":\"default\",\"uid\":\"u\"}}",
                "{\"kind\":\"PersistentVolumeClaim\",\"metadata\":{\"name\":\"Bad_Name\",\"namespace\":\"d\"}}"
            })
    void an_answer_that_is_not_what_was_asked_for_is_unknown_and_not_repeated(String answer) {
        StandIn kubectl = StandIn.running(directory, "printf '%s' '" + answer + "'");

        KubectlException e = failure(() -> kubectl.handler().findClaim(A));

        assertThat(e.reason()).isEqualTo(Reason.UNKNOWN);
        assertThat(e.getMessage()).doesNotContain(CANARY);
    }

    @Test
    void every_failure_of_a_process_names_the_executable() {
        for (String body : List.of(
                "echo 'Error from server (Forbidden): no' >&2; exit 1",
                "echo 'error: something' >&2; exit 1",
                "echo '{}'",
                "head -c 52428800 /dev/zero | tr '\\0' 'x'")) {
            StandIn kubectl = StandIn.running(directory, body);

            KubectlException e = failure(() -> kubectl.handler().findClaim(A));

            assertThat(e.executable()).as(body).contains(kubectl.executable().toString());
            assertThat(e.getMessage()).as(body).endsWith("[" + kubectl.executable() + "]");
        }
    }

    @Test
    void a_failed_delete_is_not_taken_for_a_done_one() {
        StandIn kubectl = StandIn.running(directory, "echo '{\"kind\":\"Status\",\"status\":\"Failure\"}'");

        assertThat(failure(() -> kubectl.handler().deleteClaim(A, UID)).reason())
                .isEqualTo(Reason.UNKNOWN);
    }

    @Test
    void a_kubectl_that_is_missing_or_not_executable_says_so() throws Exception {
        Path text = Files.writeString(directory.resolve("text"), "no program");
        ProcessKubectlHandler missing = new ProcessKubectlHandler(KubectlOptions.builder()
                .executable(directory.resolve("none").toString())
                .build());
        ProcessKubectlHandler broken = new ProcessKubectlHandler(
                KubectlOptions.builder().executable(text.toString()).build());

        KubectlException none = failure(() -> missing.findClaim(A));
        KubectlException not = failure(() -> broken.findClaim(A));

        assertThat(none).hasMessageEndingWith("kubectl is not there [" + directory.resolve("none") + "]");
        assertThat(none.executable()).contains(directory.resolve("none").toString());
        assertThat(none.details())
                .containsEntry("executable", directory.resolve("none").toString());
        assertThat(none.retryable()).isFalse();
        assertThat(none.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(not).hasMessageContaining("kubectl is not executable");
        assertThat(missing.probe("default").problems())
                .singleElement()
                .asString()
                .contains("kubectl is not there");
        assertThat(missing.probe("default").ready()).isFalse();
    }

    @Test
    void a_kubectl_that_is_too_old_is_named_by_the_probe() {
        StandIn kubectl = StandIn.running(directory, """
                case "$1" in
                version) echo '{"clientVersion":{"gitVersion":"v1.19.3"}}';;
                *) echo 'The connection to the server 127.0.0.1:1 was refused' >&2; exit 1;;
                esac
                """);

        ClusterProbe probe = kubectl.handler().probe("default");

        assertThat(probe.clientVersion()).isEqualTo("v1.19.3");
        assertThat(probe.serverVersion()).isNull();
        assertThat(probe.problems())
                .hasSize(2)
                .anySatisfy(problem -> assertThat(problem).contains("v1.19.3 is too old"))
                .anySatisfy(problem -> assertThat(problem).contains("unavailable"));
    }

    @Test
    void no_secret_reaches_the_command_line_or_a_message() {
        JsonObject body = JsonObject.of(
                "metadata", Map.of("name", "job-a", "namespace", "default"), "spec", Map.of("env", CANARY));
        JobManifest job =
                new JobManifest(new ObjectRef("default", "job-a"), Map.of(), null, body, Set.of(CANARY, "canary"));
        StandIn kubectl = StandIn.running(
                directory,
                "echo 'Error from server (Forbidden): denied: env=" + CANARY + " token " + TOKEN + " Bearer "
                        + "abcdefgh".repeat(5) + "' >&2; exit 1");

        KubectlException e = failure(() -> kubectl.handler().createJob(job));

        assertThat(kubectl.input()).contains(CANARY);
        assertThat(String.join(" ", kubectl.arguments())).doesNotContain(CANARY);
        assertThat(e.toString() + e.details() + e.getCause())
                .doesNotContain(CANARY)
                .doesNotContain("7f3a91c2")
                .doesNotContain(TOKEN)
                .doesNotContain("abcdefghabcdefgh");
    }

    @Test
    void a_page_that_is_too_long_is_asked_for_in_halves() {
        StandIn kubectl = StandIn.running(directory, """
                case "$*" in
                *limit=16*|*limit=8*) head -c 100000 /dev/zero | tr '\\0' 'x';;
                *) echo '{"kind":"PodList","items":[]}';;
                esac
                """);
        ProcessKubectlHandler handler = new ProcessKubectlHandler(
                kubectl.options().maxOutputBytes(64 * 1024).build());

        assertThat(handler.listPods(ListQuery.in("default").withLimit(16)).items())
                .isEmpty();

        String path = "/api/v1/namespaces/default/pods?limit=";
        assertThat(kubectl.arguments())
                .filteredOn(argument -> argument.startsWith(path))
                .containsExactly(path + 16, path + 8, path + 4);
    }
}
