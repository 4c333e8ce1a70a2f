package io.agentrun.k8s.apiserver;

import io.agentrun.k8s.apiserver.ApiServer.Answer;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import io.agentrun.k8s.kubectl.memory.LogText;
import io.agentrun.k8s.log.LogQuery;
import io.agentrun.k8s.log.LogSink;
import io.agentrun.k8s.object.ContainerView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The log of a container as an API server and a kubelet answer it. */
final class LogRoute {

    private final InMemoryKubectlHandler cluster;

    LogRoute(InMemoryKubectlHandler cluster) {
        this.cluster = cluster;
    }

    Answer answer(ObjectRef ref, Map<String, String> query) {
        Optional<PodView> pod = cluster.cluster().pods().stream()
                .filter(view -> view.meta().ref().equals(ref))
                .findFirst();
        List<String> containers = cluster.cluster().containersOf(ref);
        String container = query.getOrDefault("container", containers.size() == 1 ? containers.get(0) : "");
        if (pod.isPresent() && container.isEmpty()) {
            return Statuses.badRequest(
                    "a container name must be specified for pod " + ref.name() + ", choose one of: " + containers);
        }
        // Permissions, faults, and whether pod and container are there.
        cluster.readLog(LogQuery.of(ref, container.isEmpty() ? "runner" : container), line -> LogSink.Next.STOP);
        PodView view = pod.orElseThrow();
        boolean waits = view.phase().equals("Pending") && view.state().node() != null;
        if (waits) {
            String why =
                    view.state().container(container).map(ContainerView::reason).orElse("ContainerCreating");
            return Statuses.badRequest(
                    "container \"" + container + "\" in pod \"" + ref.name() + "\" is waiting to start: " + why);
        }
        LogText log = cluster.cluster().logOf(ref, container).orElseThrow();
        return Answer.streamed(out -> write(log, query, out));
    }

    private static void write(LogText log, Map<String, String> query, OutputStream out) throws IOException {
        // A server passes a time on to the kubelet in whole seconds.
        Instant since = query.containsKey("sinceTime")
                ? Instant.parse(query.get("sinceTime")).truncatedTo(ChronoUnit.SECONDS)
                : Instant.MIN;
        boolean stamps = Boolean.parseBoolean(query.getOrDefault("timestamps", "false"));
        List<Integer> lines = log.since(since);
        int tail = Integer.parseInt(query.getOrDefault("tailLines", String.valueOf(Integer.MAX_VALUE)));
        // The limit is applied after the tail: it cuts the newest lines.
        long left = Long.parseLong(query.getOrDefault("limitBytes", String.valueOf(Long.MAX_VALUE)));
        for (int index : lines.subList(Math.max(0, lines.size() - tail), lines.size())) {
            String line = log.stamped(index);
            byte[] bytes = (stamps ? line : line.substring(line.indexOf(' ') + 1)).getBytes(StandardCharsets.UTF_8);
            out.write(bytes, 0, (int) Math.min(bytes.length, left));
            left -= Math.min(bytes.length, left);
        }
    }
}
