package io.agentrun.example;

import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.kubectl.memory.InMemoryCluster;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The part of a node: runs the container of each Job's manifest as a process, feeds its log, and ends the Job as it ended;
 * a Job that is gone takes its process with it. Thread-safe.
 */
final class Kubelet implements AutoCloseable {
    private static final long LOOK_MILLIS = 20;

    private final InMemoryCluster cluster;
    private final Function<ObjectRef, JsonObject> manifests;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread = new Thread(this::work, "kubelet");
    private final Map<String, Container> running = new HashMap<>();
    private final Set<String> known = new HashSet<>();

    /** A process, and what it has written. */
    private static final class Container {
        private final Process process;
        private final StringBuilder log = new StringBuilder();
        private final Thread reader;

        Container(Process process) {
            this.process = process;
            this.reader = new Thread(this::read);
            reader.setDaemon(true);
            reader.start();
        }

        private void read() {
            try (BufferedReader lines = process.inputReader()) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    write(line);
                }
            } catch (IOException e) {
                write("(cut off)");
            }
        }

        private void write(String line) {
            synchronized (log) {
                log.append(line).append('\n');
            }
        }

        String log() {
            synchronized (log) {
                return log.toString();
            }
        }

        boolean over() {
            return !process.isAlive() && !reader.isAlive();
        }
    }

    /** Begins to look for Jobs; the function knows the manifest of each. */
    Kubelet(InMemoryCluster cluster, Function<ObjectRef, JsonObject> manifests) {
        this.cluster = cluster;
        this.manifests = manifests;
        thread.start();
    }

    private void work() {
        try {
            do {
                look();
            } while (!closed.await(LOOK_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            running.values().forEach(Kubelet::end);
        }
    }

    private void look() {
        List<JobView> jobs = cluster.jobs();
        for (JobView job : jobs) {
            try {
                serve(job);
            } catch (InvalidInputException e) {
                // The Job was deleted since it was listed; the next look ends its process.
                known.add(job.meta().uid());
            }
        }
        Set<String> there = new HashSet<>();
        jobs.forEach(job -> there.add(job.meta().uid()));
        running.keySet().removeIf(uid -> !there.contains(uid) && end(running.get(uid)));
    }

    private void serve(JobView job) {
        if (known.add(job.meta().uid())) {
            cluster.startJob(job.meta().ref());
            running.put(
                    job.meta().uid(),
                    new Container(start(manifests.apply(job.meta().ref()))));
        }
        Container container = running.get(job.meta().uid());
        if (container != null) {
            show(job, container);
        }
    }

    private void show(JobView job, Container container) {
        boolean over = container.over();
        for (PodView pod : cluster.pods()) {
            if (job.meta().uid().equals(pod.ownerUid())) {
                cluster.log(pod.meta().ref(), container.log());
            }
        }
        if (over) {
            running.remove(job.meta().uid());
            if (container.process.exitValue() == 0) {
                cluster.completeJob(job.meta().ref());
            } else {
                cluster.failJob(job.meta().ref());
            }
        }
    }

    private static boolean end(Container container) {
        Stream.concat(container.process.descendants(), Stream.of(container.process.toHandle()))
                .forEach(ProcessHandle::destroyForcibly);
        return true;
    }

    private static Process start(JsonObject manifest) {
        JsonObject container = manifest.object("spec")
                .flatMap(spec -> spec.object("template"))
                .flatMap(template -> template.object("spec"))
                .map(pod -> items(pod, "containers").get(0))
                .orElseThrow();
        List<String> command = new ArrayList<>();
        container.list("command").orElseThrow().forEach(part -> command.add(String.valueOf(part)));
        ProcessBuilder builder = new ProcessBuilder(command);
        for (JsonObject variable : items(container, "env")) {
            // As Kubernetes does it: a doubled dollar is a dollar.
            String value = variable.string("value").orElse("").replace("$$", "$");
            builder.environment().put(variable.string("name").orElseThrow(), value);
        }
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<JsonObject> items(JsonObject json, String key) {
        return json.list(key).orElseThrow().stream()
                .map(item -> JsonObject.fromBean(Objects.requireNonNull(item)))
                .toList();
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
