package io.agentrun.tck.script;

import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskCancel;
import io.agentrun.queue.TaskRetry;
import io.agentrun.queue.TaskState;
import io.agentrun.run.PurgeRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Steps that fill, dispatch, report on, list and count the queue. */
final class QueueSteps {

    private static final int BEYOND = 1_000_000;
    private static final Duration GRACE = Duration.ofMinutes(10);
    private static final List<QueueQuery> QUERIES = List.of(
            QueueQuery.in(TenantScope.all()),
            QueueQuery.inQueue("queue-1"),
            QueueQuery.in(TenantScope.tenant("t-1")).withState(TaskState.PENDING),
            QueueQuery.in(TenantScope.all()).withLane("fast"));

    private final Dice dice;

    QueueSteps(Dice dice) {
        this.dice = dice;
    }

    Step next() {
        int roll = dice.below(100);
        if (roll < 26) {
            return create(dice.task());
        } else if (roll < 50) {
            return dispatch(dice.of(Dice.RUNS));
        } else if (roll < 64) {
            return report();
        } else if (roll < 70) {
            return cancel();
        } else if (roll < 73) {
            return many();
        } else if (roll < 80) {
            return list();
        } else if (roll < 87) {
            return changes(dice.scope(), dice.page());
        } else if (roll < 91) {
            return markRead();
        } else if (roll < 94) {
            String task = dice.task();
            return Step.ofTasks("get " + task, side -> side.store().queue().get(side.id(task)));
        }
        QueueScope scope = new QueueScope(dice.scope(), dice.percent(50) ? "queue-1" : null);
        return roll < 97 ? Step.ofTasks("" + scope, side -> side.store().queue().stats(scope)) : snapshot(scope);
    }

    Step create(String variable) {
        Owner owner = dice.owner();
        String session = dice.percent(50) ? dice.session(owner) : null;
        int notBefore = dice.below(8);
        int keyed = dice.below(5);
        int deadline = dice.below(10);
        int expiry = dice.below(12);
        NewQueueTask.Builder builder = NewQueueTask.builder(
                        owner, "queue-" + (1 + dice.below(2)), "task " + dice.below(3), RunSpec.of(dice.profile()))
                .lane(dice.percent(70) ? "default" : "fast")
                .priority(dice.below(3) - 1)
                .payload(JsonObject.of("prompt", "task " + dice.below(3)))
                .retry(dice.percent(50) ? RetryPolicy.none() : RetryPolicy.of(2, Duration.ofHours(dice.below(2))))
                .idempotencyKey(keyed == 0 ? dice.key() : null)
                .replaceKey(keyed == 1 ? dice.key() : null);
        NewQueueTask task = builder.build();
        String text = variable + " := " + task + " in session " + session + ", expiry " + expiry + ", not before "
                + notBefore + ", deadline " + deadline;
        return Step.ofTasks(text, side -> {
            QueueTask made = side.store()
                    .queue()
                    .create(builder.session(RunSteps.ref(side, session, expiry))
                            .notBefore(notBefore < 4 ? side.at(notBefore) : null)
                            .deadlines(
                                    deadline < 4
                                            ? Deadlines.endBy(side.at(deadline)).withGrace(GRACE)
                                            : null)
                            .build());
            return side.put(variable, made);
        });
    }

    Step dispatch(String run) {
        DispatchRequest any = DispatchRequest.any().withScope(dice.scope());
        DispatchRequest request = switch (dice.below(8)) {
            case 0 -> any.withQueue("queue-1");
            case 1 -> any.withLane("fast");
            case 2 -> any.withBackendProfiles(Set.of(BackendProfile.DEEPSEEK));
            default -> any;
        };
        return Step.ofTasks(run + ", " + run + ".a := " + request, side -> {
            Optional<Dispatch> dispatched = side.store().queue().dispatchNext(request);
            dispatched.ifPresent(made -> {
                side.put(run, made.run());
                side.put(run + ".a", made.turn());
            });
            return dispatched;
        });
    }

    private Step report() {
        String task = dice.task();
        String attemptId = "host-" + (dice.percent(85) ? 1 : 2);
        String path = dice.percent(20) ? "some/path" : null;
        JsonObject details = JsonObject.of("step", dice.below(2));
        if (dice.percent(50)) {
            int ahead = dice.percent(85) ? 1 : 0;
            return Step.ofTasks(
                    "attempt " + attemptId + " of " + task + " begins, " + ahead + " after the last",
                    side -> side.store()
                            .queue()
                            .updateAttempt(AttemptReport.running(side.id(task), attempt(side, task) + ahead, attemptId)
                                    .withDetails(details)
                                    .withSessionPath(path)));
        }
        Outcome outcome = dice.outcome();
        int behind = dice.percent(85) ? 0 : 1;
        return Step.ofTasks(
                "attempt " + attemptId + " of " + task + " ended, " + behind + " before the last: " + outcome,
                side -> side.store()
                        .queue()
                        .updateAttempt(AttemptReport.ended(
                                        side.id(task), Math.max(1, attempt(side, task) - behind), attemptId, outcome)
                                .withDetails(details)
                                .withSessionPath(path)));
    }

    private static int attempt(Side side, String task) {
        TaskAttempt latest = side.store().queue().get(side.id(task)).latestAttempt();
        return latest == null ? 0 : latest.number();
    }

    private Step cancel() {
        String task = dice.task();
        CancelMode mode = dice.percent(70) ? CancelMode.GRACEFUL : CancelMode.FORCE;
        return Step.ofTasks(
                "cancel " + task + " " + mode, side -> side.store().queue().cancel(side.id(task), "no need", mode));
    }

    /** What is done to tasks that are over, or to many at once. */
    private Step many() {
        String task = dice.task();
        TenantScope scope = dice.scope();
        return switch (dice.below(7)) {
            case 5, 6 -> Step.ofTasks("upkeep", side -> side.store().upkeep().overdue());
            case 0, 1 -> {
                RetryPolicy policy = RetryPolicy.of(1 + dice.below(2), Duration.ZERO);
                String key = dice.percent(50) ? dice.key() : null;
                yield Step.ofTasks(
                        "try " + task + " again with " + policy + " under " + key,
                        side -> side.store()
                                .queue()
                                .retry(TaskRetry.of(side.id(task))
                                        .withPolicy(policy)
                                        .withIdempotencyKey(key)));
            }
            case 2 -> {
                TaskCancel request = TaskCancel.in(scope, "no need").withLimit(2);
                yield Step.ofTasks("" + request, side -> side.store().queue().cancelAll(request));
            }
            case 3 -> {
                PurgeRequest request = new PurgeRequest(scope, Duration.ofHours(dice.below(3)), 2);
                yield Step.ofTasks(
                        "tasks: " + request, side -> side.store().queue().purge(request));
            }
            default -> {
                PurgeRequest request = new PurgeRequest(scope, Duration.ofHours(1 + dice.below(3)), 2);
                yield Step.ofTasks(
                        "sessions: " + request, side -> side.store().sessions().purge(request));
            }
        };
    }

    private Step list() {
        QueueQuery query = dice.of(QUERIES).withLimit(dice.page());
        String list = "tasks " + query.fingerprint();
        return Step.ofTasks("next page of " + query, side -> {
            Page<QueueTask> page = side.store().queue().list(query.withCursor(side.cursor(list)));
            side.keepCursor(list, page.nextCursor());
            return page;
        });
    }

    /** The next page of the feed. */
    static Step changes(TenantScope scope, int limit) {
        String list = "task changes " + scope.fingerprint();
        return Step.ofTasks("next " + limit + " task changes of " + scope, side -> {
            ChangePage<QueueTask> page = side.store().queue().changes(scope, side.cursor(list), limit);
            side.keepCursor(list, page.cursor());
            return page;
        });
    }

    private Step markRead() {
        String task = dice.task();
        int beyond = dice.percent(75) ? 0 : BEYOND;
        return Step.ofTasks(
                "mark " + task + " read" + (beyond == 0 ? "" : " beyond its version"),
                side -> side.store()
                        .queue()
                        .markRead(
                                side.id(task),
                                "reader-1",
                                side.store().queue().get(side.id(task)).version() + beyond));
    }

    /** The snapshot of the scope. */
    static Step snapshot(QueueScope scope) {
        return Step.ofTasks("snapshot of " + scope, side -> side.store().queue().snapshot(scope));
    }

    /** The task with that number in the script. */
    static Step end(int task) {
        return Step.ofTasks(
                "in the end, task " + (task + 1),
                side -> side.store().queue().get(side.tasks().get(task)));
    }
}
