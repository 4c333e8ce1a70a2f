package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.AgentRunException;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.apiserver.ApiServer;
import io.agentrun.k8s.apiserver.Cluster;
import io.agentrun.k8s.apiserver.SelfSigned;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.ProcessKubectlHandler;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import io.agentrun.k8s.storage.NewSessionVolume;
import io.agentrun.k8s.storage.SessionVolumeOptions;
import io.agentrun.k8s.storage.SessionVolumes;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.SessionUpsert;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A secret in every place where a host may put content: it is nowhere but in bodies that go through the pipe. */
@Tag("kubectl")
class CanaryTest {

    private static final String CANARY = "canary-7f3a91c2";
    private static final String SIGNATURE = "c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";

    /** Shaped as the tokens of service accounts are. */
    private static final String TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ." + SIGNATURE;

    @TempDir
    Path home;

    @Test
    void a_secret_is_in_no_argument_name_label_annotation_event_or_message() throws Exception {
        List<String> seen = new ArrayList<>();
        try (ApiServer server = ApiServer.secured(InMemoryKubectlHandler.create(), SelfSigned.create(), TOKEN);
                InMemoryAgentRunStore store = InMemoryAgentRunStore.create()) {
            KubectlHandler kubectl = noting(server);
            SessionVolumeOptions options = SessionVolumeOptions.of("test", "default");
            SessionVolumes volumes = new SessionVolumes(store, kubectl, options);
            Owner owner = new Owner("t", "p");
            JsonObject secret = JsonObject.of("note", CANARY);
            volumes.create(NewSessionVolume.of(SessionUpsert.builder("s1", owner, BackendProfile.CODEX)
                    .title(CANARY)
                    .metadata(secret)
                    .conversationId(CANARY)
                    .threadId(CANARY)
                    .build()));
            Run run = store.runs()
                    .create(NewRun.builder(
                                    owner,
                                    RunSpec.builder(BackendProfile.CODEX)
                                            .workspaceRef(secret)
                                            .executionPolicy(secret)
                                            .resourceBundleRef(secret)
                                            .traceSink(secret)
                                            .build())
                            .session(SessionRef.of("s1"))
                            .build());
            Command turn = store.commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", CANARY)));
            RunnerJobLauncher launcher = new RunnerJobLauncher(
                    store,
                    kubectl,
                    options.names(),
                    JobTemplate.builder(
                                    "default",
                                    RunnerContainer.builder("image")
                                            .args(List.of("--key", CANARY))
                                            .env("MODE", EnvValue.of("prefix-" + CANARY))
                                            .build())
                            .build());
            LaunchRequest request = LaunchRequest.of(run.id(), turn.id(), "https://host.example", "abc")
                    .withEnv(Map.of("EXTRA", EnvValue.of(CANARY)));

            server.echoBodies();
            for (Reason reason : Reason.values()) {
                server.cluster().inject(Fault.before("create jobs.batch", reason));
                try {
                    launcher.launch(request);
                } catch (AgentRunException e) {
                    seen.add(e + " " + e.details() + " " + e.getCause());
                }
            }
            launcher.launch(request);
            assertThat(server.requests())
                    .anySatisfy(sent -> assertThat(sent.body()).contains(CANARY));
            server.requests().forEach(sent -> seen.add(sent.path()));
            server.cluster().claims().forEach(claim -> seen.add(claim.toString()));
            server.cluster().jobs().forEach(job -> seen.add(job.toString()));
            server.cluster().pods().forEach(pod -> seen.add(pod.toString()));
            for (RunEvent event : store.events().list(run.id(), 0, 100).items()) {
                seen.add(JsonObject.fromBean(event).toJson());
            }
            store.runners()
                    .listJobs(run.id())
                    .forEach(job -> seen.add(JsonObject.fromBean(job).toJson()));
        }
        seen.add(Files.readString(home.resolve("kubectl.args")));

        assertThat(seen)
                .hasSizeGreaterThan(20)
                .noneSatisfy(text -> assertThat(text).contains(CANARY))
                .noneSatisfy(text -> assertThat(text).contains(SIGNATURE));
    }

    /** The real kubectl behind a script that writes down every argument. */
    private KubectlHandler noting(ApiServer server) throws Exception {
        String real = Cluster.options(server, home).build().executable();
        Path script = home.resolve("kubectl");
        Files.writeString(
                script, "#!/bin/sh\nprintf '%s\\n' \"$@\" >> '" + script + ".args'\nexec '" + real + "' \"$@\"\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new ProcessKubectlHandler(
                Cluster.options(server, home).executable(script.toString()).build());
    }
}
