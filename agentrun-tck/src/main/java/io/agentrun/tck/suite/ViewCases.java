package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Acknowledgement;
import io.agentrun.command.SeenCommands;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.TenantScope;
import io.agentrun.model.WaitSet;
import io.agentrun.question.QuestionQuery;
import io.agentrun.queue.CancelledTasks;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.TaskCancel;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.RunQuery;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.schedule.Advance;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.schedule.ScheduleQuery;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.storage.StorageClaimRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What a tenant view that includes nothing of the owner answers to the operations that name none of its records, or may name
 * one that is not there: what it lists, counts or takes is nothing, what it creates and what has no owner is refused.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ViewCases {

    /** What is expected of one call in a view, where the call may ask for a scope. */
    private final Map<String, BiFunction<AgentRunStore, TenantScope, Runnable>> cases = new LinkedHashMap<>();

    private final Given given;
    private final Operations.Ids ids;
    private final Fence fence;

    /** @param held records of the owner, the run with a job under the key {@code key}, and its fence */
    ViewCases(Given given, Operations.Held held) {
        this.given = given;
        this.ids = held.ids();
        this.fence = held.fence();
        refused("upkeep", AgentRunStore::upkeep);
        refused("inspect.doctor", view -> view.inspect().doctor());
        runs();
        batches();
        runners();
        sessions();
        queue();
        questions();
        many();
        schedules();
        take();
    }

    /** Returns the methods that have a case. */
    Collection<String> methods() {
        return cases.keySet();
    }

    /** Expects of each operation that the view shows nothing, whatever scope is asked for. */
    void expectNothing(AgentRunStore view) {
        List<TenantScope> asked =
                List.of(TenantScope.all(), TenantScope.tenant(given.owner().tenantId()), given.scope());
        cases.forEach((method, expected) -> asked.forEach(scope -> {
            try {
                expected.apply(view, scope).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(method + " in a view, asked for " + scope, e);
            }
        }));
    }

    private void runs() {
        refused("runs.create", view -> view.runs().create(given.newRun().build()));
        notFound("runs.getByKey", "run", view -> view.runs().getByKey(given.owner(), Operations.KEY));
        empty("runs.list", (view, scope) -> view.runs().list(RunQuery.in(scope)).items());
        equal(
                "runs.purge",
                (view, scope) -> view.runs().purge(new PurgeRequest(scope, Duration.ZERO, 10)),
                new PurgeResult(0, false));
        absent(
                "leases.claimNext",
                (view, scope) -> view.leases()
                        .claimNext(ClaimRequest.by(Given.RUNNER, Given.LEASE).withScope(scope)));
        empty("leases.listExpired", (view, scope) -> view.leases().listExpired(ExpiredQuery.in(scope)));
        empty("leases.recoverExpired", (view, scope) -> view.leases().recoverExpired(ExpiredQuery.in(scope)));
        empty("leases.endUnclaimed", (view, scope) -> view.leases().endUnclaimed(ExpiredQuery.in(scope)));
    }

    /** Each item is answered by itself. */
    private void batches() {
        notFound(
                "leases.heartbeatAll",
                view -> view.leases().heartbeatAll(List.of(fence), Given.LEASE).get(0));
        notFound(
                "commands.acknowledgeAll",
                view -> view.commands()
                        .acknowledgeAll(List.of(new Acknowledgement(fence, ids.command())))
                        .get(0));
        notFound(
                "commands.awaitAny",
                view -> Objects.requireNonNull(view.commands()
                        .awaitAny(waits(SeenCommands.nothing(fence)), Duration.ZERO)
                        .get(ids.run())));
        notFound(
                "events.awaitAny",
                view -> Objects.requireNonNull(
                        view.events().awaitAny(waits(0L), Duration.ZERO).get(ids.run())));
    }

    private <S> WaitSet<S> waits(S seen) {
        WaitSet<S> waits = WaitSet.create();
        waits.put(ids.run(), seen);
        return waits;
    }

    private void notFound(String method, String what, Consumer<AgentRunStore> call) {
        add(
                method,
                (view, scope) -> () -> assertThat(catchThrowable(() -> call.accept(view)))
                        .isExactlyInstanceOf(NotFoundException.class)
                        .hasMessage(new NotFoundException(what, Operations.KEY).getMessage()));
    }

    private void notFound(String method, Function<AgentRunStore, ItemAnswer<?>> call) {
        add(method, (view, scope) -> () -> {
            ItemAnswer<?> answer = call.apply(view);
            assertThat(answer).isInstanceOf(ItemAnswer.Refused.class);
            Throwable error = ((ItemAnswer.Refused<?>) answer).error();
            assertThat(error)
                    .isExactlyInstanceOf(NotFoundException.class)
                    .hasMessage(new NotFoundException("run", ids.run()).getMessage());
        });
    }

    private void runners() {
        refused("runners.register", view -> view.runners().register(NewRunner.of("runner-x", RunnerInfo.unknown())));
        refused("runners.find", view -> view.runners().find("runner-x"));
        absent("runners.findJob", (view, scope) -> view.runners().findJob(ids.run(), "key"));
        refused("runners.backends", view -> view.runners().backends());
        refused("runners.saveBackend", view -> view.runners().saveBackend(NewBackend.of(Given.PROFILE)));
    }

    private void sessions() {
        refused(
                "sessions.upsert",
                view -> view.sessions().upsert(given.newSession().build()));
        absent("sessions.find", (view, scope) -> view.sessions().find(ids.session()));
        empty(
                "sessions.list",
                (view, scope) -> view.sessions()
                        .list(SessionQuery.in(scope).withFilter(SessionFilter.ALL))
                        .items());
        empty(
                "sessions.changes",
                (view, scope) -> view.sessions().changes(scope, null, 10).items());
        empty(
                "storage.claimExpired",
                (view, scope) -> view.storage()
                        .claimExpired(
                                StorageClaimRequest.by("gc-x", Given.LEASE).withScope(scope)));
    }

    private void queue() {
        refused(
                "queue.create",
                view -> view.queue().create(given.newTask("queue").build()));
        refused(
                "queue.createAll",
                view -> view.queue().createAll(List.of(given.newTask("queue").build())));
        notFound("queue.getByKey", "queue task", view -> view.queue().getByKey(given.owner(), Operations.KEY));
        empty(
                "queue.list",
                (view, scope) -> view.queue().list(QueueQuery.in(scope)).items());
        empty(
                "queue.changes",
                (view, scope) -> view.queue().changes(scope, null, 10).items());
        absent(
                "queue.dispatchNext",
                (view, scope) -> view.queue().dispatchNext(DispatchRequest.any().withScope(scope)));
        zero("queue.stats", (view, scope) -> view.queue().stats(new QueueScope(scope, null)));
        zero(
                "queue.snapshot",
                (view, scope) ->
                        view.queue().snapshot(new QueueScope(scope, null)).stats());
        empty(
                "queue.snapshot",
                (view, scope) ->
                        view.queue().snapshot(new QueueScope(scope, null)).items());
    }

    private void questions() {
        empty(
                "questions.list",
                (view, scope) -> view.questions().list(QuestionQuery.in(scope)).items());
        empty(
                "questions.changes",
                (view, scope) -> view.questions().changes(scope, null, 10).items());
    }

    private void many() {
        equal(
                "queue.cancelAll",
                (view, scope) -> view.queue().cancelAll(TaskCancel.in(scope, "no more")),
                new CancelledTasks(0, 0, 0, null));
        equal(
                "queue.purge",
                (view, scope) -> view.queue().purge(new PurgeRequest(scope, Duration.ZERO, 10)),
                new PurgeResult(0, false));
        equal(
                "sessions.purge",
                (view, scope) -> view.sessions().purge(new PurgeRequest(scope, Duration.ZERO, 10)),
                new PurgeResult(0, false));
    }

    private void schedules() {
        NewSchedule schedule = NewSchedule.of(
                Operations.KEY, "0 2 * * *", "UTC", given.newTask("queue").build());
        ScheduleKey key = schedule.key();
        refused("schedules.put", view -> view.schedules().put(schedule));
        notFound("schedules.get", "schedule", view -> view.schedules().get(key));
        notFound(
                "schedules.advance",
                "schedule",
                view -> view.schedules().advance(new Advance(key, Instant.EPOCH, null)));
        notFound("schedules.pause", "schedule", view -> view.schedules().pause(key));
        notFound("schedules.resume", "schedule", view -> view.schedules().resume(key));
        notFound("schedules.delete", "schedule", view -> view.schedules().delete(key));
        empty(
                "schedules.list",
                (view, scope) -> view.schedules().list(ScheduleQuery.in(scope)).items());
        empty("schedules.due", (view, scope) -> view.schedules().due(scope, 10).schedules());
    }

    private void take() {
        empty(
                "queue.take",
                (view, scope) -> view.queue()
                        .take(TakeRequest.by(Given.RUNNER, DispatchRequest.any().withScope(scope))));
    }

    private void add(String method, BiFunction<AgentRunStore, TenantScope, Runnable> expected) {
        cases.merge(
                method,
                expected,
                (one, other) -> (view, scope) -> () -> {
                    one.apply(view, scope).run();
                    other.apply(view, scope).run();
                });
    }

    private void refused(String method, Consumer<AgentRunStore> call) {
        add(method, (view, scope) -> () -> {
            Throwable thrown = catchThrowable(() -> call.accept(view));
            assertThat(thrown).isExactlyInstanceOf(TenantPolicyException.class);
            TenantPolicyException refusal = (TenantPolicyException) thrown;
            assertThat(refusal.httpStatus()).isEqualTo(403);
            assertThat(refusal.failureKind().wire()).isEqualTo("tenant-policy-denied");
            assertThat(refusal.retryable()).isFalse();
        });
    }

    private void empty(String method, BiFunction<AgentRunStore, TenantScope, List<?>> call) {
        equal(method, call::apply, List.of());
    }

    private void absent(String method, BiFunction<AgentRunStore, TenantScope, Optional<?>> call) {
        equal(method, call::apply, Optional.empty());
    }

    private void zero(String method, BiFunction<AgentRunStore, TenantScope, QueueStats> call) {
        Function<QueueStats, List<Object>> counts =
                stats -> List.of(stats.byLane(), stats.due(), Optional.ofNullable(stats.oldestPendingAt()));
        equal(method, (view, scope) -> counts.apply(call.apply(view, scope)), List.of(Map.of(), 0L, Optional.empty()));
        add(
                method,
                (view, scope) -> () ->
                        assertThat(call.apply(view, scope).byState().values()).containsOnly(0L));
    }

    private void equal(String method, BiFunction<AgentRunStore, TenantScope, Object> call, Object expected) {
        add(method, (view, scope) -> () -> assertThat(call.apply(view, scope)).isEqualTo(expected));
    }
}
