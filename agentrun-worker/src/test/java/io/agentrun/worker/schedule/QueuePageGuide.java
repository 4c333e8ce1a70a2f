package io.agentrun.worker.schedule;

import io.agentrun.AgentRunStore;
import io.agentrun.LimitStore;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.worker.Maintenance;
import java.time.Duration;
import java.util.Map;

/** The Java programs of the page about the queue. */
final class QueuePageGuide {

    private QueuePageGuide() {}

    static void nightly(AgentRunStore store, Owner owner, RunSpec spec) {
        // guide begins
        NewQueueTask report =
                NewQueueTask.builder(owner, "reports", "Nightly report", spec).build();
        store.schedules().put(NewSchedule.of("nightly", "30 2 * * *", "Europe/Berlin", report));
        Maintenance.builder(store)
                .task(ScheduleTask.of(store, new CronOccurrences()))
                .start();
        // guide ends
    }

    static void limited(AgentRunStore store, Owner owner, RunSpec spec) {
        // guide begins
        LimitStore limits = store.limits();
        limits.set(Limit.running(LimitKey.eachTenant(), 5));
        limits.set(Limit.running(LimitKey.tenant("acme"), 20));
        limits.set(Limit.starts(LimitKey.label("api", "github"), 30, Duration.ofMinutes(1)));

        store.queue()
                .create(NewQueueTask.builder(owner, "fixes", "Fix the build", spec)
                        .limitLabels(Map.of("api", "github", "repo", "org/app"))
                        .build());
        // guide ends
    }
}
