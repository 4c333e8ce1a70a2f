package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.AnswerLosingProxy;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunAttempts;
import io.agentrun.run.RunStatus;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was done although its caller never heard of it: said again, it is done once. */
class LostAnswerTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Owner OWNER = new Owner("t", "p");
    private static final RunSpec SPEC = RunSpec.of(BackendProfile.CODEX);
    private static final TenantScope SCOPE = TenantScope.project("t", "p");
    private static final int RUNS = 8;

    private TestDatabase database;
    private AnswerLosingProxy proxy;
    private PostgresAgentRunStore store;
    private PostgresAgentRunStore witness;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        proxy = AnswerLosingProxy.before(database, 6);
        store = TestDatabase.quietStore(proxy.pool());
        witness = TestDatabase.quietStore(database.pool(2));
    }

    @AfterEach
    void close() {
        store.close();
        witness.close();
        proxy.close();
        database.close();
    }

    private Run newRun() {
        return witness.runs().create(NewRun.builder(OWNER, SPEC).build());
    }

    private static NewEvent event(String text) {
        return new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", text));
    }

    private List<String> texts(String runId) {
        return witness.events().list(runId, 0, 500).items().stream()
                .filter(event -> event.type() == EventType.ASSISTANT_MESSAGE)
                .map(event -> event.payload().string("text").orElse(""))
                .toList();
    }

    private List<String> phases(String runId) {
        return witness.events().list(runId, 0, 500).items().stream()
                .map(event -> event.payload().string("phase").orElse(""))
                .toList();
    }

    @Test
    void a_numbered_batch_is_stored_once_and_one_without_a_number_twice() {
        Fence fence = store.leases().claim(newRun().id(), "runner", HOUR).fence();
        store.events().append(fence, EventBatch.numbered(1, List.of(event("one"))));
        EventBatch lost = EventBatch.numbered(2, List.of(event("two lost"), event("three")));
        proxy.loseAnswersTo("two lost", 1);
        assertThatThrownBy(() -> store.events().append(fence, lost)).isInstanceOf(StoreUnavailableException.class);
        assertThat(proxy.lost()).isEqualTo(1);

        List<RunEvent> again = store.events().append(fence, lost);

        assertThat(texts(fence.runId())).containsExactly("one", "two lost", "three");
        assertThat(witness.events().list(fence.runId(), 0, 500).items()).containsAll(again);
        List<NewEvent> unnumbered = List.of(event("four lost"));
        proxy.loseAnswersTo("four lost", 1);
        assertThatThrownBy(() -> store.events().append(fence, unnumbered))
                .isInstanceOf(StoreUnavailableException.class);
        store.events().append(fence, unnumbered);
        assertThat(texts(fence.runId())).containsExactly("one", "two lost", "three", "four lost", "four lost");
    }

    @Test
    void batches_of_many_runs_that_one_statement_appends_are_stored_once_each() {
        List<Fence> fences = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            fences.add(store.leases().claim(newRun().id(), "runner", HOUR).fence());
        }
        proxy.loseAnswersTo("word", 6);

        List<Race.Finish<Integer>> finishes = Race.of(RUNS, caller -> () -> {
            int repeated = 0;
            for (int number = 1; number <= 20; number++) {
                EventBatch batch = EventBatch.numbered(number, List.of(event("word " + number), event("and")));
                boolean stored = false;
                while (!stored) {
                    try {
                        stored =
                                store.events().append(fences.get(caller), batch).size() == 2;
                    } catch (StoreUnavailableException unknown) {
                        repeated++;
                    }
                }
            }
            return repeated;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        assertThat(proxy.lost()).isEqualTo(6);
        assertThat(Race.values(finishes).stream().mapToInt(repeated -> repeated).sum())
                .isGreaterThanOrEqualTo(6);
        List<String> expected = new ArrayList<>();
        for (int number = 1; number <= 20; number++) {
            expected.add("word " + number);
            expected.add("and");
        }
        for (Fence fence : fences) {
            assertThat(texts(fence.runId())).isEqualTo(expected);
        }
    }

    @Test
    void a_claim_is_simply_repeated() {
        Run run = newRun();
        proxy.loseAnswersTo("runner-lost", 1);
        assertThatThrownBy(() -> store.leases().claim(run.id(), "runner-lost", HOUR))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(witness.runs().get(run.id()).status()).isEqualTo(RunStatus.CLAIMED);

        RunLease again = store.leases().claim(run.id(), "runner-lost", HOUR);

        assertThat(proxy.lost()).isEqualTo(1);
        assertThat(again.run().claim().attempts()).isEqualTo(new RunAttempts(1, 1, 0));
        assertThat(phases(run.id())).containsExactly("run-created", "run-claimed", "run-claimed");
        assertThat(store.events().append(again.fence(), event("goes on")).seq()).isEqualTo(4);
    }

    @Test
    void a_claim_that_nobody_repeats_costs_a_start_and_no_attempt() {
        Run run = newRun();
        proxy.loseAnswersTo("runner-lost", 1);
        assertThatThrownBy(() -> store.leases().claim(run.id(), "runner-lost", HOUR))
                .isInstanceOf(StoreUnavailableException.class);
        database.advance(HOUR.plusSeconds(1));

        List<Recovery> recovered = store.leases().recoverExpired(ExpiredQuery.in(SCOPE));

        assertThat(recovered).extracting(Recovery::outcome).containsExactly(RecoveryOutcome.REQUEUED);
        assertThat(witness.runs().get(run.id()).claim().attempts()).isEqualTo(new RunAttempts(1, 1, 1));
    }

    @Test
    void a_claim_of_the_next_run_whose_answer_is_lost_leaves_its_task_on_the_same_attempt() {
        witness.queue().create(NewQueueTask.builder(OWNER, "q", "a task", SPEC).build());
        Dispatch dispatch =
                witness.queue().dispatchNext(DispatchRequest.fromQueue("q")).orElseThrow();
        ClaimRequest request = ClaimRequest.by("runner-lost", HOUR).withScope(SCOPE);
        proxy.loseAnswersTo("runner-lost", 1);
        assertThatThrownBy(() -> store.leases().claimNext(request)).isInstanceOf(StoreUnavailableException.class);
        assertThat(store.leases().claimNext(request)).isEmpty();
        database.advance(HOUR.plusSeconds(1));

        store.leases().recoverExpired(ExpiredQuery.in(SCOPE));

        assertThat(witness.queue().get(dispatch.task().id()))
                .satisfies(task -> assertThat(task.state()).isEqualTo(TaskState.RUNNING))
                .satisfies(task -> assertThat(task.attempts()).isEqualTo(1));
        RunLease next = store.leases().claimNext(request).orElseThrow();
        assertThat(next.run().id()).isEqualTo(dispatch.run().id());
        assertThat(next.run().claim().attempts()).isEqualTo(new RunAttempts(1, 1, 1));
    }
}
