package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.k8s.apiserver.Cluster;
import io.agentrun.k8s.job.JobWatch.Look;
import io.agentrun.k8s.log.LogLine;
import io.agentrun.runner.RunnerJob;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A watch in a thread of its own. */
class JobWatchLoopTest extends WatchedJobs {

    private static final long PATIENCE = 60;

    @Override
    protected Function<Clock, Cluster> clusters() {
        return Cluster::inMemory;
    }

    /** Completes its futures with what it hears first. */
    private static final class Hearing implements JobObserver {
        private final CompletableFuture<RunnerJobStatus> first = new CompletableFuture<>();
        private final CompletableFuture<RunnerJobStatus> last = new CompletableFuture<>();

        @Override
        public Next take(LogLine line) {
            return Next.GO_ON;
        }

        @Override
        public void status(RunnerJobStatus status) {
            first.complete(status);
            if (status.decided()) {
                last.complete(status);
            }
        }

        @Override
        public void linesMissing() {
            throw new IllegalStateException("nothing is lost here");
        }
    }

    @Test
    void it_looks_once_a_job_is_added_and_goes_on_until_its_end_whatever_its_listener_does() throws Exception {
        BlockingQueue<Look> looks = new LinkedBlockingQueue<>();
        Hearing one = new Hearing();
        Hearing two = new Hearing();
        try (JobWatchLoop loop = JobWatchLoop.of(watch, clock, look -> {
            looks.add(look);
            throw new IllegalStateException("a listener that fails");
        })) {
            assertThat(cluster().calls()).isEmpty();
            RunnerJob job = launch("s1");
            loop.add(job, null, one);
            assertThat(one.first.get(PATIENCE, TimeUnit.SECONDS).state()).isEqualTo(RunnerJobStatus.State.ACTIVE);
            RunnerJob other = launch("s2");
            loop.add(other, null, two);
            two.first.get(PATIENCE, TimeUnit.SECONDS);
            cluster().startJob(ref(job));
            cluster().completeJob(ref(job));

            assertThat(one.last.get(PATIENCE, TimeUnit.SECONDS).state()).isEqualTo(RunnerJobStatus.State.SUCCEEDED);

            loop.remove(job);
            loop.remove(other);
            assertThat(watch.size()).isZero();
            assertThat(looks).hasSizeGreaterThanOrEqualTo(2);
            // The thread of the first Jobs has ended, or is about to: another Job is heard of all the same.
            Hearing three = new Hearing();
            loop.add(launch("s4"), null, three);
            three.first.get(PATIENCE, TimeUnit.SECONDS);
        }
        cluster().forgetCalls();
        watch.add(launch("s3"), null, new Hearing());
        assertThat(cluster().calls()).extracting(call -> call.verb()).doesNotContain("list");
    }

    @Test
    void a_look_that_fails_is_told_and_followed_by_another() throws Exception {
        BlockingQueue<Look> looks = new LinkedBlockingQueue<>();
        AtomicInteger asked = new AtomicInteger();
        Clock failsOnce = new Clock() {
            @Override
            public Instant instant() {
                if (asked.getAndIncrement() == 0) {
                    throw new IllegalStateException("no time");
                }
                return clock.instant();
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
        Hearing one = new Hearing();
        try (JobWatchLoop loop = JobWatchLoop.of(watch, failsOnce, looks::add)) {
            RunnerJob job = launch("s1");
            loop.add(job, null, one);

            one.first.get(PATIENCE, TimeUnit.SECONDS);
        }

        assertThat(looks.take().problems()).containsExactly("a look at the Jobs failed: IllegalStateException");
    }

    @Test
    void an_observer_that_fails_keeps_no_other_one_from_hearing_and_loses_no_line() {
        RunnerJob bad = launch("s1");
        RunnerJob good = launch("s2");
        RecordingObserver observer = new RecordingObserver();
        RecordingObserver after = new RecordingObserver();
        for (RunnerJob job : List.of(bad, good)) {
            cluster().startJob(ref(job));
            cluster().log(podOf(job), "one\n");
        }
        boolean[] fails = {true};
        watch.add(bad, null, new JobObserver() {
            @Override
            public Next take(LogLine line) {
                if (fails[0]) {
                    throw new IllegalStateException("the store is away");
                }
                return after.take(line);
            }

            @Override
            public void status(RunnerJobStatus status) {
                if (fails[0]) {
                    throw new IllegalStateException("the store is away");
                }
                after.status(status);
            }

            @Override
            public void linesMissing() {
                after.linesMissing();
            }
        });
        watch.add(good, null, observer);

        Look look = look();
        look();

        assertThat(look.problems())
                .singleElement()
                .asString()
                .contains(ref(bad).name(), "IllegalStateException")
                .doesNotContain("the store is away");
        assertThat(observer.lines).containsExactly("one");
        fails[0] = false;
        look();
        look();
        assertThat(after.lines).containsExactly("one");
        assertThat(after.last().state()).isEqualTo(RunnerJobStatus.State.ACTIVE);
        assertThat(after.missing).isZero();
    }
}
