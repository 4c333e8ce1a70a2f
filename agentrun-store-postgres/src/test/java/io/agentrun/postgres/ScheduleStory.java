package io.agentrun.postgres;

import io.agentrun.AgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.run.NewRun;
import io.agentrun.schedule.Advance;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.schedule.ScheduleQuery;
import java.time.Duration;
import java.time.Instant;

/** The part of {@link OperationStory} about time: schedules, tasks that replace one another, and deadlines. */
final class ScheduleStory {

    private static final Duration HOUR = Duration.ofHours(1);

    private final AgentRunStore store;
    private final Owner owner;
    private final OperationStory.Step step;

    ScheduleStory(AgentRunStore store, Owner owner, OperationStory.Step step) {
        this.store = store;
        this.owner = owner;
        this.step = step;
    }

    private NewQueueTask.Builder task() {
        return NewQueueTask.builder(owner, owner.tenantId() + "-time", "a task", RunSpec.of(BackendProfile.CODEX));
    }

    void tell() {
        schedules();
        step.take(
                "queue.create a replaceable one",
                () -> store.queue().create(task().replaceKey("key").build()));
        step.take(
                "queue.create a replacement",
                () -> store.queue().create(task().replaceKey("key").priority(1).build()));
        Deadlines soon = Deadlines.within(HOUR);
        step.take(
                "queue.create with a deadline",
                () -> store.queue().create(task().deadlines(soon).build()));
        step.take(
                "runs.create with a deadline",
                () -> store.runs()
                        .create(NewRun.builder(owner, RunSpec.of(BackendProfile.CODEX))
                                .deadlines(soon)
                                .build()));
    }

    private void schedules() {
        ScheduleKey key = new ScheduleKey(owner, "nightly");
        NewSchedule input = NewSchedule.of(key.name(), "0 2 * * *", "Europe/Berlin", task().build());
        Schedule made = step.take("schedules.put", () -> store.schedules().put(input));
        step.take("schedules.put again", () -> store.schedules().put(input));
        step.take("schedules.get", () -> store.schedules().get(key));
        TenantScope scope = TenantScope.tenant(owner.tenantId());
        step.take("schedules.list", () -> store.schedules().list(ScheduleQuery.in(scope)));
        step.take("schedules.due", () -> store.schedules().due(scope, 10));
        Instant next = made.last().plus(HOUR);
        Advance advance = new Advance(key, made.last(), next);
        step.take("schedules.advance", () -> store.schedules().advance(advance));
        step.take("schedules.advance again", () -> store.schedules().advance(advance));
        step.take("schedules.pause", () -> store.schedules().pause(key));
        step.take("schedules.resume", () -> store.schedules().resume(key));
        step.take("schedules.delete", () -> store.schedules().delete(key));
    }
}
