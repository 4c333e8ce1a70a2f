package io.agentrun.tck.sabotage;

import io.agentrun.QueueStore;
import io.agentrun.model.CancelMode;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.CancelledTasks;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueSnapshot;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.queue.TaskCancel;
import io.agentrun.queue.TaskRetry;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import java.util.List;
import java.util.Optional;

/** Passes every call on; a sabotage overrides one. */
class PassingQueue implements QueueStore {

    final QueueStore real;

    PassingQueue(QueueStore real) {
        this.real = real;
    }

    @Override
    public QueueTask create(NewQueueTask input) {
        return real.create(input);
    }

    @Override
    public List<QueueTask> createAll(List<NewQueueTask> input) {
        return real.createAll(input);
    }

    @Override
    public QueueTask get(String id) {
        return real.get(id);
    }

    @Override
    public QueueTask getByKey(Owner owner, String text) {
        return real.getByKey(owner, text);
    }

    @Override
    public Page<QueueTask> list(QueueQuery input) {
        return real.list(input);
    }

    @Override
    public ChangePage<QueueTask> changes(TenantScope input, String id, int limit) {
        return real.changes(input, id, limit);
    }

    @Override
    public Optional<Dispatch> dispatchNext(DispatchRequest input) {
        return real.dispatchNext(input);
    }

    @Override
    public QueueTask updateAttempt(AttemptReport input) {
        return real.updateAttempt(input);
    }

    @Override
    public QueueTask cancel(String id, String text, CancelMode input) {
        return real.cancel(id, text, input);
    }

    @Override
    public CancelledTasks cancelAll(TaskCancel input) {
        return real.cancelAll(input);
    }

    @Override
    public QueueTask retry(TaskRetry input) {
        return real.retry(input);
    }

    @Override
    public PurgeResult purge(PurgeRequest input) {
        return real.purge(input);
    }

    @Override
    public ReadMark markRead(String id, String text, long number) {
        return real.markRead(id, text, number);
    }

    @Override
    public QueueStats stats(QueueScope input) {
        return real.stats(input);
    }

    @Override
    public QueueSnapshot snapshot(QueueScope input) {
        return real.snapshot(input);
    }

    @Override
    public List<Taken> take(TakeRequest input) {
        return real.take(input);
    }
}
