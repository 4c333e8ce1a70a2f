package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.job.PodExtras.Owner;
import io.agentrun.k8s.job.PodScheduling.Toleration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused when a template is built, before a cluster is asked. */
class TemplateTest {

    private static final RunnerContainer IMAGE =
            RunnerContainer.builder("image").build();

    private static void assertRefused(String field, Runnable build) {
        assertThatThrownBy(build::run)
                .isInstanceOfSatisfying(
                        InvalidInputException.class, e -> assertThat(e.field()).isEqualTo(field));
    }

    private static RunnerContainer with(String name, String value) {
        return RunnerContainer.builder("image").env(name, EnvValue.of(value)).build();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "controller-uid",
                "job-name",
                "batch.kubernetes.io/job-name",
                "batch.kubernetes.io/controller-uid",
                "batch.kubernetes.io/other",
                "agentrun.io/run",
                "app.kubernetes.io/managed-by"
            })
    void a_label_that_agentrun_or_the_job_controller_sets_is_refused_by_name(String key) {
        assertThatThrownBy(() -> JobTemplate.builder("agents", IMAGE)
                        .labels(Map.of(key, "x"))
                        .build())
                .isInstanceOfSatisfying(InvalidInputException.class, e -> {
                    assertThat(e.field()).isEqualTo("labels");
                    assertThat(e).hasMessageContaining(key);
                });
    }

    @Test
    void other_labels_are_taken() {
        assertThat(JobTemplate.builder("agents", IMAGE)
                        .labels(Map.of("team", "a", "example.io/job-name", "x"))
                        .build()
                        .labels())
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "PGPASSWORD, x",
        "DB_PASS, x",
        "DB_PASS, 123456",
        "GITHUB_PAT, x",
        "OPENAI_KEY, x",
        "openai_api_key, x",
        "DATABASE_URL, db.example",
        "REDIS_URI, r.example",
        "DB_CONNECTION_STRING, x",
        "TOKEN_1, x",
        "KEY2, x",
        "DB_PASS2, x",
        "GITHUB_PAT_10, x",
        "DATABASE_URL_2, db.example",
        "TOKEN, x",
        "GH_TOKEN, x",
        "MYSQL_PWD, x",
        "SENTRY_DSN, x",
        "CLIENT_SECRET, x",
        "MY_CREDENTIALS, x",
        "SESSION_COOKIE, x",
        "GIT_REMOTE, https://user:secret@git.example/x.git"
    })
    void a_secret_by_its_name_or_its_value_is_no_literal(String name, String value) {
        assertRefused("env", () -> with(name, value));
        assertRefused(
                "env", () -> LaunchRequest.of("r", "c", "https://x", "abc").withEnv(Map.of(name, EnvValue.of(value))));
        assertThat(RunnerContainer.builder("image")
                        .env(name, EnvValue.fromSecret("s", "k"))
                        .build()
                        .env())
                .containsKey(name);
    }

    @ParameterizedTest
    @CsvSource({
        "MAX_TOKENS, 4096",
        "TOKEN_LIMIT, 10",
        "SORT_KEYS, true",
        "AWS_ACCESS_KEY_ID, AKIA",
        "PGPASSFILE, /etc/pg",
        "SSH_KEY_PATH, /etc/key",
        "SECRET_NAME, model-keys",
        "PWD, /work",
        "MONKEY, x",
        "COMPASS, x",
        "PATH, /bin",
        "BASE_URL, https://host.example/a:b@c",
        "COMMAND_LINE, echo hello",
        "MODE, fast"
    })
    void what_is_no_secret_is_a_literal(String name, String value) {
        assertThat(with(name, value).env()).containsEntry(name, EnvValue.of(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"AGENTRUN_RUN_ID", "AGENTRUN_MANAGER_URL", "AGENTRUN_", "AGENTRUN_MODE"})
    void a_variable_with_the_prefix_of_the_launcher_is_refused_whatever_its_value(String name) {
        assertRefused("env", () -> with(name, "x"));
        assertRefused(
                "env", () -> LaunchRequest.of("r", "c", "https://x", "abc").withEnv(Map.of(name, EnvValue.of("x"))));
        assertRefused(
                "env",
                () -> RunnerContainer.builder("image")
                        .env(name, EnvValue.fromSecret("s", "k"))
                        .build());
        assertThat(with("AGENTRUNS", "x").env()).containsKey("AGENTRUNS");
    }

    @Test
    void what_kubernetes_would_refuse_or_would_lose_an_outcome_is_refused() {
        JobTemplate.Builder builder = JobTemplate.builder("agents", IMAGE);
        assertRefused("ttl", () -> builder.ttl(Duration.ofSeconds(59)).build());
        assertThat(builder.ttl(Duration.ofMinutes(1)).build().ttl()).isEqualTo(Duration.ofMinutes(1));
        assertRefused("nodeSelector", () -> PodScheduling.anywhere().withNodeSelector(Map.of("a b", "x")));
        assertRefused("tolerations", () -> new Toleration("k", "v", "Sometimes"));
        assertRefused("tolerations", () -> new Toleration("a b", null, null));
        assertRefused("priorityClassName", () -> PodScheduling.anywhere().withPriorityClassName("A"));
        assertRefused("runtimeClassName", () -> PodScheduling.anywhere().withRuntimeClassName("A"));
        assertRefused("annotations", () -> PodExtras.none().withAnnotations(Map.of("a b", "x")));
        assertRefused("terminationGrace", () -> PodExtras.none().withTerminationGrace(Duration.ofSeconds(-1)));
        assertRefused("terminationGrace", () -> PodExtras.none().withTerminationGrace(Duration.ofHours(2)));
        assertRefused("owner", () -> new Owner("apps", "Deployment", "n", "u"));
        assertRefused("owner", () -> new Owner("apps/v1", "De ployment", "n", "u"));
        assertRefused("volumes", () -> ExtraVolume.configMap("session", "/a", "c"));
        assertRefused("volumes", () -> ExtraVolume.configMap("tmp", "/a", "c"));
        assertRefused("volumes", () -> ExtraVolume.configMap("x", "a/../b", "c"));
        assertRefused("volumes", () -> ExtraVolume.secret("x", "/a", "C"));
        assertRefused("volumes", () -> ExtraVolume.empty("x", "/a", "much"));
        assertRefused("volumes", () -> new ExtraVolume("x", "/a", ExtraVolume.Source.EMPTY, "object", null));
        assertRefused(
                "volumes",
                () -> PodExtras.none()
                        .withVolumes(List.of(ExtraVolume.empty("x", "/a", null), ExtraVolume.empty("y", "/a", null))));
        assertRefused(
                "volumes",
                () -> JobTemplate.builder("agents", IMAGE)
                        .extras(PodExtras.none()
                                .withVolumes(List.of(ExtraVolume.empty("x", JobTemplate.DEFAULT_MOUNT_PATH, null))))
                        .build());
        assertRefused(
                "volumes",
                () -> JobTemplate.builder("agents", IMAGE)
                        .security(JobSecurity.defaults().withRootFilesystem(JobSecurity.RootFilesystem.READ_ONLY))
                        .extras(PodExtras.none().withVolumes(List.of(ExtraVolume.empty("x", "/tmp", null))))
                        .build());
    }
}
