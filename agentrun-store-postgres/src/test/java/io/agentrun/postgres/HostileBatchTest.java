package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.NewCommand;
import io.agentrun.command.SeenCommands;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.WaitSet;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.run.NewRun;
import io.agentrun.run.SessionRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls for many runs or tasks of which one cannot be read: it alone is refused or passed over. */
class HostileBatchTest {

    private static final Owner OWNER = new Owner("t", "p");
    private static final RunSpec SPEC = RunSpec.of(BackendProfile.CODEX);
    private static final Duration LEASE = Duration.ofMinutes(10);

    private TestDatabase database;
    private PostgresAgentRunStore store;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        database.leaveUnexamined();
        store = TestDatabase.quietStore(database.pool(6));
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    /** Leased runs with a turn each. */
    private List<Acknowledgement> leased(int count) {
        List<Acknowledgement> turns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String runId =
                    store.runs().create(NewRun.builder(OWNER, SPEC).build()).id();
            Command turn = store.commands().create(runId, NewCommand.turn(JsonObject.of("prompt", "p")));
            turns.add(new Acknowledgement(
                    store.leases().claim(runId, "runner", LEASE).fence(), turn.id()));
        }
        return turns;
    }

    private void poisonRun(String runId) {
        database.execute(
                "UPDATE \"agent\"\"run\".agentrun_run_state SET runner_id = ' ' WHERE run_id = '" + runId + "'");
    }

    private static <T> void requireCorrupt(ItemAnswer<T> answer) {
        assertThat(answer)
                .isInstanceOfSatisfying(
                        ItemAnswer.Refused.class,
                        refused -> assertThat(refused.error())
                                .isInstanceOfSatisfying(
                                        StoreUnavailableException.class,
                                        e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT)));
    }

    @Test
    void heartbeats_go_on_beside_runs_that_cannot_be_read() {
        List<Fence> fences = leased(14).stream().map(Acknowledgement::fence).toList();
        fences.subList(0, 12).forEach(fence -> poisonRun(fence.runId()));

        List<ItemAnswer<Heartbeat>> answers = store.leases().heartbeatAll(fences, LEASE);

        answers.subList(0, 12).forEach(HostileBatchTest::requireCorrupt);
        assertThat(answers.subList(12, 14))
                .allSatisfy(answer -> assertThat(answer).isInstanceOf(ItemAnswer.Done.class));
    }

    @Test
    void acknowledgements_go_on_beside_a_run_that_cannot_be_read() {
        List<Acknowledgement> turns = leased(3);
        poisonRun(turns.get(1).fence().runId());

        List<ItemAnswer<Command>> answers = store.commands().acknowledgeAll(turns);

        assertThat(answers.get(0)).isInstanceOf(ItemAnswer.Done.class);
        requireCorrupt(answers.get(1));
        assertThat(answers.get(2)).isInstanceOf(ItemAnswer.Done.class);
    }

    @Test
    void a_wait_for_many_tells_of_the_run_that_cannot_be_read() {
        List<Acknowledgement> turns = leased(3);
        poisonRun(turns.get(1).fence().runId());
        WaitSet<SeenCommands> waits = WaitSet.create();
        turns.forEach(turn -> waits.put(turn.fence().runId(), SeenCommands.nothing(turn.fence())));

        Map<String, ItemAnswer<CommandDelivery>> news = store.commands().awaitAny(waits, Duration.ZERO);

        assertThat(news).hasSize(3);
        assertThat(news.get(turns.get(0).fence().runId())).isInstanceOf(ItemAnswer.Done.class);
        requireCorrupt(news.get(turns.get(1).fence().runId()));
        assertThat(news.get(turns.get(2).fence().runId())).isInstanceOf(ItemAnswer.Done.class);
    }

    private void task(String title, @Nullable String sessionId) {
        NewQueueTask.Builder task = NewQueueTask.builder(OWNER, "q", title, SPEC);
        store.queue()
                .create(
                        sessionId == null
                                ? task.build()
                                : task.session(SessionRef.of(sessionId)).build());
    }

    @Test
    void a_take_passes_over_runs_and_tasks_that_cannot_be_read() {
        for (int i = 0; i < 6; i++) {
            task("t" + i, i % 2 == 0 ? null : "s" + i);
        }
        for (int i = 0; i < 3; i++) {
            store.queue().dispatchNext(DispatchRequest.fromQueue("q"));
        }
        database.execute("UPDATE \"agent\"\"run\".agentrun_runs SET provider_id = ' ' WHERE task_id ="
                + " (SELECT id FROM \"agent\"\"run\".agentrun_queue_tasks WHERE title = 't1')");
        database.execute(
                "UPDATE \"agent\"\"run\".agentrun_queue_tasks SET priority = 2000000 WHERE title IN ('t3', 't4')");

        List<String> taken = new ArrayList<>();
        List<Taken> found = take();
        while (!found.isEmpty()) {
            found.forEach(each -> taken.add(each.task().title()));
            found = take();
        }

        assertThat(taken).containsExactlyInAnyOrder("t0", "t2", "t5");
        assertThat(database.queryIn(TestDatabase.SCHEMA, "SELECT session_id FROM agentrun_sessions ORDER BY 1"))
                .containsExactly("s1", "s5");
    }

    private List<Taken> take() {
        return store.queue()
                .take(TakeRequest.by("worker", DispatchRequest.fromQueue("q")).withN(10));
    }

    @Test
    void a_claim_of_the_next_run_passes_over_one_that_cannot_be_read() {
        String bad = store.runs().create(NewRun.builder(OWNER, SPEC).build()).id();
        String good = store.runs().create(NewRun.builder(OWNER, SPEC).build()).id();
        database.execute("UPDATE \"agent\"\"run\".agentrun_runs SET provider_id = ' ' WHERE id = '" + bad + "'");

        assertThat(store.leases().claimNext(ClaimRequest.by("worker", LEASE)))
                .hasValueSatisfying(lease -> assertThat(lease.run().id()).isEqualTo(good));
    }
}
