package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.FailureKind;
import io.agentrun.error.NotFoundException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The purge of old ended runs: what goes, what stays, and in which order.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class PurgeSuite extends ConformanceSuite {

    private static final Duration AGE = Duration.ofDays(30);
    private static final TurnResult BROKEN = TurnResult.of(Outcome.failed(FailureKind.BACKEND_FAILED, "it broke"));

    /** For adapters. */
    protected PurgeSuite() {}

    @Test
    @Proves(Rule.R_8)
    void an_old_ended_run_goes_with_all_that_it_owns() {
        NewRun input = given().newRun().idempotencyKey("once").build();
        Run run = store().runs().create(input);
        NewCommand command = given().newTurn("go").withIdempotencyKey("once");
        Command turn = store().commands().create(run.id(), command);
        store().runners()
                .saveJob(NewRunnerJob.builder(run.id(), turn.id())
                        .attemptId("attempt-1")
                        .runnerId(Given.RUNNER)
                        .placement(new JobPlacement("agents", "job-1", "https://m.example.org", "img:1", "abc", null))
                        .idempotencyKey("once")
                        .build());
        given().completed(run);
        advance(AGE.plusHours(1));

        assertThat(purge()).isEqualTo(new PurgeResult(1, false));

        Watch watch = watch();
        watch.refuses(NotFoundException.class, () -> store().runs().get(run.id()));
        watch.refuses(NotFoundException.class, () -> second().commands().get(turn.id()));
        watch.refuses(NotFoundException.class, () -> store().commands().list(run.id(), 0, 10));
        watch.refuses(NotFoundException.class, () -> store().events().list(run.id(), 0, 10));
        assertThat(store().runners().findJob(run.id(), "once")).isEmpty();
        watch.refuses(NotFoundException.class, () -> store().runners().listJobs(JobQuery.ofRun(run.id())));
        assertThat(store().runs().list(RunQuery.in(given().scope())).items()).isEmpty();
        assertThat(store().runs().create(input).id()).isNotEqualTo(run.id());
    }

    @Test
    @Proves(Rule.R_8)
    void a_run_goes_however_it_has_ended() {
        given().completed(given().run());
        List<Outcome> ends = List.of(
                Outcome.failed(FailureKind.BACKEND_FAILED, "it broke"),
                Outcome.blocked(FailureKind.TENANT_POLICY_DENIED, "it may not"));
        ends.forEach(end -> store().runs().finishUnclaimed(given().run().id(), end));
        store().runs().cancel(given().run().id(), "no more");
        advance(AGE.plusHours(1));

        assertThat(purge()).isEqualTo(new PurgeResult(4, false));
        assertThat(left()).isEmpty();
    }

    @Test
    @Proves(Rule.R_8)
    void a_run_that_is_open_or_young_stays() {
        Run pending = given().run();
        RunLease running = given().claimed();
        given().acknowledgedTurn(running);
        Run lateEnd = given().run();
        advance(AGE.plusHours(1));
        Run ended = given().completed(lateEnd);
        advance(AGE.minusHours(1));

        assertThat(purge()).isEqualTo(new PurgeResult(0, false));

        for (Run run : List.of(pending, running.run(), ended)) {
            assertThat(store().runs().get(run.id()).id()).isEqualTo(run.id());
        }
        advance(Duration.ofHours(2));
        assertThat(purge()).isEqualTo(new PurgeResult(1, false));
    }

    @Test
    @Proves(Rule.R_8)
    void batches_are_bounded_and_take_the_longest_ended_first() {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            runs.add(given().run());
        }
        List<Run> byEnd = List.of(runs.get(3), runs.get(0), runs.get(4), runs.get(2), runs.get(1));
        for (Run run : byEnd) {
            given().completed(run);
            advance(Duration.ofMinutes(1));
        }
        advance(AGE);
        PurgeRequest two = new PurgeRequest(given().scope(), AGE, 2);

        assertThat(store().runs().purge(two)).isEqualTo(new PurgeResult(2, true));
        assertThat(left())
                .containsExactlyInAnyOrder(
                        byEnd.get(2).id(), byEnd.get(3).id(), byEnd.get(4).id());
        assertThat(second().runs().purge(two)).isEqualTo(new PurgeResult(2, true));
        assertThat(left()).containsExactly(byEnd.get(4).id());
        PurgeRequest one = new PurgeRequest(given().scope(), AGE, 1);
        assertThat(store().runs().purge(one)).as("the last one, at the limit").isEqualTo(new PurgeResult(1, false));
        assertThat(store().runs().purge(two)).isEqualTo(new PurgeResult(0, false));
    }

    @Test
    @Proves({Rule.R_8, Rule.G_6})
    void only_runs_of_the_scope_go() {
        Run mine = given().completed(given().run());
        Run theirs = given().completed(store().runs()
                .create(NewRun.builder(given().stranger(), given().spec()).build()));
        advance(AGE.plusHours(1));

        assertThat(purge().purged()).isEqualTo(1);

        watch().refuses(NotFoundException.class, () -> store().runs().get(mine.id()));
        assertThat(store().runs().get(theirs.id())).isEqualTo(theirs);
        assertThat(store().runs()
                        .purge(new PurgeRequest(
                                TenantScope.tenant(theirs.owner().tenantId()), AGE, 10))
                        .purged())
                .isEqualTo(1);
    }

    @Test
    @Proves(Rule.R_8)
    void a_sessions_last_run_stays_and_the_session_too() {
        String name = given().name("session");
        Run first = given().completed(given().runIn(name));
        Run last = given().completed(given().runIn(name));
        Session session = store().sessions().get(name);
        advance(AGE.plusHours(1));

        assertThat(purge()).isEqualTo(new PurgeResult(1, false));

        watch().refuses(NotFoundException.class, () -> store().runs().get(first.id()));
        assertThat(store().runs().get(last.id())).isEqualTo(last);
        assertThat(store().sessions().get(name)).isEqualTo(session);
    }

    @Test
    @Proves(Rule.R_8)
    void runs_that_may_not_go_do_not_hide_those_that_may() {
        for (int i = 0; i < 4; i++) {
            given().completed(given().runIn(given().name("session")));
        }
        Run free = given().completed(given().run());
        advance(AGE.plusHours(1));

        assertThat(store().runs().purge(new PurgeRequest(given().scope(), AGE, 2)))
                .isEqualTo(new PurgeResult(1, false));

        watch().refuses(NotFoundException.class, () -> store().runs().get(free.id()));
        assertThat(left()).hasSize(4);
    }

    @Test
    @Proves({Rule.R_8, Rule.Q_6})
    void the_run_of_a_live_task_stays_until_the_task_has_ended() {
        String queue = given().name("queue");
        store().queue()
                .create(given().newTask(queue)
                        .retry(RetryPolicy.of(2, Duration.ZERO))
                        .build());
        Dispatch first = given().dispatched(queue);
        store().runs().finish(given().claimed(first.run()).fence(), BROKEN);
        advance(AGE.plusHours(1));
        assertThat(store().queue().get(first.task().id()).state()).isEqualTo(TaskState.PENDING);

        assertThat(purge()).isEqualTo(new PurgeResult(0, false));

        Dispatch next = given().dispatched(queue);
        store().runs().finish(given().claimed(next.run()).fence(), TurnResult.of(Outcome.completed()));
        QueueTask task = store().queue().get(first.task().id());
        assertThat(task.state()).isEqualTo(TaskState.COMPLETED);
        advance(AGE.plusHours(1));
        assertThat(purge()).isEqualTo(new PurgeResult(2, false));
        assertThat(store().queue().get(task.id())).isEqualTo(task);
    }

    /** RunRules.purgeable: the latest attempt of a live task stays; those before it, which nothing names any more, do not. */
    @Test
    @Proves({Rule.R_8, Rule.Q_6})
    void of_the_runs_of_a_live_task_only_the_latest_attempt_stays() {
        String queue = given().name("queue");
        store().queue()
                .create(given().newTask(queue)
                        .retry(RetryPolicy.of(3, Duration.ZERO))
                        .build());
        List<Run> attempts = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Run run = given().dispatched(queue).run();
            attempts.add(store().runs().finish(given().claimed(run).fence(), BROKEN));
        }
        advance(AGE.plusHours(1));

        assertThat(purge()).isEqualTo(new PurgeResult(1, false));

        assertThat(left()).containsExactly(attempts.get(1).id());
    }

    @Test
    @Proves({Rule.R_8, Rule.E_1})
    void what_stays_keeps_its_events_and_numbers() {
        Run gone = given().completed(given().run());
        RunLease kept = given().claimed();
        given().acknowledgedTurn(kept);
        advance(AGE.plusHours(1));

        int purged = watch().run(kept.run()).unchangedBy(() -> purge().purged());

        assertThat(purged).isEqualTo(1);
        assertThat(gone.isTerminal()).isTrue();
        assertThat(store().commands()
                        .create(kept.run().id(), NewCommand.steer(JsonObject.empty()))
                        .seq())
                .isEqualTo(2);
        assertThat(lastEvent(kept.run().id()).seq()).isEqualTo(4);
    }

    private PurgeResult purge() {
        return store().runs().purge(new PurgeRequest(given().scope(), AGE, PurgeRequest.MAX_LIMIT));
    }

    private List<String> left() {
        return store().runs().list(RunQuery.in(given().scope())).items().stream()
                .map(Run::id)
                .toList();
    }
}
