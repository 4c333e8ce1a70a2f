package io.agentrun.k8s.job;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.apiserver.Cluster;
import io.agentrun.k8s.log.LogLine;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.runner.RunnerJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Prints how many processes of kubectl a {@link JobWatch} starts, and how much CPU time they take, for 1 and for 50 Jobs whose
 * runners write a line a second. On Linux; {@code -Dagentrun.test.kubectl} names the binary. Run it by its {@code main} method.
 */
final class WatchCost {

    private static final int SECONDS = Integer.getInteger("seconds", 60);
    private static final double TICKS_PER_SECOND = 100;

    private WatchCost() {}

    /** Measures one after the other. */
    public static void main(String[] args) throws IOException {
        Files.createDirectories(Path.of("target"));
        for (int jobs : new int[] {1, 50}) {
            measure(jobs);
        }
    }

    private static void measure(int count) throws IOException {
        InstanceNames names = InstanceNames.of("cost");
        AtomicLong lines = new AtomicLong();
        try (Cluster cluster = Cluster.real(Clock.systemUTC());
                AgentRunStore store = InMemoryAgentRunStore.builder().build()) {
            JobTemplate template = JobTemplate.builder(
                            "default", RunnerContainer.builder("runner:1").build())
                    .build();
            RunnerJobLauncher launcher = new RunnerJobLauncher(store, cluster.direct(), names, template);
            JobWatch watch = new JobWatch(cluster.kubectl(), names, "default");
            List<ObjectRef> pods = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                RunnerJob job = launch(store, launcher);
                ObjectRef ref = new ObjectRef("default", job.placement().jobName());
                cluster.cluster().startJob(ref);
                watch.add(job, null, new Counter(lines));
            }
            cluster.cluster().pods().forEach(pod -> pods.add(pod.meta().ref()));
            long processes = cluster.processes();
            long ticks = childTicks();
            Instant begin = Instant.now();
            StringBuilder log = new StringBuilder();
            Instant next = begin;
            for (Instant now = begin; now.isBefore(begin.plusSeconds(SECONDS)); now = Instant.now()) {
                log.append("a line of a runner\n");
                pods.forEach(pod -> cluster.cluster().log(pod, log.toString()));
                if (!next.isAfter(now)) {
                    next = now.plus(watch.look(now).next());
                }
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            }
            double seconds = Duration.between(begin, Instant.now()).toMillis() / 1000.0;
            double cpu = (childTicks() - ticks) / TICKS_PER_SECOND;
            long started = cluster.processes() - processes;
            System.out.printf(
                    "%d Jobs, %.0f s: %.2f processes a second, %.3f s of CPU each, %.3f cores, %.4f for each Job, %d lines%n",
                    count,
                    seconds,
                    started / seconds,
                    cpu / started,
                    cpu / seconds,
                    cpu / seconds / count,
                    lines.get());
        }
    }

    private static RunnerJob launch(AgentRunStore store, RunnerJobLauncher launcher) {
        Run run = store.runs()
                .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                        .build());
        Command turn = store.commands().create(run.id(), NewCommand.turn(JsonObject.empty()));
        return launcher.launch(LaunchRequest.of(run.id(), turn.id(), "https://host.example", "abc"));
    }

    /** The CPU time of all children that have ended. */
    private static long childTicks() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
    }

    /** Counts lines. */
    private record Counter(AtomicLong lines) implements JobObserver {

        @Override
        public Next take(LogLine line) {
            lines.incrementAndGet();
            return Next.GO_ON;
        }

        @Override
        public void status(RunnerJobStatus status) {}

        @Override
        public void linesMissing() {
            throw new IllegalStateException("nothing is ever lost here");
        }
    }
}
