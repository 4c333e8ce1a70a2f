package io.agentrun.worker.schedule;

import io.agentrun.AgentRunStore;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.worker.Maintenance;

/** The Java program of the page about the queue that is about schedules. */
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
}
