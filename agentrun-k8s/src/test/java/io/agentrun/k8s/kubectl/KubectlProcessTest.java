package io.agentrun.k8s.kubectl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.log.LogEnd;
import io.agentrun.k8s.log.LogQuery;
import io.agentrun.k8s.log.LogSink;
import io.agentrun.k8s.object.AccessMode;
import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.ObjectRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The life of the process behind a call: its deadline, its descendants, its pipes. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class KubectlProcessTest {

    private static final ObjectRef A = new ObjectRef("default", "claim-a");
    private static final String CLAIM =
            "{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\",\"metadata\":{\"name\":\"claim-a\","
                    + "\"namespace\":\"default\",\"uid\":\"u-1\",\"resourceVersion\":\"7\","
                    + "\"creationTimestamp\":\"2026-01-01T00:00:00Z\"},\"status\":{\"phase\":\"Bound\"}}";

    @TempDir
    Path directory;

    private static KubectlException failure(Runnable call) {
        return Optional.ofNullable(catchThrowableOfType(KubectlException.class, call::run))
                .orElseThrow();
    }

    @Test
    void a_hung_kubectl_is_killed_at_its_deadline_with_a_child_that_ignores_the_signal() throws Exception {
        StandIn kubectl = StandIn.deaf(directory, """
                sh -c 'trap "" TERM INT HUP; echo $$ > "$0.child"; while true; do sleep 1; done' "$0" &
                echo $$ > "$0.parent"
                trap "" TERM INT HUP
                wait
                """);
        ProcessKubectlHandler handler = new ProcessKubectlHandler(
                kubectl.options().deadline(Duration.ofMillis(1500)).build());

        long start = System.nanoTime();
        KubectlException e = failure(() -> handler.findClaim(A));
        Duration took = Duration.ofNanos(System.nanoTime() - start);

        assertThat(e.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(e.retryable()).isTrue();
        assertThat(took).isLessThan(Duration.ofSeconds(6));
        for (String who : List.of("parent", "child")) {
            long pid = Long.parseLong(kubectl.read(who).strip());
            Optional<ProcessHandle> left = ProcessHandle.of(pid);
            if (left.isPresent()) {
                // Killed, perhaps not yet reaped by whoever inherited it.
                left.get().onExit().get(20, TimeUnit.SECONDS);
            }
            assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false))
                    .as(who)
                    .isFalse();
        }
    }

    @Test
    void a_child_that_outlives_kubectl_and_holds_its_output_does_not_hold_the_caller() {
        StandIn kubectl = StandIn.deaf(
                directory,
                "sh -c 'sleep 0.6; exec sleep 600' &\necho $! > \"$0.child\"\nsleep 0.5\necho '" + CLAIM + "'");
        ProcessKubectlHandler handler = new ProcessKubectlHandler(
                kubectl.options().deadline(Duration.ofSeconds(2)).build());

        KubectlException e = failure(() -> handler.findClaim(A));

        assertThat(e.reason()).isEqualTo(Reason.TIMEOUT);
        Optional<ProcessHandle> child =
                ProcessHandle.of(Long.parseLong(kubectl.read("child").strip()));
        child.ifPresent(
                handle -> handle.onExit().orTimeout(20, TimeUnit.SECONDS).join());
    }

    @Test
    void a_child_of_a_kubectl_that_ended_at_once_is_ended_at_the_deadline() {
        StandIn kubectl = StandIn.deaf(directory, """
                setsid sh -c 'trap "" TERM HUP; echo $$ > "$0.child"; while true; do sleep 1; done' "$0" &
                while [ ! -s "$0.child" ]; do sleep 0.01; done
                exit 0
                """);
        ProcessKubectlHandler handler = new ProcessKubectlHandler(
                kubectl.options().deadline(Duration.ofSeconds(2)).build());

        KubectlException e = failure(() -> handler.findClaim(A));

        assertThat(e.reason()).isEqualTo(Reason.TIMEOUT);
        assertEnds(kubectl, "child");
    }

    @Test
    void a_descendant_that_has_closed_its_output_and_left_the_session_is_ended_with_a_hung_kubectl() {
        StandIn kubectl = StandIn.deaf(directory, """
                (setsid sh -c 'echo $$ > "$0.child"; exec sleep 600' "$0" > /dev/null 2>&1 < /dev/null &)
                exec sleep 600
                """);
        ProcessKubectlHandler handler = new ProcessKubectlHandler(
                kubectl.options().deadline(Duration.ofSeconds(2)).build());

        KubectlException e = failure(() -> handler.findClaim(A));

        assertThat(e.reason()).isEqualTo(Reason.TIMEOUT);
        assertEnds(kubectl, "child");
    }

    @Test
    void a_background_process_of_kubectl_delays_no_call_and_is_not_killed() {
        StandIn kubectl = StandIn.deaf(directory, """
                sleep 600 > /dev/null 2>&1 < /dev/null &
                echo $! > "$0.child"
                echo '%s'
                """.formatted(CLAIM));

        assertThat(kubectl.handler().findClaim(A)).isPresent();

        ProcessHandle left =
                ProcessHandle.of(Long.parseLong(kubectl.read("child").strip())).orElseThrow();
        assertThat(left.isAlive()).isTrue();
        left.destroyForcibly();
    }

    private static void assertEnds(StandIn kubectl, String who) {
        Optional<ProcessHandle> left =
                ProcessHandle.of(Long.parseLong(kubectl.read(who).strip()));
        // Killed, perhaps not yet reaped by whoever inherited it.
        left.ifPresent(handle -> handle.onExit().orTimeout(20, TimeUnit.SECONDS).join());
    }

    @Test
    void a_call_does_not_wait_for_the_common_pool() throws Exception {
        StandIn kubectl = StandIn.running(directory, "echo '" + CLAIM + "'");
        CountDownLatch end = new CountDownLatch(1);
        ForkJoinPool pool = ForkJoinPool.commonPool();
        List<ForkJoinTask<?>> busy = new ArrayList<>();
        for (int i = 0; i < pool.getParallelism() + 4; i++) {
            busy.add(pool.submit(() -> {
                end.await();
                return null;
            }));
        }
        try {
            assertThat(kubectl.handler().findClaim(A)).isPresent();
        } finally {
            end.countDown();
        }
        for (ForkJoinTask<?> task : busy) {
            task.get();
        }
    }

    @Test
    void fifty_megabytes_of_output_are_cut_off() {
        StandIn kubectl = StandIn.deaf(directory, "head -c 52428800 /dev/zero | tr '\\0' 'x'");

        KubectlException e = failure(() -> kubectl.handler().findClaim(A));

        assertThat(e.reason()).isEqualTo(Reason.UNKNOWN);
        assertThat(e).hasMessageContaining("longer than 4194304 bytes");
        assertThat(e.getMessage()).hasSizeLessThan(1_000);
    }

    @Test
    void fifty_megabytes_of_complaints_are_drained_and_the_beginning_kept() {
        StandIn kubectl = StandIn.deaf(
                directory,
                "echo 'Error from server (Forbidden): no' >&2; head -c 52428800 /dev/zero | tr '\\0' 'x' >&2; exit 1");

        KubectlException e = failure(() -> kubectl.handler().findClaim(A));

        assertThat(e.reason()).isEqualTo(Reason.FORBIDDEN);
        assertThat(e.getMessage()).hasSizeLessThan(1_000);
    }

    @Test
    void a_kubectl_that_does_not_read_its_input_is_no_obstacle() {
        StandIn kubectl = StandIn.deaf(directory, "echo '" + CLAIM + "'");
        ClaimManifest large = new ClaimManifest(
                A, Map.of(), Map.of("x", "y".repeat(200_000)), "1Gi", null, List.of(AccessMode.READ_WRITE_ONCE));

        assertThat(kubectl.handler().createClaim(large).meta().uid()).isEqualTo("u-1");
    }

    @Test
    void an_interrupted_caller_returns_at_once_and_stays_interrupted() {
        StandIn kubectl = StandIn.deaf(directory, "exec sleep 600");
        ProcessKubectlHandler handler = kubectl.handler();

        Thread.currentThread().interrupt();
        KubectlException e = failure(() -> handler.findClaim(A));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE);
    }

    @Test
    void a_log_that_is_written_for_longer_than_the_deadline_is_read_to_its_end() {
        StandIn kubectl = StandIn.deaf(directory, """
                for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
                  printf '2026-03-01T12:00:%02dZ line\\n' $i
                  sleep 0.5
                done
                """);
        ProcessKubectlHandler handler = new ProcessKubectlHandler(
                kubectl.options().deadline(Duration.ofSeconds(5)).build());
        List<String> lines = new ArrayList<>();

        LogEnd end = handler.readLog(LogQuery.of(new ObjectRef("default", "pod-a"), "runner"), line -> {
            lines.add(line.text());
            return LogSink.Next.GO_ON;
        });

        assertThat(lines).hasSize(12).containsOnly("line");
        assertThat(end.rest()).isEqualTo(LogEnd.Rest.NONE);
    }
}
