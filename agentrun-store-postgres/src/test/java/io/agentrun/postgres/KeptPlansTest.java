package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.command.FinishedTurn;
import io.agentrun.command.NewCommand;
import io.agentrun.command.SeenCommands;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.model.WaitSet;
import io.agentrun.postgres.testing.PlanLog;
import io.agentrun.postgres.testing.PlanningDataSource;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.SessionRef;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the server does with a plan that it made when there was little, and keeps when there is much: a step finds its rows by
 * their keys, and what is next along one index, whatever the server believed.
 */
class KeptPlansTest {

    private static final int MANY = 20_000;

    /** Rows that a statement may look at, and pages that it may touch. */
    private static final long FEW = 120;

    /** Those that pass over what others have, or count it: pages by tenant, feeds, statistics, purges, what has expired, and what takes the next of a tenant. */
    private static final Set<String> LISTS = Set.of(
            "leases.claimNext",
            "leases.claimNext of nothing",
            "leases.listExpired",
            "queue.list",
            "queue.changes",
            "queue.stats",
            "queue.snapshot",
            "queue.cancelAll of ten",
            "queue.cancelAll of nothing",
            "questions.list of an inbox",
            "runs.list",
            "runs.purge",
            "sessions.list",
            "sessions.changes",
            "storage.claimExpired");

    private static final int CALLERS = 6;
    private static final int TOGETHER = 4;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final NewEvent EVENT = new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "hi"));
    private static final NewCommand TURN = NewCommand.turn(JsonObject.of("prompt", "go"));

    private TestDatabase database;
    private PlanLog log;
    private PostgresAgentRunStore store;
    private int number;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        // Rows by the hundred thousand, made by SQL.
        database.leaveUnexamined();
        for (String table :
                database.query("SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND relname ~ '^agentrun_'")) {
            database.execute("ALTER TABLE " + table + " SET (autovacuum_enabled = false)");
        }
        // One connection, so that what is run twice has one plan.
        log = PlanLog.over(database.pool(1));
        store = CountedStore.on(log.dataSource());
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    @Test
    void plans_made_when_there_was_nothing_are_good_when_there_is_much() {
        keepsGoing();
    }

    @Test
    void plans_made_when_nothing_waited_are_good_when_much_waits() {
        end(300);

        keepsGoing();
    }

    @Test
    void plans_made_of_statistics_where_nothing_waited_are_good_when_much_waits() {
        end(300);
        database.execute("VACUUM ANALYZE");

        keepsGoing();
    }

    /**
     * The server reads a table of a few pages whole, which is faster, and analyzes it again only after it has grown. What one caller does
     * most often is left to it.
     */
    @ParameterizedTest
    @ValueSource(ints = {20, 100})
    void plans_made_of_statistics_of_a_small_store_are_good_when_much_waits(int small) {
        end(small);
        database.execute("VACUUM ANALYZE");

        keepsGoing(1, KeptPlansTest::isAlone);
    }

    /** The server then believes that there is nothing in indexes of what is open: it reads any of them, as it thinks, for nothing. */
    @Test
    void plans_made_of_statistics_of_a_long_history_where_nothing_waited_are_good_when_much_waits() {
        database.execute(LargeTables.fill(MANY));
        database.execute(LargeTables.end());
        database.execute("VACUUM ANALYZE");

        keepsGoing(MANY + 1);
    }

    @Test
    void each_operation_that_is_no_list_looks_at_few_rows_whatever_waits() {
        database.execute(LargeTables.fill(MANY));
        database.execute(LargeTables.end());
        database.execute("VACUUM ANALYZE");
        List<String> slow = new ArrayList<>();
        tell(1, plan -> {});
        database.execute(LargeTables.fill(MANY + 1, MANY));

        tell(2, plan -> {
            long rows = PlanningDataSource.rows(plan.plan());
            if (rows > MANY / 20 && !LISTS.contains(plan.operation())) {
                slow.add(plan.operation() + " looks at " + rows + " rows: " + plan.heard());
            }
        });

        assertThat(slow).isEmpty();
    }

    private record Heard(String operation, JsonNode heard) {

        JsonNode plan() {
            return heard.path("Plan");
        }
    }

    private void tell(int story, Consumer<Heard> each) {
        new OperationStory(store, story, new OperationStory.Step() {
                    @Override
                    public <T> T take(String name, Supplier<T> call) {
                        List<T> answer = new ArrayList<>(1);
                        log.of(() -> answer.add(call.get())).forEach(plan -> each.accept(new Heard(name, plan)));
                        return answer.get(0);
                    }
                })
                .tell();
    }

    private void end(int count) {
        try (PostgresAgentRunStore before = CountedStore.on(database.pool(2))) {
            for (int i = 0; i < count; i++) {
                Run run = before.runs().create(input("before " + i).build());
                before.commands().create(run.id(), TURN);
                before.runs().cancel(run.id(), "enough", CancelMode.FORCE);
                before.queue().cancel(before.queue().create(task().build()).id(), "enough");
            }
        }
    }

    private void keepsGoing() {
        keepsGoing(1);
    }

    private void keepsGoing(int first) {
        keepsGoing(first, text -> false);
    }

    /** Does not look at the statements that are left out. */
    private void keepsGoing(int first, Predicate<String> leftOut) {
        Map<String, Runnable> steps = steps();
        steps.values().forEach(Runnable::run);
        database.execute(LargeTables.fill(first, MANY));

        List<String> slow = new ArrayList<>();
        steps.forEach((name, step) -> {
            List<JsonNode> heard = log.of(step);
            assertThat(heard).as(name).isNotEmpty();
            heard.stream()
                    .filter(plan -> !leftOut.test(plan.path("Query Text").asText()))
                    .forEach(plan -> check(name, plan, slow));
        });

        assertThat(slow).isEmpty();
    }

    /** Returns whether a statement is an append, a heartbeat or a claim of one run, which {@code Tx.executeAlone} sends. */
    private static boolean isAlone(String text) {
        return Stream.of("SET event_seq = event_seq + ", "SET lease_expires_at = ", "SET status = 'claimed'")
                        .anyMatch(text::contains)
                && Stream.of("WITH ORDINALITY AS q", "candidate").noneMatch(text::contains);
    }

    private static void check(String step, JsonNode heard, List<String> slow) {
        JsonNode plan = heard.path("Plan");
        long rows = PlanningDataSource.rows(plan);
        long pages = plan.path("Shared Hit Blocks").asLong()
                + plan.path("Shared Read Blocks").asLong();
        if (rows > FEW || pages > FEW) {
            slow.add(step + " looks at " + rows + " rows on " + pages + " pages: " + heard);
        }
    }

    private Map<String, Runnable> steps() {
        Map<String, Runnable> steps = new LinkedHashMap<>();
        steps.put("a run's life", () -> live(null));
        steps.put("a life in a session of its own", () -> live("session " + number++));
        steps.put("a life in a session of many", () -> live("session"));
        steps.put("a lease given back", () -> store.leases().release(leased()));
        steps.put("a run cancelled", () -> store.runs().cancel(leased().runId(), "why"));
        steps.put("a run killed", () -> store.runs().cancel(leased().runId(), "why", CancelMode.FORCE));
        steps.put(
                "a run that nobody claimed",
                () -> store.runs().finishUnclaimed(newRun(null).id(), Outcome.completed()));
        steps.put("a run created twice", this::createTwice);
        steps.put(
                "a run taken by profile",
                () -> claimNext(ClaimRequest.by("runner", MINUTE).withBackendProfile(BackendProfile.CODEX)));
        steps.put("no run taken", this::claimNothing);
        steps.put(
                "a page of runs",
                () -> store.runs().list(RunQuery.in(TenantScope.all()).withLimit(10)));
        steps.put("a task's life", this::liveTask);
        steps.put("a task of any queue", () -> dispatchNext(DispatchRequest.any()));
        steps.put("a task of a queue", () -> dispatchNext(DispatchRequest.fromQueue("mine")));
        steps.put("tasks taken, given back and ended", this::takeAndEnd);
        steps.put("tasks of sessions taken and ended", this::takeInSessions);
        steps.put("turns that end together", this::endTogether);
        steps.put("no task", () -> store.queue().dispatchNext(DispatchRequest.fromQueue("nobody's")));
        steps.put("tasks changed", () -> store.queue().changes(TenantScope.all(), null, 10));
        steps.put("sessions changed", () -> store.sessions().changes(TenantScope.all(), null, 10));
        steps.put("appends that meet", () -> meet(fence -> store.events().append(fence, EVENT)));
        steps.put("heartbeats that meet", () -> meet(fence -> store.leases().heartbeat(fence, MINUTE)));
        steps.put(
                "claims that meet",
                () -> meet(fence -> store.leases().claim(newRun(null).id(), "runner", MINUTE)));
        return steps;
    }

    private static NewRun.Builder input(@Nullable String sessionId) {
        return NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                .session(sessionId == null ? null : SessionRef.of(sessionId));
    }

    private static NewQueueTask.Builder task() {
        return NewQueueTask.builder(new Owner("t", "p"), "mine", "T", RunSpec.of(BackendProfile.CODEX));
    }

    private Run newRun(@Nullable String sessionId) {
        return store.runs().create(input(sessionId).build());
    }

    private Fence leased() {
        return store.leases().claim(newRun(null).id(), "runner", MINUTE).fence();
    }

    private void live(@Nullable String sessionId) {
        Run run = newRun(sessionId);
        Command turn = store.commands().create(run.id(), TURN);
        Fence fence = store.leases().claim(run.id(), "runner", MINUTE).fence();
        store.leases().heartbeat(fence, MINUTE);
        store.commands().await(fence, 10, Duration.ZERO);
        store.commands().acknowledge(fence, turn.id());
        store.events().append(fence, EVENT);
        store.events().append(fence, List.of(EVENT, EVENT));
        store.events().appendUnfenced(run.id(), EVENT);
        store.events().appendUnfenced(run.id(), List.of(EVENT, EVENT));
        Command next = store.commands().create(run.id(), TURN);
        store.commands().finish(fence, turn.id(), DONE);
        store.commands().cancel(next.id(), "enough");
        store.commands().get(turn.id());
        store.commands().list(run.id(), 0, 10);
        store.events().list(run.id(), 0, 10);
        store.runs().finish(fence, DONE);
        store.runs().get(run.id());
    }

    private void createTwice() {
        NewRun run = input(null).idempotencyKey("key " + number++).build();
        NewCommand turn = TURN.withIdempotencyKey("key");
        String id = store.runs().create(run).id();
        store.runs().create(run);
        store.commands().create(id, turn);
        store.commands().create(id, turn);
        store.runs().cancel(id, "enough", CancelMode.FORCE);
    }

    private void claimNext(ClaimRequest request) {
        newRun(null);
        RunLease lease = store.leases().claimNext(request).orElseThrow();
        store.runs().finish(lease.fence(), DONE);
    }

    private void claimNothing() {
        ClaimRequest request = ClaimRequest.by("runner", MINUTE).withBackendProfile(BackendProfile.MINIMAX_M3);
        assertThat(store.leases().claimNext(request)).isEmpty();
    }

    private void liveTask() {
        QueueTask task =
                store.queue().create(task().session(SessionRef.of("task's")).build());
        Dispatch work =
                store.queue().dispatchNext(DispatchRequest.fromQueue("mine")).orElseThrow();
        Fence fence = store.leases().claim(work.run().id(), "runner", MINUTE).fence();
        store.commands().acknowledge(fence, work.turn().id());
        store.commands().finish(fence, work.turn().id(), DONE);
        store.runs().finish(fence, DONE);
        store.queue().markRead(task.id(), "reader", store.queue().get(task.id()).version());
    }

    private List<Taken> take(int n) {
        Stream.generate(task()::build).limit(n).forEach(store.queue()::create);
        return taken(n);
    }

    /** Once with sessions that are new, once with those. */
    private void takeInSessions() {
        List<SessionRef> sessions = Stream.generate(() -> SessionRef.of("taken " + number++))
                .limit(TOGETHER)
                .toList();
        for (int i = 0; i < 2; i++) {
            sessions.forEach(
                    session -> store.queue().create(task().session(session).build()));
            List<Taken> taken = taken(TOGETHER);
            acknowledge(taken);
            taken.forEach(this::end);
        }
    }

    private List<Taken> taken(int n) {
        List<Taken> taken = store.queue()
                .take(TakeRequest.by("runner", DispatchRequest.fromQueue("mine"))
                        .withN(n));
        assertThat(taken).hasSize(n);
        return taken;
    }

    private static Fence fence(Taken taken) {
        return taken.lease().fence();
    }

    private void acknowledge(List<Taken> taken) {
        store.commands()
                .acknowledgeAll(taken.stream()
                        .map(each -> new Acknowledgement(
                                fence(each), each.turns().get(0).id()))
                        .toList());
    }

    private FinishedTurn end(Taken taken) {
        return store.runs().finishTurn(fence(taken), taken.turns().get(0).id(), DONE);
    }

    private void takeAndEnd() {
        List<Taken> taken = take(TOGETHER);
        WaitSet<SeenCommands> waits = WaitSet.create();
        taken.forEach(each -> waits.put(fence(each).runId(), SeenCommands.nothing(fence(each))));
        assertThat(store.commands().awaitAny(waits, Duration.ZERO)).hasSize(TOGETHER);
        taken.forEach(each -> store.leases().release(fence(each)));
        List<Taken> again = take(TOGETHER);
        acknowledge(again);
        again.forEach(this::end);
    }

    /** Of several who wait for the one that is first, the others go together. */
    private void endTogether() {
        List<Taken> taken = take(TOGETHER);
        acknowledge(taken);

        assertThat(Race.failures(Race.of(TOGETHER, i -> () -> end(taken.get(i)))))
                .isEmpty();

        assertThat(log.heard())
                .anyMatch(plan -> plan.path("Query Text").asText().contains("q.command_id"));
    }

    private void dispatchNext(DispatchRequest request) {
        store.queue().create(task().build());
        Dispatch work = store.queue().dispatchNext(request).orElseThrow();
        store.queue().cancel(work.task().id(), "enough", CancelMode.FORCE);
    }

    /** Callers for whom there is one connection go together, as a rule; how often does not matter. */
    private void meet(Consumer<Fence> call) {
        List<Fence> fences = Stream.generate(this::leased).limit(CALLERS).toList();

        List<Race.Finish<Boolean>> finishes = Race.of(CALLERS, i -> () -> {
            Collections.nCopies(5, fences.get(i)).forEach(call);
            return true;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        assertThat(log.heard())
                .anyMatch(plan -> plan.path("Query Text").asText().contains("unnest"));
        fences.forEach(fence -> store.runs().finish(fence, DONE));
    }
}
