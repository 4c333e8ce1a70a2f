package io.agentrun.tck.simulation;

import io.agentrun.doctor.StoreDoctor;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.inspect.Finding;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds what has happened against what must hold for every host.
 *
 * <p>Confined to its simulation.
 */
final class Judge {

    private static final int PAGE = 500;

    private final World world;
    private final List<String> violations = new ArrayList<>();
    private final Map<String, Tenure> tenures = new HashMap<>();

    /** Until when something was wrong with each machine. */
    private final Map<Machine, Long> disturbed = new HashMap<>();

    /** Who has had a run since when. */
    private record Tenure(Machine machine, long since) {}

    Judge(World world) {
        this.world = world;
    }

    void violation(String what) {
        violations.add(what);
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    void leased(Machine machine, Run run) {
        tenures.put(run.id(), new Tenure(machine, world.now()));
    }

    void disturbed(Machine machine, long until) {
        disturbed.merge(machine, until, Math::max);
    }

    /** A lease may run out only if its machine was killed, stood still, was cut off, or missed an answer meanwhile. */
    void recovered(String runId) {
        Tenure tenure = tenures.get(runId);
        if (tenure != null && disturbed.getOrDefault(tenure.machine(), -1L) < tenure.since()) {
            violation("the lease of " + runId + " ran out, though nothing was wrong with "
                    + tenure.machine().name() + ": it sends no heartbeats in time");
        }
    }

    /** Looks at everything that is stored, at the end. */
    void examine(List<String> taskIds) {
        for (String id : taskIds) {
            QueueTask task = world.store().queue().get(id);
            if (task.state() != TaskState.COMPLETED) {
                violation(id + " is " + task.state().wire() + " in the end, and not completed");
            }
        }
        for (Run run : world.store()
                .runs()
                .list(RunQuery.in(TenantScope.all()).withLimit(PAGE))
                .items()) {
            examine(run);
        }
        for (Finding finding : StoreDoctor.of(world.store()).examine().findings()) {
            violation("the store: " + finding);
        }
    }

    /** The lines of each lease stand one after the other, each once, and none after the next lease has begun. */
    private void examine(Run run) {
        long epoch = 0;
        int lines = 0;
        for (RunEvent event : events(run)) {
            if (isClaim(event)) {
                epoch = event.payload()
                        .number("epoch")
                        .map(BigDecimal::longValueExact)
                        .orElse(epoch);
                lines = 0;
            } else if (event.type() == EventType.COMMAND_OUTPUT) {
                lines++;
                String expected = world.work(run).line(epoch, lines);
                String found = event.payload().string("text").orElse("");
                if (!found.equals(expected)) {
                    violation("in " + run.id() + " stands line " + found + " where " + expected + " belongs");
                    return;
                }
            }
        }
        int all = world.work(run).lines();
        if (run.status() == RunStatus.COMPLETED && lines != all) {
            violation(run.id() + " is completed with " + lines + " of " + all + " lines");
        }
    }

    private static boolean isClaim(RunEvent event) {
        return event.type() == EventType.BACKEND_STATUS
                && event.payload().string("phase").filter("run-claimed"::equals).isPresent();
    }

    private List<RunEvent> events(Run run) {
        List<RunEvent> events = new ArrayList<>();
        @Nullable EventPage page = null;
        do {
            page = world.store().events().list(run.id(), page == null ? 0 : page.nextAfterSeq(), PAGE);
            events.addAll(page.items());
        } while (!page.items().isEmpty() && !page.ended());
        return events;
    }
}
