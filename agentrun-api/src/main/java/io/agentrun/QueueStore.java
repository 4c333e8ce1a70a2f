package io.agentrun;

import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
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
import org.jspecify.annotations.Nullable;

/**
 * The queue. A worker calls {@link #dispatchNext} and gets a task that is running, with its run and turn; the end of
 * the run moves the task. A host that runs tasks by itself reports them with {@link #updateAttempt} instead.
 *
 * <p>When an attempt fails, the task is {@code pending} again at now plus the delay of its {@link
 * io.agentrun.queue.RetryPolicy}, while attempts remain and nobody asked to cancel it; {@code completed}, {@code blocked}
 * and {@code cancelled} are final at once. Every change of a task raises its version.
 *
 * <p>Every method may also throw {@link StoreClosedException} once the store is closed, and
 * {@link StoreUnavailableException} when it cannot be reached or used; a null argument is an
 * {@link InvalidInputException} that names it.
 *
 * <p>Thread-safe.
 */
public interface QueueStore {
    /**
     * Adds a task to the queue, {@code pending}. With an idempotency key, a second call with the same key for the
     * same tenant and project and equal content returns the first record in its present state and changes nothing, also
     * when that has ended; without a key every call adds a task. The session named is neither created nor looked at
     * before the dispatch.
     *
     * @throws InvalidInputException when an object of the content or the spec is larger than the store allows (1 MiB
     *     unless set otherwise)
     * @throws IdempotencyConflictException when the key was used in this project with other content
     */
    QueueTask create(NewQueueTask task);

    /**
     * Adds tasks to the queue in one step, all of them or none. They are created at one moment and, where their priorities are equal,
     * dispatched in the order of the list. A task with an idempotency key that is known, from before or from an
     * earlier place in the list, is not added again, as with {@link #create}.
     *
     * @param tasks at most {@link io.agentrun.model.Limits#MAX_CALL_TASKS}; none does nothing
     * @return a record for each, in the order of the list
     * @throws InvalidInputException when there are too many, one of them is not acceptable to {@link #create}, or their JSON objects
     *     have more than {@link io.agentrun.model.Limits#MAX_CALL_BYTES} together; the field is that of the task in the list:
     *     {@code tasks[3].payload}
     * @throws IdempotencyConflictException when a key was used in its project, or is used in this list, with other content; it says
     *     for which of the tasks
     */
    List<QueueTask> createAll(List<NewQueueTask> tasks);

    /**
     * Returns the task.
     *
     * @throws InvalidInputException when the task id is not one of 1 to 200 plain characters
     * @throws NotFoundException when there is no such task
     */
    QueueTask get(String taskId);

    /**
     * Returns the task that was created under the idempotency key.
     *
     * @param owner whose key it is: the tenant and project that the task was created for
     * @throws InvalidInputException when the owner is null, or the key is not one of 1 to 255 plain characters
     * @throws NotFoundException when the owner has no task under the key; its id is the key
     */
    QueueTask getByKey(Owner owner, String idempotencyKey);

    /**
     * Returns a page of the tasks that the query asks for, highest priority first, then oldest, then by id. A task does
     * not move in that order, so that a page repeats none and skips none that was there all along.
     *
     * @throws InvalidInputException when the limit is over the store's largest page (500 unless set otherwise), or the
     *     cursor is not one of this list with the same scope, queue, lane and state
     */
    Page<QueueTask> list(QueueQuery query);

    /**
     * Returns tasks that changed after the cursor, each as it is now, those of one task in the order of
     * its versions; from the beginning without one
     * (null). A task appears once with its latest state. Whoever asks again with the cursor of each answer misses no
     * change. The cursor is given also when nothing changed.
     *
     * @throws InvalidInputException when the limit is not from 1 to the store's largest page (500 unless set
     *     otherwise), or the cursor is not one of this feed with the same scope
     */
    ChangePage<QueueTask> changes(TenantScope scope, @Nullable String cursor, int limit);

    /**
     * Dispatches the next due task: it is running, with a new run (of one attempt) and its first turn, whose payload is the
     * task's; all of it or nothing. Due is a pending task whose {@link QueueTask#notBefore()} is not in the future; the
     * next is the one of the highest priority, then the oldest, then by id. Passed over are tasks whose session has an open
     * turn, and those that another caller is taking at this moment; nobody waits. Two callers never get the same task.
     *
     * <p>A task that cannot be dispatched, because its session belongs to another tenant or project, or its volume
     * refuses work, becomes {@code blocked} with the refusal's failure kind in the same step, and the next one is taken.
     * Nothing is returned when no task is due.
     *
     * <p>Each call takes another task: a worker that does not get the answer finds the task running, and its run
     * without a lease, in {@link #list} and in the list of runs.
     */
    Optional<Dispatch> dispatchNext(DispatchRequest request);

    /**
     * Takes tasks for a worker: each has a run that the runner holds, in one transaction for all of them. Nothing is acknowledged.
     *
     * <ul>
     *   <li>First the pending runs of tasks that are running already: given back or recovered, or dispatched and claimed by
     *       nobody. The task of the highest priority is the first, then the run created first. A run whose open turns all wait
     *       behind turns of other runs is passed over, and so is every run without a task.
     *   <li>Then due tasks, as {@link #dispatchNext} takes them, with the same events, and {@code run-claimed} behind them.
     * </ul>
     *
     * <p>Several callers at the same moment never get the same task, and none waits for another. A queue whose tasks are dispatched
     * for Jobs that claim their runs is not taken from: a take gets the run of a Job that has not claimed it yet.
     *
     * <p>With a timeout it waits while there is nothing to take, holding no connection, and looks again when a commit signals, and
     * every second by itself, as when the delay of a task is over. Closing the store ends the wait with {@link StoreClosedException};
     * a thread that is interrupted gets what there is and keeps its interrupt flag.
     *
     * @return what was taken, at most as many as asked for, and fewer where tasks, runs and turns have more than 8 MiB of JSON
     *     together, one at least; empty if there was nothing when the time was over
     * @throws InvalidInputException if the request is null, its lease or timeout is out of the store's limits, or the timeout is
     *     not zero inside a transaction of the host
     */
    List<Taken> take(TakeRequest request);

    /**
     * Stores what the host reports of the task's attempt. {@code running} begins the next attempt of a pending task, due or
     * not, or replaces the details of the attempt under way when number and attempt id are the same. An end, reported
     * of the attempt under way, moves the task as the end of a run would. The same end of an attempt, reported again
     * under its attempt id, returns the stored record.
     *
     * @throws NotFoundException when there is no such task
     * @throws AlreadyTerminalException when the task has ended and this is not a repeated report of its last attempt
     * @throws StateConflictException when the task was dispatched with a run, when the attempt is neither the one under
     *     way nor, for {@code running} on a pending task, the next one, or when its attempt id is another than the one
     *     stored
     * @throws InvalidInputException when the details are larger than the store allows (1 MiB unless set otherwise)
     */
    QueueTask updateAttempt(AttemptReport report);

    /**
     * Cancels the task, or asks its runner to. A pending task, and a running one without a run, is {@code cancelled} at
     * once. A running one with a run has its run cancelled by the same mode: where that ends at once (it is not leased,
     * or the mode is {@link CancelMode#FORCE}) the task is {@code cancelled} in the same change, otherwise both carry
     * the request and the task ends with its run, without a retry. The first request wins: a second graceful one
     * changes nothing. A task that has ended is returned as it is.
     *
     * @throws InvalidInputException when the task id is not one of 1 to 200 plain characters, the reason is longer than
     *     16,384 characters, or an argument is missing
     * @throws NotFoundException when there is no such task
     */
    QueueTask cancel(String taskId, String reason, CancelMode mode);

    /**
     * Cancels the task, or asks its runner to, as {@link #cancel(String, String, CancelMode)} does with
     * {@link CancelMode#GRACEFUL}.
     *
     * @throws InvalidInputException when the task id is not one of 1 to 200 plain characters, or the reason is missing
     *     or longer than 16,384 characters
     * @throws NotFoundException when there is no such task
     */
    default QueueTask cancel(String taskId, String reason) {
        return cancel(taskId, reason, CancelMode.GRACEFUL);
    }

    /**
     * Cancels the open tasks that the request accepts, or asks their runners to: one step of many, each task by itself as
     * {@link #cancel(String, String, CancelMode)} does. Whoever goes on with the cursor of each answer comes past every task that was
     * open all the while: first those that are pending, then those that are running. A task that is created, tried again or given back
     * meanwhile may be left: a second pass that finds nothing shows that there is none.
     *
     * @throws InvalidInputException when the limit is over the store's largest page (500 unless set otherwise), or the cursor is not
     *     one of this request with the same scope, queue, lane and state
     */
    CancelledTasks cancelAll(TaskCancel request);

    /**
     * Tries a task again that has ended, however it ended: it is {@code pending}, without an outcome and a cancel request. The numbers of
     * its attempts go on, and it has all attempts of its policy again; its priority and its age are what they were. With an
     * idempotency key, a second call with the same key and equal content returns the task as it is and changes nothing; each task
     * remembers the last {@value io.agentrun.queue.TaskRetries#MAX_KEYS} keys.
     *
     * @throws NotFoundException when there is no such task
     * @throws IdempotencyConflictException when the key was used for this task with other content
     * @throws StateConflictException when the task has not ended
     */
    QueueTask retry(TaskRetry request);

    /**
     * Deletes tasks that ended at least so long ago and of which no run is left, the longest ended first, with their keys and read marks:
     * a purge of runs comes before it. What another caller has locked is passed over. The feed of changes does not tell of it.
     */
    PurgeResult purge(PurgeRequest request);

    /**
     * Marks the task as read by the reader up to the version. A mark only moves forward: for the version marked already, or a
     * lower one, the stored mark is returned and nothing changes. The task itself never changes by it.
     *
     * @throws InvalidInputException when an id is not one of 1 to 200 plain characters, or the version is less than 1 or
     *     higher than the task's
     * @throws NotFoundException when there is no such task
     */
    ReadMark markRead(String taskId, String readerId, long version);

    /**
     * Returns how many tasks of the scope there are in which state, in all and per lane, counted in one snapshot. A
     * scope without tasks has zeros and no lanes.
     */
    QueueStats stats(QueueScope scope);

    /** Returns the same numbers with the first 20 tasks of the scope in the order of {@link #list}, in one snapshot. */
    QueueSnapshot snapshot(QueueScope scope);
}
