package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.kubectl.Permission;
import io.agentrun.k8s.kubectl.memory.ClusterCall;
import io.agentrun.k8s.reconcile.ReconcileOptions;
import io.agentrun.k8s.reconcile.ResumeCheck;
import io.agentrun.k8s.reconcile.ResumeQuery;
import io.agentrun.k8s.reconcile.StorageReconciler;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.model.TenantScope;
import io.agentrun.run.Run;
import io.agentrun.runner.RunnerJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The Role of the guide against what is really called. */
abstract class RoleScenarios extends Scenario {

    private static final Path GUIDE = Path.of("..", "docs", "kubernetes.md");
    private static final Pattern RULE =
            Pattern.compile("- apiGroups: \\[\"([^\"]*)\"]\\s+resources: \\[\"([^\"]*)\"]\\s+verbs: \\[([^]]*)]");

    private static Set<String> role() throws IOException {
        String guide = Files.readString(GUIDE);
        Matcher block =
                Pattern.compile("```yaml\\n([^`]*kind: Role\\n[^`]*)```").matcher(guide);
        assertThat(block.find()).as("the Role of the guide").isTrue();
        Set<String> permissions = new TreeSet<>();
        Matcher rule = RULE.matcher(block.group(1));
        while (rule.find()) {
            String group = rule.group(1).isEmpty() ? "" : "." + rule.group(1);
            Arrays.stream(rule.group(3).split(","))
                    .map(verb -> verb.replace("\"", "").strip())
                    .forEach(verb -> permissions.add(verb + " " + rule.group(2) + group));
        }
        return permissions;
    }

    @Test
    void the_role_allows_what_is_called_and_nothing_else() throws Exception {
        RunnerJobLauncher launcher = new RunnerJobLauncher(
                store,
                kubectl(),
                names,
                JobTemplate.builder("default", RunnerContainer.builder("image").build())
                        .build(),
                clock);
        create("s1");
        volumes.summary("s1");
        cluster().bindAtOnce();
        volumes.resize("s1", "20Gi");
        Run run = run("s1");
        Command turn = turn(run);
        RunnerJob job = launcher.launch(LaunchRequest.of(run.id(), turn.id(), "https://host.example", "abc123"));
        cluster().startJob(cluster().jobs().get(0).meta().ref());
        launcher.status(job);
        launcher.logs(job, 10);
        cluster().refusePods("exceeded quota");
        Run waiting = run("s3");
        RunnerJob noPod =
                launcher.launch(LaunchRequest.of(waiting.id(), turn(waiting).id(), "https://host.example", "abc123"));
        clock.advance(Duration.ofSeconds(10));
        launcher.status(noPod);
        Fence fence = store.leases().claim(run.id(), "r", Duration.ofMinutes(1)).fence();
        store.commands().acknowledge(fence, turn.id());
        clock.advance(Duration.ofHours(1));
        RunnerRescue rescue = new RunnerRescue(store, kubectl(), names, "default", clock);
        rescue.rescue(ExpiredQuery.in(TenantScope.all()));
        rescue.rescue(ExpiredQuery.in(TenantScope.all()));
        createExpired("s2");
        new ResumeCheck(store, kubectl()).check(ResumeQuery.of("s2", CODEX));
        gc("a").sweep();
        new StorageReconciler(
                        store, kubectl(), options, ReconcileOptions.defaults().withClock(clock))
                .apply();
        volumes.delete("s1");

        Set<String> called =
                cluster().calls().stream().map(ClusterCall::permission).collect(Collectors.toCollection(TreeSet::new));
        List<String> needed = new ArrayList<>(
                Permission.NEEDED.stream().map(Permission::toString).toList());

        Set<String> withOptional = new TreeSet<>(role());
        withOptional.addAll(
                Permission.OPTIONAL.stream().map(Permission::toString).toList());
        assertThat(called).isEqualTo(withOptional);
        assertThat(needed).containsExactlyInAnyOrderElementsOf(role());
    }
}
