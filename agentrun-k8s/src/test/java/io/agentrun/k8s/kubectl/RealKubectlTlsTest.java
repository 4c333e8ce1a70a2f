package io.agentrun.k8s.kubectl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.agentrun.k8s.apiserver.ApiServer;
import io.agentrun.k8s.apiserver.Cluster;
import io.agentrun.k8s.apiserver.SelfSigned;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import io.agentrun.k8s.object.AccessMode;
import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.ObjectRef;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real kubectl over HTTPS, with a certificate to trust and a token to show. */
@Tag("kubectl")
class RealKubectlTlsTest {

    private static final ObjectRef A = new ObjectRef("default", "a");
    private static final String TOKEN = "opaque-canary-7f3a91c2";

    @TempDir
    Path home;

    private final SelfSigned certificate = SelfSigned.create();
    private final ApiServer server = ApiServer.secured(InMemoryKubectlHandler.create(), certificate, TOKEN);

    @AfterEach
    void stop() {
        server.close();
    }

    private ProcessKubectlHandler handler(@Nullable SelfSigned trusted, String token) {
        return new ProcessKubectlHandler(Cluster.options(server, home)
                .kubeconfig(server.kubeconfig(home, trusted, token))
                .build());
    }

    private static KubectlException failure(Runnable call) {
        return Optional.ofNullable(catchThrowableOfType(KubectlException.class, call::run))
                .orElseThrow();
    }

    @Test
    void a_client_that_trusts_the_certificate_and_sends_the_token_is_served() {
        ProcessKubectlHandler handler = handler(certificate, TOKEN);

        ClaimView claim = handler.createClaim(
                new ClaimManifest(A, Map.of(), Map.of(), "1Gi", null, List.of(AccessMode.READ_WRITE_ONCE)));

        assertThat(handler.findClaim(A)).contains(claim);
        handler.deleteClaim(A, claim.meta().uid());
        assertThat(handler.findClaim(A)).isEmpty();
        assertThat(handler.probe("default").ready()).isTrue();
    }

    @Test
    void a_wrong_token_is_unauthorized_and_in_no_message() {
        ProcessKubectlHandler handler = handler(certificate, "wrong-" + TOKEN);

        KubectlException e = failure(() -> handler.findClaim(A));

        assertThat(e.reason()).isEqualTo(Reason.UNAUTHORIZED);
        assertThat(e.retryable()).isFalse();
        assertThat(e + " " + e.details() + " " + handler.probe("default")).doesNotContain(TOKEN);
    }

    @Test
    void a_certificate_of_another_authority_is_unauthorized_and_the_token_is_not_sent() {
        for (SelfSigned other : new @Nullable SelfSigned[] {SelfSigned.create(), null}) {
            ProcessKubectlHandler handler = handler(other, TOKEN);

            KubectlException e = failure(() -> handler.findClaim(A));

            assertThat(e.reason()).isEqualTo(Reason.UNAUTHORIZED);
            assertThat(e.retryable()).isFalse();
            assertThat(e).hasMessageContaining("certificate");
            assertThat(e + " " + e.details() + " " + handler.probe("default")).doesNotContain(TOKEN);
        }
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void a_probe_says_what_is_forbidden() {
        ProcessKubectlHandler handler = handler(certificate, TOKEN);
        server.cluster().deny("delete jobs.batch");
        server.cluster().deny("get namespaces");
        server.cluster().deny("get /version");

        ClusterProbe some = handler.probe("default");
        server.cluster().deny("create selfsubjectaccessreviews.authorization.k8s.io");
        ClusterProbe none = handler.probe("default");

        assertThat(some.missing()).containsExactly("delete jobs.batch", "get namespaces");
        assertThat(some.serverVersion()).isNull();
        assertThat(some.problems())
                .hasSize(2)
                .allSatisfy(problem -> assertThat(problem).contains("forbidden"))
                .anySatisfy(problem -> assertThat(problem).contains("/version"))
                .anySatisfy(problem -> assertThat(problem).contains("namespaces"));
        assertThat(some.ready()).isFalse();
        assertThat(none.missing()).isEmpty();
        assertThat(none.problems())
                .hasSize(3)
                .anySatisfy(problem -> assertThat(problem).contains("selfsubjectaccessreviews"));
        assertThat(none.ready()).isFalse();
    }
}
