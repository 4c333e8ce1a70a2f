package io.agentrun.k8s.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.apiserver.TestJobs;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.log.LogEnd.Continuity;
import io.agentrun.k8s.log.LogEnd.Rest;
import io.agentrun.k8s.log.LogQuery.Writer;
import io.agentrun.k8s.log.LogSink.Next;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Logs are whole, in order, and go on where the last look ended. */
abstract class LogScenarios extends Scenario {

    private static final ObjectRef POD = new ObjectRef("default", "pod-a");

    private final List<String> seen = new ArrayList<>();

    private void runningPod() {
        cluster().addPod(POD, Set.of());
        cluster().startPod(POD);
    }

    private static LogQuery query() {
        return LogQuery.of(POD, "runner");
    }

    private LogEnd read(LogQuery query) {
        return kubectl().readLog(query, line -> {
            seen.add(line.text());
            return Next.GO_ON;
        });
    }

    @Test
    void a_look_goes_on_where_the_last_one_ended_also_within_one_second() {
        runningPod();
        cluster().log(POD, "one\ntwo\n");
        LogEnd first = read(query());
        cluster().log(POD, "one\ntwo\ntwo\n");
        LogEnd second = read(query().after(first.position()));
        clock.advance(Duration.ofSeconds(3));
        cluster().log(POD, "one\ntwo\ntwo\nthree\nfour\n");
        LogEnd third = read(query().after(second.position()));
        LogEnd fourth = read(query().after(third.position()));

        assertThat(seen).containsExactly("one", "two", "two", "three", "four");
        assertThat(List.of(first, second, third, fourth)).allSatisfy(end -> {
            assertThat(end.rest()).isEqualTo(Rest.NONE);
            assertThat(end.continuity()).isEqualTo(Continuity.WHOLE);
        });
        assertThat(fourth.position()).isEqualTo(third.position());
    }

    @Test
    void the_log_of_the_named_container_is_read_beside_a_sidecar() {
        ObjectRef job = new ObjectRef("default", "job-a");
        kubectl().createJob(TestJobs.manifest(job, Map.of(), "claim-a", List.of("runner", "istio-proxy")));
        ObjectRef pod = cluster().pods().get(0).meta().ref();
        cluster().startPod(pod);
        cluster().log(pod, "of the runner\n");

        read(LogQuery.of(pod, "runner"));
        read(LogQuery.of(pod, "istio-proxy"));

        assertThat(seen).containsExactly("of the runner");
        assertThatThrownBy(() -> read(LogQuery.of(pod, "other")))
                .isInstanceOfSatisfying(
                        KubectlException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID));
    }

    @Test
    void a_container_that_has_not_started_has_an_empty_log_and_a_pod_that_is_gone_has_none() {
        cluster().addPod(POD, Set.of());
        assertThat(read(query()).position()).isNull();
        cluster().podState(POD, PodState.of("Pending", null));
        assertThat(read(query()).position()).isNull();
        cluster().removePod(POD);

        assertThatThrownBy(() -> read(query()))
                .isInstanceOfSatisfying(
                        KubectlException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
        assertThat(seen).isEmpty();
    }

    @Test
    void a_line_without_an_end_waits_for_it_until_its_writer_has_ended() {
        runningPod();
        cluster().log(POD, "one\ntw");
        LogEnd first = read(query());
        cluster().log(POD, "one\ntwo\nthr");
        LogEnd second = read(query().after(first.position()));
        assertThat(seen).containsExactly("one", "two");

        read(query().after(second.position()).withWriter(Writer.ENDED));

        assertThat(seen).containsExactly("one", "two", "thr");
    }

    @Test
    void a_sink_that_has_enough_leaves_the_rest_for_the_next_look() {
        runningPod();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            lines.add("line " + i);
        }
        cluster().logLines(POD, lines);
        LogPosition position = null;
        Rest rest = Rest.LEFT;
        int looks = 0;
        while (rest == Rest.LEFT) {
            int before = seen.size();
            LogEnd end = kubectl().readLog(query().after(position), line -> {
                seen.add(line.text());
                return seen.size() - before < 400 ? Next.GO_ON : Next.STOP;
            });
            position = end.position();
            rest = end.rest();
            looks++;
        }

        assertThat(seen).isEqualTo(lines);
        assertThat(looks).isEqualTo(3);
    }

    @Test
    void a_log_that_was_rotated_between_two_looks_goes_on_and_says_so() {
        runningPod();
        cluster().log(POD, "one\ntwo\n");
        LogEnd first = read(query());
        cluster().log(POD, "one\ntwo\nthree\nfour\n");
        cluster().rotateLog(POD, 3);

        LogEnd second = read(query().after(first.position()));
        LogEnd third = read(query().after(second.position()));

        assertThat(seen).containsExactly("one", "two", "four");
        assertThat(second.continuity()).isEqualTo(Continuity.ROTATED);
        assertThat(third.continuity()).isEqualTo(Continuity.WHOLE);
    }

    @Test
    void the_newest_lines_are_never_cut() {
        runningPod();
        List<String> lines = new ArrayList<>(Collections.nCopies(2_499, "x".repeat(4_096)));
        lines.add("the last one");
        cluster().logLines(POD, lines);

        LogEnd end = read(query().withLastLines(2_000));
        assertThat(seen).hasSize(2_000).endsWith("the last one");
        cluster().logLines(POD, concat(lines, "one more"));
        read(query().after(end.position()));

        assertThat(seen).hasSize(2_001).endsWith("the last one", "one more");
    }

    private static List<String> concat(List<String> lines, String more) {
        List<String> all = new ArrayList<>(lines);
        all.add(more);
        return all;
    }

    @Test
    void a_hundred_thousand_lines_of_four_kilobytes_arrive_complete() {
        runningPod();
        cluster().logLines(POD, Collections.nCopies(100_000, "y".repeat(4_096)));
        AtomicLong lines = new AtomicLong();
        AtomicLong characters = new AtomicLong();

        LogEnd end = kubectl().readLog(query(), line -> {
            lines.incrementAndGet();
            characters.addAndGet(line.text().length());
            return Next.GO_ON;
        });

        assertThat(lines).hasValue(100_000);
        assertThat(characters).hasValue(409_600_000L);
        assertThat(end.rest()).isEqualTo(Rest.NONE);
    }

    @Test
    void an_exception_of_a_sink_is_thrown_to_the_reader() {
        runningPod();
        cluster().log(POD, "one\n");

        assertThatThrownBy(() -> kubectl().readLog(query(), line -> {
                    throw new IllegalStateException("of the sink: " + line.text());
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("of the sink: one");
    }

    @Test
    void an_outage_loses_nothing() {
        runningPod();
        cluster().log(POD, "one\n");
        LogEnd first = read(query());
        cluster().log(POD, "one\ntwo\n");
        cluster().inject(Fault.before("get pods/log", Reason.UNAVAILABLE));

        assertThatThrownBy(() -> read(query().after(first.position())))
                .isInstanceOfSatisfying(KubectlException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE);
                    assertThat(e.retryable()).isTrue();
                });
        read(query().after(first.position()));

        assertThat(seen).containsExactly("one", "two");
    }
}
