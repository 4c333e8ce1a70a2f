package io.agentrun.k8s.kubectl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.agentrun.k8s.apiserver.ApiServer;
import io.agentrun.k8s.apiserver.ApiServer.Overruling;
import io.agentrun.k8s.apiserver.Cluster;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import io.agentrun.k8s.log.LogQuery;
import io.agentrun.k8s.log.LogSink;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import io.agentrun.k8s.object.SkippedObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real kubectl before answers that are too large, broken, or of a part behind the server. */
@Tag("kubectl")
class RealKubectlAnswersTest {

    private static final ObjectRef A = new ObjectRef("default", "a");
    private static final int LEAST = 64 * 1024;

    @TempDir
    Path home;

    private final ApiServer server = new ApiServer(InMemoryKubectlHandler.create());

    @AfterEach
    void stop() {
        server.close();
    }

    private ProcessKubectlHandler handler() {
        return new ProcessKubectlHandler(
                Cluster.options(server, home).maxOutputBytes(LEAST).build());
    }

    private static KubectlException failure(Runnable call) {
        return Optional.ofNullable(catchThrowableOfType(KubectlException.class, call::run))
                .orElseThrow();
    }

    private static Overruling status(int code, String message) {
        return new Overruling(
                code,
                "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":\""
                        + message + "\",\"code\":" + code + "}");
    }

    @Test
    void a_page_that_is_too_large_is_halved_and_what_is_too_large_by_itself_is_skipped() {
        Map<String, String> large = Map.of("filler", "x".repeat(60));
        for (int i = 0; i < 60; i++) {
            server.cluster()
                    .addPod(
                            new ObjectRef("default", "pod-" + (100 + i) + "-" + "y".repeat(200)),
                            large,
                            Set.of("claim-" + "z".repeat(200)),
                            null);
        }
        ObjectRef first = new ObjectRef("default", "a-large-one");
        ObjectRef last = new ObjectRef("default", "z-large-one");
        server.cluster().addPod(first, Map.of(), Set.of(), null);
        server.cluster().addPod(last, Map.of(), Set.of(), null);
        server.cluster().oversize(first);
        server.cluster().oversize(last);
        ProcessKubectlHandler handler = handler();

        ObjectPage<PodView> all = ListQuery.in("default").withLimit(64).all(handler::listPods);

        assertThat(all.items()).hasSize(60);
        assertThat(all.items()).extracting(pod -> pod.meta().ref().name()).doesNotHaveDuplicates();
        assertThat(all.skipped()).extracting(SkippedObject::name).containsExactly("a-large-one", "z-large-one");
        assertThat(all.skipped().get(0).why()).contains("65536 bytes");
    }

    @Test
    void the_size_that_fits_is_remembered_and_grows_again() {
        for (int i = 0; i < 40; i++) {
            server.cluster()
                    .addPod(
                            new ObjectRef("default", "pod-" + (100 + i) + "-" + "y".repeat(200)),
                            Map.of(),
                            Set.of("c1-" + "z".repeat(230), "c2-" + "z".repeat(230), "c3-" + "z".repeat(230)),
                            null);
        }
        ProcessKubectlHandler handler = handler();
        ListQuery query = ListQuery.in("default").withLimit(40);
        assertThat(query.all(handler::listPods).items()).hasSize(40);
        long first = handler.processesStarted();
        assertThat(query.all(handler::listPods).items()).hasSize(40);
        long second = handler.processesStarted() - first;
        assertThat(first).isGreaterThan(second);
        server.cluster().removeNamespace("default");
        server.cluster().addNamespace("default");
        server.forgetRequests();
        for (int i = 0; i < 4; i++) {
            query.all(handler::listPods);
        }

        assertThat(server.requests())
                .last()
                .satisfies(request -> assertThat(request.path()).contains("limit=40"));
    }

    @Test
    void one_bad_object_of_a_list_fails_alone() {
        server.overrule(request -> request.path().contains("/pods?") ? new Overruling(200, """
                        {"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[
                        {"metadata":{"name":"no-uid","namespace":"default"}},
                        {"metadata":{"name":"bad-time","namespace":"default","uid":"u","creationTimestamp":"yesterday"}},
                        {"metadata":{"name":"nul","namespace":"default","uid":"u2","annotations":{"x":"a\\u0000b"},
                        "labels":{"env":"pro\\u0000d"}},"spec":{"nodeName":"n"},"status":{"phase":"Running"}}]}
                        """) : null);

        ObjectPage<PodView> page = handler().listPods(ListQuery.in("default"));

        assertThat(page.items()).singleElement().satisfies(pod -> {
            assertThat(pod.meta().ref().name()).isEqualTo("nul");
            assertThat(pod.meta().labels()).containsEntry("env", "pro\uFFFDd");
            assertThat(pod.meta().annotations()).isEmpty();
        });
        assertThat(page.skipped()).extracting(SkippedObject::name).containsExactly("no-uid", "bad-time");
    }

    @Test
    void events_that_are_bad_or_too_large_keep_no_others_from_being_read() {
        String good = "{\"metadata\":{\"name\":\"e%s\",\"namespace\":\"default\",\"uid\":\"u\"},\"type\":\"Warning\","
                + "\"reason\":\"FailedCreate\",\"message\":\"%s\",\"lastTimestamp\":\"%s\"}";
        String bad = good.formatted("1", "x", "yesterday");
        String begin =
                "{\"kind\":\"EventList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[";
        String large = good.formatted("2", "y".repeat(LEAST), "2026-03-01T12:00:00Z");
        String read = good.formatted("3", "quota", "2026-03-01T12:00:00Z");
        server.overrule(request -> {
            // kubectl sorts the parameters.
            boolean whole = request.path().matches(".*[?&]limit=(100|50)(&.*)?");
            String items = whole ? String.join(",", bad, read, large) : String.join(",", bad, read);
            return request.path().contains("/events?") ? new Overruling(200, begin + items + "]}") : null;
        });

        assertThat(handler().listEvents("default", "u"))
                .singleElement()
                .satisfies(event -> assertThat(event.message()).isEqualTo("quota"));
    }

    @Test
    void a_claim_that_somebody_changes_while_it_is_to_grow_is_a_conflict_that_may_pass() {
        ProcessKubectlHandler handler = handler();
        ObjectRef ref = new ObjectRef("default", "a");
        server.cluster().replaceClaim(ref, Map.of());
        String uid = server.cluster().claim(ref).orElseThrow().meta().uid();
        server.overrule(request -> {
            if (request.method().equals("PUT")) {
                server.cluster().touch(ref);
            }
            return null;
        });

        KubectlException e = failure(() -> handler.resizeClaim(ref, uid, "2Gi"));

        assertThat(e.reason()).isEqualTo(Reason.CONFLICT);
        assertThat(e.retryable()).isTrue();
        assertThat(server.cluster().claim(ref).orElseThrow().size()).isEqualTo("1Gi");
        server.overrule(request -> null);
        assertThat(handler.resizeClaim(ref, uid, "2Gi").size()).isEqualTo("2Gi");
        KubectlException other = failure(() -> handler.resizeClaim(ref, "another-uid", "3Gi"));
        assertThat(other.reason()).isEqualTo(Reason.CONFLICT);
        assertThat(other.retryable()).isFalse();
        assertThat(server.requests())
                .filteredOn(request -> request.method().equals("PUT"))
                .hasSize(2)
                .allSatisfy(request -> assertThat(request.body()).contains(uid));
    }

    @Test
    void a_part_behind_the_server_that_cannot_be_reached_is_unavailable_for_a_while() {
        for (String words : new String[] {
            "Get https://10.0.0.7:10250/containerLogs/x: dial tcp 10.0.0.7:10250: connect: connection refused",
            "etcdserver: leader changed",
            "No agent available",
            "no preferred addresses found; known addresses: []"
        }) {
            server.overrule(request -> status(500, words));

            for (Runnable call : new Runnable[] {
                () -> handler().findClaim(A),
                () -> handler().readLog(LogQuery.of(A, "runner"), line -> LogSink.Next.GO_ON)
            }) {
                KubectlException e = failure(call);
                assertThat(e.reason()).as(words).isEqualTo(Reason.UNAVAILABLE);
                assertThat(e.retryable()).isTrue();
            }
        }
    }

    @Test
    void an_error_text_of_a_node_in_place_of_a_log_is_a_failure_and_not_a_line() {
        server.overrule(request -> new Overruling(200, "unable to retrieve container logs for containerd://abc"));

        KubectlException e = failure(() -> handler().readLog(LogQuery.of(A, "runner"), line -> LogSink.Next.STOP));

        assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(e).hasMessageContaining("unable to retrieve container logs");
    }

    @Test
    void a_log_asks_for_its_container_and_never_for_a_limit() {
        server.cluster().addPod(A, Set.of());
        server.cluster().startPod(A);
        server.cluster().log(A, "one\n");

        var end = handler().readLog(LogQuery.of(A, "runner"), line -> LogSink.Next.GO_ON);
        handler().readLog(LogQuery.of(A, "runner").after(end.position()), line -> LogSink.Next.GO_ON);

        // Some builds of kubectl ask for the server's version first.
        List<String> logs = server.requests().stream()
                .map(ApiServer.Request::path)
                .filter(path -> path.contains("/log"))
                .toList();
        assertThat(logs)
                .hasSize(2)
                .allSatisfy(path -> assertThat(path)
                        .contains("container=runner")
                        .contains("timestamps=true")
                        .doesNotContain("limitBytes"));
        assertThat(logs.get(1)).contains("sinceTime=");
    }

    @Test
    void a_namespace_that_is_on_its_way_out_is_not_ready() {
        server.cluster().terminateNamespace("default");

        ClusterProbe probe = handler().probe("default");

        assertThat(probe.ready()).isFalse();
        assertThat(probe.problems()).singleElement().asString().contains("Terminating");
    }
}
