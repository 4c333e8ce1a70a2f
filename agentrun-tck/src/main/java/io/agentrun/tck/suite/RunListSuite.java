package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Lists of runs: their order, their filters, their pages.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class RunListSuite extends ConformanceSuite {

    private static final Comparator<Run> NEWEST_FIRST =
            Comparator.comparing(Run::createdAt).thenComparing(Run::id).reversed();

    /** For adapters. */
    protected RunListSuite() {}

    @Test
    @Proves(Rule.G_6)
    void a_list_shows_the_newest_first_and_only_what_is_in_its_scope() {
        Owner sibling = new Owner(given().owner().tenantId(), given().name("project"));
        List<Run> mine = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            mine.add(given().run());
            advance(Duration.ofMillis(i % 2));
        }
        Run theirs =
                store().runs().create(NewRun.builder(sibling, given().spec()).build());
        Run strangers = store().runs()
                .create(NewRun.builder(given().stranger(), given().spec()).build());
        mine.sort(NEWEST_FIRST);

        assertThat(runsOf(given().owner())).containsExactlyElementsOf(mine);
        assertThat(store().runs()
                        .list(RunQuery.in(TenantScope.tenant(sibling.tenantId())))
                        .items())
                .containsAll(mine)
                .contains(theirs)
                .doesNotContain(strangers);
        assertThat(store().runs().list(RunQuery.in(TenantScope.all())).items()).contains(theirs, strangers);
    }

    @Test
    @Proves({Rule.G_6, Rule.R_1})
    void a_list_filters_by_status_session_and_backend() {
        String session = given().name("session");
        Run inSession = given().runIn(session);
        RunLease claimed = given().claimed();
        Run other = store().runs()
                .create(NewRun.builder(given().owner(), RunSpec.of(BackendProfile.DEEPSEEK))
                        .build());
        RunQuery all = RunQuery.in(given().scope());

        assertThat(store().runs().list(all.withSessionId(session)).items()).containsExactly(inSession);
        assertThat(store().runs().list(all.withStatus(RunStatus.CLAIMED)).items())
                .containsExactly(claimed.run());
        assertThat(store().runs()
                        .list(all.withBackendProfile(BackendProfile.DEEPSEEK))
                        .items())
                .containsExactly(other);
        assertThat(store().runs().list(all.withStatus(RunStatus.FAILED)).items())
                .isEmpty();
        RunQuery pending = all.withStatus(RunStatus.PENDING);
        assertThat(store().runs().list(pending.withSessionId(session)).items()).containsExactly(inSession);
        assertThat(store().runs()
                        .list(pending.withBackendProfile(BackendProfile.DEEPSEEK))
                        .items())
                .containsExactly(other);
    }

    @Test
    @Proves({Rule.G_6, Rule.C_6})
    void a_list_tells_runs_that_have_begun_a_turn_from_those_that_are_only_claimed() {
        List<Run> begun = new ArrayList<>();
        List<Fence> fences = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Run run = given().run();
            Command turn = given().turn(run);
            Fence fence = store().leases()
                    .claim(run.id(), "runner", Duration.ofHours(1))
                    .fence();
            store().commands().acknowledge(fence, turn.id());
            fences.add(fence);
            begun.add(store().runs().get(run.id()));
            advance(Duration.ofMillis(1));
        }
        RunLease claimed = given().claimed();
        begun.sort(NEWEST_FIRST);
        RunQuery running = RunQuery.in(given().scope()).withStatus(RunStatus.RUNNING);

        assertThat(store().runs().list(running).items()).containsExactlyElementsOf(begun);
        Page<Run> page = store().runs().list(running.withLimit(2));
        assertThat(page.items()).containsExactlyElementsOf(begun.subList(0, 2));
        assertThat(store().runs()
                        .list(running.withLimit(2).withCursor(page.nextCursor()))
                        .items())
                .containsExactlyElementsOf(begun.subList(2, 3));
        assertThat(store().runs().list(running.withStatus(RunStatus.CLAIMED)).items())
                .containsExactly(claimed.run());

        Run again = claimedAgain(fences.get(0));

        assertThat(again.status()).isEqualTo(RunStatus.CLAIMED);
        assertThat(store().runs().get(again.id())).isEqualTo(again);
        assertThat(store().runs().list(running.withStatus(RunStatus.CLAIMED)).items())
                .contains(again);
        assertThat(store().runs().list(running).items()).containsExactlyElementsOf(begun.subList(0, 2));
    }

    private Run claimedAgain(Fence fence) {
        store().leases().release(fence);
        assertThat(store().runs().get(fence.runId()).status()).isEqualTo(RunStatus.PENDING);
        return store().leases()
                .claim(fence.runId(), "another", Duration.ofHours(1))
                .run();
    }

    @Test
    @Proves(Rule.G_8)
    void the_filter_works_before_the_page_is_cut() {
        String session = given().name("session");
        List<String> cancelled = new ArrayList<>();
        List<String> inSession = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            if (i % 4 == 0) {
                Run run = given().run();
                cancelled.add(store().runs().cancel(run.id(), "enough").id());
                inSession.add(given().runIn(session).id());
            }
            given().run();
            advance(Duration.ofMillis(1));
        }
        Collections.reverse(cancelled);
        Collections.reverse(inSession);
        RunQuery two = RunQuery.in(given().scope()).withLimit(2);

        for (RunQuery query : List.of(two.withStatus(RunStatus.CANCELLED), two.withSessionId(session))) {
            Page<Run> first = store().runs().list(query);
            Page<Run> last = store().runs().list(query.withCursor(first.nextCursor()));

            List<String> expected = query.status() == null ? inSession : cancelled;
            assertThat(first.items()).extracting(Run::id).containsExactlyElementsOf(expected.subList(0, 2));
            assertThat(last.items()).extracting(Run::id).containsExactly(expected.get(2));
            assertThat(last.nextCursor()).isNull();
        }
    }

    @Test
    @Proves(Rule.G_8)
    void pages_show_every_run_once_although_runs_end_and_begin_in_between() {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            runs.add(given().run());
            advance(Duration.ofMillis(i % 3));
        }
        List<String> expected = runs.stream().sorted(NEWEST_FIRST).map(Run::id).toList();
        RunQuery query = RunQuery.in(given().scope()).withLimit(10);

        List<String> seen = new ArrayList<>();
        Page<Run> page = store().runs().list(query);
        while (true) {
            page.items().forEach(run -> seen.add(run.id()));
            if (page.nextCursor() == null || seen.size() > expected.size()) {
                break;
            }
            given().run();
            page.items().forEach(run -> store().runs().cancel(run.id(), "enough"));
            page = second().runs().list(query.withCursor(page.nextCursor()));
        }

        assertThat(seen).containsExactlyElementsOf(expected);
    }

    private QueueTask taskOfManyAttempts(String queue) {
        return store().queue()
                .create(given().newTask(queue)
                        .retry(RetryPolicy.of(9, Duration.ZERO))
                        .build());
    }

    /** Begins attempts at the one task of the queue, and lets each fail. */
    private List<Run> attempts(String queue, int count) {
        List<Run> attempts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Run run = given().dispatched(queue).run();
            attempts.add(store().runs()
                    .finishUnclaimed(run.id(), Outcome.failed(FailureKind.BACKEND_FAILED, "attempt " + i)));
            // Two at a time are of one moment: the ids decide.
            advance(Duration.ofMillis(i % 2));
        }
        return attempts;
    }

    @Test
    @Proves({Rule.Q_12, Rule.G_8})
    void the_runs_of_a_task_are_its_attempts_oldest_first() {
        String queue = given().name("queue");
        QueueTask task = taskOfManyAttempts(queue);
        List<Run> attempts = attempts(queue, 5);
        attempts.sort(NEWEST_FIRST.reversed());
        QueueTask other = given().task(given().name("queue"));
        Run theirs = given().dispatched(other.place().queue()).run();
        QueueTask waiting = given().task(given().name("queue"));
        given().run();

        List<Run> seen = new ArrayList<>();
        Page<Run> page = store().runs().listByTask(task.id(), null, 2);
        seen.addAll(page.items());
        while (page.nextCursor() != null && seen.size() <= attempts.size()) {
            page = second().runs().listByTask(task.id(), page.nextCursor(), 2);
            seen.addAll(page.items());
        }

        assertThat(seen).containsExactlyElementsOf(attempts);
        assertThat(store().runs().listByTask(task.id(), null, 5)).isEqualTo(new Page<>(attempts, null));
        assertThat(store().runs().listByTask(other.id(), null, 50).items()).containsExactly(theirs);
        assertThat(store().runs().listByTask(waiting.id(), null, 50).items()).isEmpty();
    }

    @Test
    @Proves({Rule.Q_12, Rule.R_8})
    void runs_of_a_task_that_were_purged_are_left_out() {
        String queue = given().name("queue");
        QueueTask task = taskOfManyAttempts(queue);
        attempts(queue, 3);
        advance(Duration.ofDays(2));
        Run latest = attempts(queue, 1).get(0);

        store().runs().purge(PurgeRequest.olderThan(Duration.ofDays(1)).withScope(given().scope()));

        assertThat(store().runs().listByTask(task.id(), null, 50).items()).containsExactly(latest);
    }

    @Test
    @Proves({Rule.G_7, Rule.Q_12})
    void a_cursor_of_another_task_or_list_is_refused() {
        String queue = given().name("queue");
        QueueTask task = taskOfManyAttempts(queue);
        attempts(queue, 2);
        QueueTask other = given().task(given().name("queue"));
        String cursor = store().runs().listByTask(task.id(), null, 1).nextCursor();
        String ofRuns =
                store().runs().list(RunQuery.in(given().scope()).withLimit(1)).nextCursor();

        for (List<String> bad : List.of(
                List.of(other.id(), String.valueOf(cursor)),
                List.of(task.id(), String.valueOf(ofRuns)),
                List.of(task.id(), "not-a-cursor"))) {
            InvalidInputException refused = watch().refuses(
                            InvalidInputException.class, () -> store().runs().listByTask(bad.get(0), bad.get(1), 1));

            assertThat(refused.field()).isEqualTo("cursor");
        }
        assertThat(store().runs().listByTask(task.id(), cursor, 1).items()).hasSize(1);
    }

    @Test
    @Proves(Rule.G_7)
    void a_cursor_that_this_list_did_not_give_is_refused() {
        given().task(given().name("queue"));
        given().task(given().name("queue"));
        String foreign = store().queue()
                .list(new QueueQuery(given().scope(), null, null, null, null, 1))
                .nextCursor();
        assertThat(foreign).isNotNull();

        for (String cursor : List.of("not-a-cursor", "AAAA", foreign)) {
            InvalidInputException refused = watch().refuses(
                            InvalidInputException.class,
                            () -> store().runs()
                                    .list(RunQuery.in(given().scope()).withCursor(cursor)));

            assertThat(refused.field()).isEqualTo("cursor");
        }
    }

    @Test
    @Proves(Rule.R_3)
    void a_run_that_has_ended_is_still_there_to_read() {
        RunLease lease = given().claimed();

        Run ended = store().runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));

        assertThat(second().runs().get(ended.id())).isEqualTo(ended);
        assertThat(runsOf(given().owner())).containsExactly(ended);
    }

    private List<Run> runsOf(Owner owner) {
        TenantScope scope = TenantScope.project(owner.tenantId(), owner.projectId());
        return store().runs().list(RunQuery.in(scope)).items();
    }
}
