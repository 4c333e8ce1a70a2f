package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.SessionRef;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Equal calls at the same moment, over both instances: one winner, one record, nothing twice and nothing left out.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class RaceSuite extends ConformanceSuite {

    private static final int CALLERS = 8;
    private static final int ROUNDS = 15;

    /** For adapters. */
    protected RaceSuite() {}

    @Test
    @Proves({Rule.L_2, Rule.L_3})
    void of_several_claimers_one_gets_the_lease() {
        for (int round = 0; round < ROUNDS; round++) {
            Run run = given().run();

            List<Race.Finish<RunLease>> finishes =
                    Race.of(CALLERS, i -> () -> at(i).leases().claim(run.id(), "runner-" + i, Given.LEASE));

            assertThat(Race.values(finishes)).hasSize(1);
            assertThat(Race.failures(finishes)).hasSize(CALLERS - 1).allSatisfy(failure -> {
                assertThat(failure).isExactlyInstanceOf(LeaseConflictException.class);
                assertThat(((LeaseConflictException) failure).retryable()).isTrue();
            });
            assertThat(store().runs().get(run.id()))
                    .isEqualTo(Race.values(finishes).get(0).run());
            assertThat(phases(run.id())).containsExactly("run-created", "run-claimed");
        }
    }

    @Test
    @Proves({Rule.L_4, Rule.L_8})
    void of_several_claimers_of_an_expired_lease_one_gets_it() {
        for (int round = 0; round < ROUNDS; round++) {
            Run run = given().runWithAttempts(2);
            given().claimed(run);
            advance(Given.PAST_LEASE);

            List<Race.Finish<RunLease>> finishes =
                    Race.of(CALLERS, i -> () -> at(i).leases().claim(run.id(), "runner-" + i, Given.LEASE));

            assertThat(Race.values(finishes)).hasSize(1);
            assertThat(Race.failures(finishes)).hasOnlyElementsOfType(LeaseConflictException.class);
            assertThat(phases(run.id())).containsExactly("run-created", "run-claimed", "run-recovered", "run-claimed");
        }
    }

    @Test
    @Proves(Rule.L_7)
    void eight_runners_take_two_hundred_runs_each_exactly_once() {
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            runs.add(given().run().id());
        }
        TenantScope scope = given().scope();

        List<Race.Finish<List<String>>> finishes = Race.of(CALLERS, i -> () -> {
            List<String> mine = new ArrayList<>();
            ClaimRequest request = ClaimRequest.by("runner-" + i, Given.LEASE).withScope(scope);
            for (Optional<RunLease> lease = at(i).leases().claimNext(request);
                    lease.isPresent();
                    lease = at(i).leases().claimNext(request)) {
                mine.add(lease.get().run().id());
            }
            return mine;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        List<String> claimed =
                Race.values(finishes).stream().flatMap(List::stream).toList();
        assertThat(claimed).containsExactlyInAnyOrderElementsOf(runs);
    }

    @Test
    @Proves({Rule.L_8, Rule.R_7})
    void of_several_recoverers_one_does_it() {
        for (int round = 0; round < ROUNDS; round++) {
            Run requeued = given().runWithAttempts(2);
            given().claimed(requeued);
            RunLease begun = given().claimed();
            given().acknowledgedTurn(begun);
            Run failed = begun.run();
            advance(Given.PAST_LEASE);
            ExpiredQuery query = ExpiredQuery.in(given().scope());

            List<Race.Finish<List<Recovery>>> finishes =
                    Race.of(CALLERS, i -> () -> at(i).leases().recoverExpired(query));

            assertThat(Race.failures(finishes)).isEmpty();
            assertThat(Race.values(finishes).stream().flatMap(List::stream))
                    .extracting(Recovery::runId)
                    .containsExactlyInAnyOrder(requeued.id(), failed.id());
            assertThat(phases(failed.id()))
                    .containsExactly(
                            "run-created", "run-claimed", "command-created", "command-terminal", "terminal_status");
            assertThat(phases(requeued.id())).containsExactly("run-created", "run-claimed", "run-recovered");
        }
    }

    @Test
    @Proves({Rule.L_10, Rule.R_7})
    void of_several_callers_one_ends_a_run_that_nobody_claims() {
        DispatchRequest request =
                DispatchRequest.any().withScope(given().scope()).withClaimWithin(Given.LEASE);
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            given().task("queue");
            runs.add(store().queue().dispatchNext(request).orElseThrow().run().id());
        }
        advance(Given.LEASE);
        ExpiredQuery query = ExpiredQuery.in(given().scope());

        List<Race.Finish<List<Recovery>>> finishes =
                Race.of(CALLERS, i -> () -> at(i).leases().endUnclaimed(query));

        assertThat(Race.failures(finishes)).isEmpty();
        assertThat(Race.values(finishes).stream()
                        .flatMap(List::stream)
                        .filter(done -> done.outcome() == RecoveryOutcome.UNCLAIMED))
                .extracting(Recovery::runId)
                .containsExactlyInAnyOrderElementsOf(runs);
        assertThat(runs)
                .allSatisfy(run -> assertThat(phases(run))
                        .containsExactly("run-created", "command-created", "command-terminal", "terminal_status"));
    }

    @Test
    @Proves(Rule.I_2)
    void callers_with_one_new_key_get_one_run_and_one_new_session() {
        for (int round = 0; round < ROUNDS; round++) {
            String session = given().name("session");
            NewRun input = given().newRun()
                    .session(SessionRef.of(session))
                    .idempotencyKey(given().name("key"))
                    .build();

            Run run = oneOf(store -> store.runs().create(input));

            assertThat(store().runs()
                            .list(RunQuery.in(given().scope()).withSessionId(session))
                            .items())
                    .containsExactly(run);
            assertThat(phases(run.id())).containsExactly("run-created");
        }
    }

    @Test
    @Proves(Rule.I_2)
    void callers_with_one_new_key_get_one_run_of_no_session() {
        for (int round = 0; round < ROUNDS; round++) {
            NewRun input = given().newRun().idempotencyKey(given().name("key")).build();

            Run run = oneOf(store -> store.runs().create(input));

            assertThat(phases(run.id())).containsExactly("run-created");
        }
        assertThat(store().runs()
                        .list(RunQuery.in(given().scope()).withLimit(2 * ROUNDS))
                        .items())
                .hasSize(ROUNDS);
    }

    @Test
    @Proves(Rule.I_2)
    void callers_with_one_new_key_get_one_command() {
        for (int round = 0; round < ROUNDS; round++) {
            Run run = given().runIn(given().name("session"));
            NewCommand input = given().newTurn("go").withIdempotencyKey("once");

            Command command = oneOf(store -> store.commands().create(run.id(), input));

            assertThat(Watch.commands(store(), run.id())).containsExactly(command);
            assertThat(phases(run.id())).containsExactly("run-created", "command-created");
        }
    }

    @Test
    @Proves({Rule.I_2, Rule.J_2})
    void callers_with_one_new_key_get_one_runner_job() {
        for (int round = 0; round < ROUNDS; round++) {
            Run run = given().run();
            Command turn = given().turn(run);
            NewRunnerJob input = job(turn, "once");

            RunnerJob job = oneOf(store -> store.runners().saveJob(input));

            assertThat(store().runners().listJobs(JobQuery.ofRun(run.id()))).containsExactly(job);
        }
    }

    @Test
    @Proves({Rule.I_2, Rule.Q_1})
    void callers_with_one_new_key_get_one_task() {
        for (int round = 0; round < ROUNDS; round++) {
            String queue = given().name("queue");
            NewQueueTask input = given().newTask(queue).idempotencyKey(queue).build();

            QueueTask task = oneOf(store -> store.queue().create(input));

            assertThat(given().dispatched(queue).task().id()).isEqualTo(task.id());
            assertThat(store().queue().dispatchNext(DispatchRequest.fromQueue(queue)))
                    .isEmpty();
        }
    }

    @Test
    @Proves({Rule.S_2, Rule.S_9})
    void upserts_of_one_new_session_make_one_session() {
        for (int round = 0; round < ROUNDS; round++) {
            var input = given().newSession().title("Equal").build();

            Session session = oneOf(store -> store.sessions().upsert(input));

            assertThat(store().sessions().get(session.id())).isEqualTo(session);
        }
    }

    @Test
    @Proves({Rule.R_1, Rule.I_2})
    void runs_without_a_key_share_one_new_session() {
        for (int round = 0; round < ROUNDS; round++) {
            String session = given().name("session");
            NewRun input = given().newRun().session(SessionRef.of(session)).build();

            List<Race.Finish<Run>> finishes =
                    Race.of(CALLERS, i -> () -> at(i).runs().create(input));

            assertThat(Race.failures(finishes)).isEmpty();
            assertThat(Race.values(finishes)).extracting(Run::id).doesNotHaveDuplicates();
            assertThat(Race.values(finishes))
                    .extracting(Run::id)
                    .contains(store().sessions().get(session).activity().lastRunId());
        }
    }

    @Test
    @Proves({Rule.C_2, Rule.S_3})
    void of_turns_that_are_created_at_once_one_is_active_and_the_ordinals_are_dense() {
        for (int round = 0; round < ROUNDS; round++) {
            String session = given().name("session");
            List<Run> runs = List.of(given().runIn(session), given().runIn(session));

            List<Race.Finish<Command>> finishes = Race.of(
                    CALLERS,
                    i -> () -> at(i).commands().create(runs.get(i / 2 % 2).id(), given().newTurn("go")));

            assertThat(Race.failures(finishes)).isEmpty();
            List<Command> turns = Race.values(finishes);
            assertThat(turns)
                    .extracting(turn -> turn.order().ordinal())
                    .containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
            assertThat(turns)
                    .filteredOn(turn -> turn.order().deliverable())
                    .singleElement()
                    .satisfies(active -> {
                        assertThat(active.order().ordinal()).isEqualTo(1);
                        assertThat(store().sessions().get(session).activity().activeCommandId())
                                .isEqualTo(active.id());
                    });
            assertThat(store().sessions().get(session).activity().turns()).isEqualTo(CALLERS);
        }
    }

    @Test
    @Proves({Rule.E_1, Rule.E_2})
    void appends_to_one_run_at_once_leave_no_gap_and_a_reader_misses_none() {
        RunLease lease = given().claimed();
        String id = lease.run().id();
        int each = 40;
        int total = 2 + CALLERS * each * 2;

        List<Race.Finish<List<RunEvent>>> finishes = Race.of(CALLERS + 1, i -> () -> {
            List<RunEvent> seen = new ArrayList<>();
            if (i == CALLERS) {
                EventPage page = second().events().list(id, 0, 50);
                while (seen.size() + page.items().size() < total) {
                    seen.addAll(page.items());
                    page = second().events().await(id, page.nextAfterSeq(), 50, Given.LEASE);
                }
                seen.addAll(page.items());
                return seen;
            }
            for (int n = 0; n < each; n++) {
                NewEvent event = new NewEvent(EventType.COMMAND_OUTPUT, JsonObject.of("caller", i, "n", n));
                seen.addAll(
                        n % 2 == 0
                                ? at(i).events().append(lease.fence(), List.of(event, event, event))
                                : at(i).events().appendUnfenced(id, List.of(event)));
            }
            return seen;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        List<RunEvent> all = events(id);
        assertThat(all).hasSize(total);
        for (int seq = 1; seq <= total; seq++) {
            assertThat(all.get(seq - 1).seq()).isEqualTo(seq);
        }
        assertThat(Race.values(finishes).get(CALLERS)).isEqualTo(all);
        for (List<RunEvent> appended : Race.values(finishes).subList(0, CALLERS)) {
            assertThat(all).containsAll(appended);
            assertThat(appended).extracting(RunEvent::seq).isSorted();
        }
    }

    @Test
    @Proves({Rule.Q_3, Rule.Q_2})
    void eight_dispatchers_start_each_task_exactly_once() {
        String queue = given().name("queue");
        for (int i = 0; i < 80; i++) {
            given().task(queue);
        }

        List<Race.Finish<List<Dispatch>>> finishes = Race.of(CALLERS, i -> () -> {
            List<Dispatch> mine = new ArrayList<>();
            for (Optional<Dispatch> next = at(i).queue().dispatchNext(DispatchRequest.fromQueue(queue));
                    next.isPresent();
                    next = at(i).queue().dispatchNext(DispatchRequest.fromQueue(queue))) {
                mine.add(next.get());
            }
            return mine;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        List<Dispatch> all =
                Race.values(finishes).stream().flatMap(List::stream).toList();
        assertThat(all).hasSize(80);
        assertThat(all).extracting(dispatch -> dispatch.task().id()).doesNotHaveDuplicates();
        assertThat(all).extracting(dispatch -> dispatch.run().id()).doesNotHaveDuplicates();
    }

    private AgentRunStore at(int caller) {
        return caller % 2 == 0 ? store() : second();
    }

    /** The one record that equal calls at both instances return. */
    private <T> T oneOf(Function<AgentRunStore, T> call) {
        List<Race.Finish<T>> finishes = Race.of(CALLERS, i -> (Callable<T>) () -> call.apply(at(i)));
        assertThat(Race.failures(finishes)).isEmpty();
        assertThat(Race.values(finishes)).hasSize(CALLERS);
        T first = Race.values(finishes).get(0);
        assertThat(Race.values(finishes)).containsOnly(first);
        return first;
    }

    private static NewRunnerJob job(Command turn, String key) {
        return NewRunnerJob.builder(turn.runId(), turn.id())
                .attemptId("attempt-1")
                .runnerId(Given.RUNNER)
                .placement(new JobPlacement("agents", "job-1", "https://m.example.org", "img:1", "abc", null))
                .idempotencyKey(key)
                .build();
    }
}
