package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agentrun.command.NewCommand;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.model.WaitSet;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Reply;
import io.agentrun.rules.Rule;
import io.agentrun.runner.JobQuery;
import io.agentrun.storage.EvictionCause;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * Null for every argument of every operation that may not be null.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class NullSuite extends ConformanceSuite {

    private static final Outcome DONE = Outcome.completed();
    private static final TurnResult RESULT = TurnResult.of(DONE);
    private static final NewEvent EVENT = new NewEvent(EventType.DIFF, JsonObject.empty());
    private static final Duration LEASE = Given.LEASE;

    /** For adapters. */
    protected NullSuite() {}

    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void runs_and_leases_refuse_null() {
        Operations.Ids ids = Operations.known(given());
        String run = ids.run();
        Fence fence = Given.forged(run, Given.RUNNER, 1);

        unchanged(ids, () -> {
            refused("input", () -> store().runs().create(nothing()));
            refused("runId", () -> store().runs().get(nothing()));
            refused("owner", () -> store().runs().getByKey(nothing(), "key"));
            refused("idempotencyKey", () -> store().runs().getByKey(given().owner(), nothing()));
            refused("taskId", () -> store().runs().listByTask(nothing(), null, 10));
            refused("query", () -> store().runs().list(nothing()));
            refused("fence", () -> store().runs().finish(nothing(), RESULT));
            refused("result", () -> store().runs().finish(fence, nothing()));
            refused("fence", () -> store().runs().finishTurn(nothing(), ids.command(), RESULT));
            refused("commandId", () -> store().runs().finishTurn(fence, nothing(), RESULT));
            refused("result", () -> store().runs().finishTurn(fence, ids.command(), nothing()));
            refused("runId", () -> store().runs().finishUnclaimed(nothing(), DONE));
            refused("outcome", () -> store().runs().finishUnclaimed(run, nothing()));
            refused("runId", () -> store().runs().cancel(nothing(), "no more"));
            refused("runId", () -> store().runs().cancel(nothing(), "no more", CancelMode.FORCE));
            refused("reason", () -> store().runs().cancel(run, nothing()));
            refused("reason", () -> store().runs().cancel(run, nothing(), CancelMode.FORCE));
            refused("mode", () -> store().runs().cancel(run, "no more", nothing()));
            refused("request", () -> store().runs().purge(nothing()));
            refused("runId", () -> store().leases().claim(nothing(), Given.RUNNER, LEASE));
            refused("runnerId", () -> store().leases().claim(run, nothing(), LEASE));
            refused("lease", () -> store().leases().claim(run, Given.RUNNER, nothing()));
            refused("request", () -> store().leases().claimNext(nothing()));
            refused("fence", () -> store().leases().heartbeat(nothing(), LEASE));
            refused("lease", () -> store().leases().heartbeat(fence, nothing()));
            refused("fences", () -> store().leases().heartbeatAll(nothing(), LEASE));
            refused("fences[]", () -> store().leases().heartbeatAll(Arrays.asList(fence, nothing()), LEASE));
            refused("lease", () -> store().leases().heartbeatAll(List.of(fence), nothing()));
            refused("fence", () -> store().leases().release(nothing()));
            refused("fence", () -> store().leases().park(nothing(), List.of(ids.question())));
            refused("questionIds", () -> store().leases().park(fence, nothing()));
            refused("questionIds[]", () -> store().leases().park(fence, Arrays.asList("qst_1", nothing())));
            refused("query", () -> store().leases().listExpired(nothing()));
            refused("runId", () -> store().leases().recover(nothing(), 1));
            refused("query", () -> store().leases().recoverExpired(nothing()));
            refused("query", () -> store().leases().endUnclaimed(nothing()));
        });
    }

    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void commands_and_events_refuse_null() {
        Operations.Ids ids = Operations.known(given());
        String run = ids.run();
        Fence fence = Given.forged(run, Given.RUNNER, 1);
        NewCommand turn = given().newTurn("do it");

        unchanged(ids, () -> {
            refused("runId", () -> store().commands().create(nothing(), turn));
            refused("input", () -> store().commands().create(run, nothing()));
            refused("commandId", () -> store().commands().get(nothing()));
            refused("runId", () -> store().commands().list(nothing(), 0, 10));
            refused("fence", () -> store().commands().await(nothing(), 10, Duration.ZERO));
            refused("timeout", () -> store().commands().await(fence, 10, nothing()));
            refused("waits", () -> store().commands().awaitAny(nothing(), Duration.ZERO));
            refused("timeout", () -> store().commands().awaitAny(WaitSet.create(), nothing()));
            refused("waits", () -> store().events().awaitAny(nothing(), Duration.ZERO));
            refused("timeout", () -> store().events().awaitAny(WaitSet.create(), nothing()));
            refused("fence", () -> store().commands().acknowledge(nothing(), ids.command()));
            refused("commandId", () -> store().commands().acknowledge(fence, nothing()));
            refused("acknowledgements", () -> store().commands().acknowledgeAll(nothing()));
            refused(
                    "acknowledgements[]",
                    () -> store().commands().acknowledgeAll(Collections.singletonList(nothing())));
            refused("fence", () -> store().commands().finish(nothing(), ids.command(), RESULT));
            refused("commandId", () -> store().commands().finish(fence, nothing(), RESULT));
            refused("result", () -> store().commands().finish(fence, ids.command(), nothing()));
            refused("commandId", () -> store().commands().cancel(nothing(), "no more"));
            refused("reason", () -> store().commands().cancel(ids.command(), nothing()));
            refused("fence", () -> store().events().append(nothing(), List.of(EVENT)));
            refused("fence", () -> store().events().append(nothing(), EVENT));
            refused("fence", () -> store().events().append(nothing(), EventBatch.numbered(1, List.of(EVENT))));
            refused("batch", () -> store().events().append(fence, NullSuite.<EventBatch>nothing()));
            refused("events", () -> store().events().append(fence, NullSuite.<List<NewEvent>>nothing()));
            refused("events[]", () -> store().events().append(fence, Arrays.asList(EVENT, nothing())));
            refused("event", () -> store().events().append(fence, NullSuite.<NewEvent>nothing()));
            refused("runId", () -> store().events().appendUnfenced(nothing(), List.of(EVENT)));
            refused("runId", () -> store().events().appendUnfenced(nothing(), EVENT));
            refused("events", () -> store().events().appendUnfenced(run, NullSuite.<List<NewEvent>>nothing()));
            refused("events[]", () -> store().events().appendUnfenced(run, Arrays.asList(EVENT, nothing())));
            refused("event", () -> store().events().appendUnfenced(run, NullSuite.<NewEvent>nothing()));
            refused("runId", () -> store().events().list(nothing(), 0, 10));
            refused("runId", () -> store().events().await(nothing(), 0, 10, Duration.ZERO));
            refused("timeout", () -> store().events().await(run, 0, 10, nothing()));
        });
    }

    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void sessions_and_storage_refuse_null() {
        Operations.Ids ids = Operations.known(given());
        String session = ids.session();

        unchanged(ids, () -> {
            refused("session", () -> store().sessions().upsert(nothing()));
            refused("sessionId", () -> store().sessions().find(nothing()));
            refused("sessionId", () -> store().sessions().get(nothing()));
            refused("sessionId", () -> store().sessions().summary(nothing(), "ann"));
            refused("query", () -> store().sessions().list(nothing()));
            refused("scope", () -> store().sessions().changes(nothing(), null, 10));
            refused("query", () -> store().sessions().trace(nothing()));
            refused("query", () -> store().sessions().output(nothing()));
            refused("sessionId", () -> store().sessions().markRead(nothing(), "ann", 1));
            refused("readerId", () -> store().sessions().markRead(session, nothing(), 1));
            refused("sessionId", () -> store().storage().get(nothing()));
            refused("refresh", () -> store().storage().refresh(nothing()));
            refused("intent", () -> store().storage().provision(nothing()));
            refused("ready", () -> store().storage().ready(nothing()));
            refused("sessionId", () -> store().storage().beginEviction(nothing(), 1, EvictionCause.REQUESTED));
            refused("cause", () -> store().storage().beginEviction(session, 1, nothing()));
            refused("sessionId", () -> store().storage().confirmEvicted(nothing(), 1));
            refused("sessionId", () -> store().storage().markMissing(nothing(), 1));
            refused("request", () -> store().storage().claimExpired(nothing()));
            refused("sessionId", () -> store().storage().releaseClaim(nothing(), "gc"));
            refused("collectorId", () -> store().storage().releaseClaim(session, nothing()));
        });
    }

    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void queue_and_runners_refuse_null() {
        Operations.Ids ids = Operations.known(given());
        String task = ids.task();

        unchanged(ids, () -> {
            refused("task", () -> store().queue().create(nothing()));
            refused("tasks", () -> store().queue().createAll(nothing()));
            refused("taskId", () -> store().queue().get(nothing()));
            refused("owner", () -> store().queue().getByKey(nothing(), "key"));
            refused("idempotencyKey", () -> store().queue().getByKey(given().owner(), nothing()));
            refused("query", () -> store().queue().list(nothing()));
            refused("scope", () -> store().queue().changes(nothing(), null, 10));
            refused("request", () -> store().queue().dispatchNext(nothing()));
            refused("request", () -> store().queue().take(nothing()));
            refused("report", () -> store().queue().updateAttempt(nothing()));
            refused("request", () -> store().queue().cancelAll(nothing()));
            refused("request", () -> store().queue().retry(nothing()));
            refused("request", () -> store().queue().purge(nothing()));
            refused("request", () -> store().sessions().purge(nothing()));
            refused("schedule", () -> store().schedules().put(nothing()));
            refused("key", () -> store().schedules().get(nothing()));
            refused("query", () -> store().schedules().list(nothing()));
            refused("scope", () -> store().schedules().due(nothing(), 10));
            refused("advance", () -> store().schedules().advance(nothing()));
            refused("key", () -> store().schedules().pause(nothing()));
            refused("key", () -> store().schedules().resume(nothing()));
            refused("key", () -> store().schedules().delete(nothing()));
            refused("taskId", () -> store().queue().cancel(nothing(), "no more"));
            refused("taskId", () -> store().queue().cancel(nothing(), "no more", CancelMode.FORCE));
            refused("reason", () -> store().queue().cancel(task, nothing()));
            refused("reason", () -> store().queue().cancel(task, nothing(), CancelMode.FORCE));
            refused("mode", () -> store().queue().cancel(task, "no more", nothing()));
            refused("taskId", () -> store().queue().markRead(nothing(), "ann", 1));
            refused("readerId", () -> store().queue().markRead(task, nothing(), 1));
            refused("scope", () -> store().queue().stats(nothing()));
            refused("scope", () -> store().queue().snapshot(nothing()));
            refused("bounds", () -> store().inspect().doctor(nothing()));
            refused("runner", () -> store().runners().register(nothing()));
            refused("runnerId", () -> store().runners().find(nothing()));
            refused("job", () -> store().runners().saveJob(nothing()));
            refused("runId", () -> store().runners().findJob(nothing(), "key"));
            refused("idempotencyKey", () -> store().runners().findJob(ids.run(), nothing()));
            refused("query", () -> store().runners().listJobs(NullSuite.<JobQuery>nothing()));
            refused("runId", () -> store().runners().listJobs(NullSuite.<String>nothing()));
            refused("backend", () -> store().runners().saveBackend(nothing()));
            refused("limit", () -> store().limits().set(nothing()));
            refused("key", () -> store().limits().get(nothing(), LimitKind.RUNNING));
            refused("kind", () -> store().limits().get(LimitKey.eachQueue(), nothing()));
            refused("key", () -> store().limits().remove(nothing(), LimitKind.RUNNING));
            refused("kind", () -> store().limits().remove(LimitKey.eachQueue(), nothing()));
            refused("value", () -> store().limits().holders(nothing()));
        });
    }

    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void questions_refuse_null() {
        Operations.Ids ids = Operations.known(given());
        Fence fence = Given.forged(ids.run(), Given.RUNNER, 1);
        NewQuestion question = NewQuestion.of("which one?");

        unchanged(ids, () -> {
            refused("fence", () -> store().questions().ask(nothing(), question));
            refused("question", () -> store().questions().ask(fence, nothing()));
            refused("questionId", () -> store().questions().get(nothing()));
            refused("query", () -> store().questions().list(nothing()));
            refused("scope", () -> store().questions().changes(nothing(), null, 10));
            refused("questionId", () -> store().questions().answer(nothing(), Reply.declined(), "ann"));
            refused("reply", () -> store().questions().answer(ids.question(), nothing(), "ann"));
            refused("answeredBy", () -> store().questions().answer(ids.question(), Reply.declined(), nothing()));
            refused("questionId", () -> store().questions().withdraw(nothing(), "no more"));
            refused("reason", () -> store().questions().withdraw(ids.question(), nothing()));
        });
    }

    /** What the rest of this class hands to a store. */
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T nothing() {
        return null;
    }

    private static void refused(String field, ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        assertThat(thrown).as(field).isExactlyInstanceOf(InvalidInputException.class);
        InvalidInputException refusal = (InvalidInputException) thrown;
        assertThat(refusal.field()).isEqualTo(field);
        assertThat(refusal.httpStatus()).isEqualTo(400);
        assertThat(refusal.retryable()).isFalse();
    }

    private void unchanged(Operations.Ids ids, Runnable calls) {
        watch().run(store().runs().get(ids.run()))
                .session(ids.session())
                .task(ids.task())
                .unchangedBy(() -> {
                    calls.run();
                    return ids;
                });
    }
}
