package io.agentrun.k8s.kubectl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.object.ObjectRef;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of the host's environment kubectl gets what it needs and nothing else. */
class ChildEnvironmentTest {

    private static final Map<String, String> HOST = Map.of(
            "PATH", System.getenv("PATH"),
            "HOME", "/home/host",
            "HTTPS_PROXY", "http://proxy.example",
            "KUBERC", "/home/host/kuberc",
            "KUBECTL_KUBERC", "true",
            "LANG", "de_DE.UTF-8",
            "AWS_PROFILE", "prod",
            "DATABASE_PASSWORD", "canary-7f3a91c2");

    @TempDir
    Path directory;

    @Test
    void a_call_sees_a_clean_environment_with_preferences_off() {
        StandIn kubectl =
                StandIn.deaf(directory, "env > \"$0.env\"; echo 'Error from server (NotFound): no' >&2; exit 1");
        KubectlOptions options = kubectl.options()
                .home(directory)
                .inherited(Set.of("AWS_PROFILE", "NOT_THERE"))
                .build();

        assertThat(new ProcessKubectlHandler(options, HOST).findClaim(new ObjectRef("default", "a")))
                .isEmpty();

        Map<String, String> seen = new HashMap<>();
        kubectl.read("env")
                .lines()
                .forEach(line -> seen.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        // What the shell itself and the mark of the call add.
        seen.keySet().removeAll(Set.of("PWD", "OLDPWD", "SHLVL", "_", "AGENTRUN_KUBECTL_CALL"));
        assertThat(seen)
                .isEqualTo(Map.of(
                        "PATH", HOST.get("PATH"),
                        "HOME", directory.toString(),
                        "HTTPS_PROXY", "http://proxy.example",
                        "AWS_PROFILE", "prod",
                        "KUBERC", "off",
                        "KUBECTL_KUBERC", "false",
                        "LC_ALL", "C",
                        "LANG", "C"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"KUBERC", "KUBECTL_KUBERC", "KUBECTL_COMMAND_HEADERS", "A-B", ""})
    void variables_that_change_kubectl_itself_cannot_be_inherited(String name) {
        assertThatThrownBy(
                        () -> KubectlOptions.builder().inherited(Set.of(name)).build())
                .isInstanceOfSatisfying(
                        InvalidInputException.class, e -> assertThat(e.field()).isEqualTo("inherited"));
    }
}
