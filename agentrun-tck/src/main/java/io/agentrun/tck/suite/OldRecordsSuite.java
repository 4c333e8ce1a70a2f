package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.backend.PageBytes;
import io.agentrun.error.NotFoundException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskRetry;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.tck.Proves;
import io.agentrun.tck.StoreFixture.Persistence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The purge of old tasks and old sessions: what goes, what stays, and in which order.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class OldRecordsSuite extends ConformanceSuite {

    private static final Duration AGE = Duration.ofDays(30);
    private static final String QUEUE = "queue";

    /** For adapters. */
    protected OldRecordsSuite() {}

    private PurgeRequest request() {
        return PurgeRequest.olderThan(AGE).withScope(given().scope());
    }

    private QueueTask cancelled() {
        return store().queue().cancel(given().task(QUEUE).id(), "no more", CancelMode.FORCE);
    }

    private QueueTask cancelledOf(Owner owner) {
        QueueTask task = store().queue()
                .create(NewQueueTask.builder(owner, QUEUE, "theirs", given().spec())
                        .build());
        return store().queue().cancel(task.id(), "no more");
    }

    private Run completedOf(Owner owner) {
        return given().completed(store().runs()
                .create(NewRun.builder(owner, given().spec())
                        .session(SessionRef.of(given().name("session")))
                        .build()));
    }

    private List<String> tasks() {
        return store().queue().list(QueueQuery.in(given().scope())).items().stream()
                .map(QueueTask::id)
                .toList();
    }

    @Test
    @Proves(Rule.Q_17)
    void the_limit_of_a_purge_counts_what_goes_and_not_what_is_open() {
        given().task(QUEUE);
        cancelled();
        given().task(QUEUE);
        advance(AGE.plusHours(1));

        assertThat(store().queue().purge(new PurgeRequest(given().scope(), AGE, 1)))
                .isEqualTo(new PurgeResult(1, false));
        assertThat(tasks()).hasSize(2);
    }

    @Test
    @Proves({Rule.Q_17, Rule.Q_9})
    void an_old_ended_task_goes_with_its_key_and_its_marks() {
        NewQueueTask input = given().newTask(QUEUE).idempotencyKey("once").build();
        QueueTask task = store().queue().create(input);
        store().queue().cancel(task.id(), "no more");
        store().queue().markRead(task.id(), "ann", 1);
        advance(AGE.plusHours(1));

        assertThat(store().queue().purge(request())).isEqualTo(new PurgeResult(1, false));

        watch().refuses(NotFoundException.class, () -> store().queue().get(task.id()));
        watch().refuses(NotFoundException.class, () -> second().queue().getByKey(given().owner(), "once"));
        watch().refuses(NotFoundException.class, () -> store().queue().markRead(task.id(), "ann", 1));
        watch().refuses(NotFoundException.class, () -> store().queue().retry(TaskRetry.of(task.id())));
        assertThat(tasks()).isEmpty();
        assertThat(second().queue()
                        .list(QueueQuery.in(given().scope()).withState(TaskState.CANCELLED))
                        .items())
                .isEmpty();
        assertThat(store().queue()
                        .stats(new QueueScope(given().scope(), null))
                        .byState()
                        .values())
                .containsOnly(0L);
        assertThat(store().queue().create(input).id()).isNotEqualTo(task.id());
    }

    @Test
    @Proves(Rule.Q_17)
    void a_task_that_is_open_young_or_has_runs_stays() {
        QueueTask withRun = given().task(QUEUE);
        Run run = given().completed(given().dispatched(QUEUE).run());
        QueueTask running = given().task(QUEUE);
        given().dispatched(QUEUE);
        QueueTask pending = given().task(QUEUE);
        QueueTask late = given().task(QUEUE);
        advance(AGE.plusHours(1));
        store().queue().cancel(late.id(), "no more");
        advance(Duration.ofHours(1));

        assertThat(store().queue().purge(request())).isEqualTo(new PurgeResult(0, false));

        assertThat(tasks()).containsExactlyInAnyOrder(withRun.id(), running.id(), pending.id(), late.id());
        assertThat(store().runs().purge(request()).purged()).isEqualTo(1);
        watch().refuses(NotFoundException.class, () -> store().runs().get(run.id()));
        assertThat(store().queue().purge(request())).isEqualTo(new PurgeResult(1, false));
        assertThat(tasks()).containsExactlyInAnyOrder(running.id(), pending.id(), late.id());
    }

    @Test
    @Proves(Rule.Q_17)
    void tasks_go_in_bounded_steps_the_longest_ended_first() {
        List<QueueTask> tasks = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            tasks.add(given().task(QUEUE));
        }
        List<QueueTask> byEnd = List.of(tasks.get(3), tasks.get(0), tasks.get(4), tasks.get(2), tasks.get(1));
        for (QueueTask task : byEnd) {
            store().queue().cancel(task.id(), "no more");
            advance(Duration.ofMinutes(1));
        }
        advance(AGE);
        PurgeRequest two = new PurgeRequest(given().scope(), AGE, 2);

        assertThat(store().queue().purge(two)).isEqualTo(new PurgeResult(2, true));
        assertThat(tasks())
                .containsExactlyInAnyOrder(
                        byEnd.get(2).id(), byEnd.get(3).id(), byEnd.get(4).id());
        assertThat(second().queue().purge(two)).isEqualTo(new PurgeResult(2, true));
        PurgeRequest one = new PurgeRequest(given().scope(), AGE, 1);
        assertThat(store().queue().purge(one)).as("the last one, at the limit").isEqualTo(new PurgeResult(1, false));
        assertThat(tasks()).isEmpty();
    }

    @Test
    @Proves(Rule.Q_17)
    void a_task_that_is_tried_again_stays() {
        QueueTask task = cancelled();
        advance(AGE.plusHours(1));
        QueueTask pending = store().queue().retry(TaskRetry.of(task.id()));

        assertThat(store().queue().purge(request())).isEqualTo(new PurgeResult(0, false));

        assertThat(store().queue().get(task.id())).isEqualTo(pending);
    }

    @Test
    @Proves({Rule.Q_17, Rule.S_12, Rule.G_6})
    void only_records_of_the_scope_go() {
        Owner stranger = given().stranger();
        QueueTask mine = cancelled();
        Session session = given().session();
        QueueTask theirs = cancelledOf(stranger);
        Run foreign = completedOf(stranger);
        advance(AGE.plusHours(1));

        assertThat(store().queue().purge(request()).purged()).isEqualTo(1);
        assertThat(store().sessions().purge(request()).purged()).isEqualTo(1);

        watch().refuses(NotFoundException.class, () -> store().queue().get(mine.id()));
        assertThat(store().sessions().find(session.id())).isEmpty();
        assertThat(store().queue().get(theirs.id()).state()).isEqualTo(TaskState.CANCELLED);
        assertThat(store().runs().get(foreign.id())).isEqualTo(foreign);
    }

    @Test
    @Proves({Rule.Q_17, Rule.S_12, Rule.G_6})
    void only_records_of_the_tenant_go() {
        Owner stranger = given().stranger();
        QueueTask mine = cancelled();
        Session session = given().session();
        QueueTask theirs = cancelledOf(stranger);
        Run foreign = completedOf(stranger);
        advance(AGE.plusHours(1));
        PurgeRequest of = request().withScope(TenantScope.tenant(stranger.tenantId()));

        assertThat(store().queue().purge(of).purged()).isEqualTo(1);
        assertThat(store().sessions().purge(of).purged()).isEqualTo(1);

        watch().refuses(NotFoundException.class, () -> store().queue().get(theirs.id()));
        watch().refuses(NotFoundException.class, () -> store().runs().get(foreign.id()));
        assertThat(store().queue().get(mine.id())).isEqualTo(mine);
        assertThat(store().sessions().find(session.id())).isPresent();
    }

    @Test
    @Proves(Rule.S_12)
    void an_old_session_goes_with_its_ended_runs_and_its_id_is_new_again() {
        String id = given().name("session");
        Run first = given().completed(given().runIn(id));
        Run last = given().completed(given().runIn(id));
        store().sessions().markRead(id, "ann", 1);
        advance(AGE.plusHours(1));

        assertThat(store().sessions().purge(request())).isEqualTo(new PurgeResult(1, false));

        assertThat(second().sessions().find(id)).isEmpty();
        for (Run run : List.of(first, last)) {
            watch().refuses(NotFoundException.class, () -> store().runs().get(run.id()));
            watch().refuses(NotFoundException.class, () -> store().events().list(run.id(), 0, 10));
        }
        assertThat(store().sessions()
                        .list(SessionQuery.in(given().scope()).withFilter(SessionFilter.ALL))
                        .items())
                .isEmpty();
        Run again = given().runIn(id);
        Session session = store().sessions().get(id);
        assertThat(session.createdAt()).isEqualTo(again.createdAt());
        assertThat(store().sessions().summary(id, "ann").readVersion()).isZero();
    }

    /** A session with many runs may go another way than one with few. */
    @Test
    @Proves(Rule.S_12)
    void sessions_go_each_with_its_own_runs_however_many() {
        List<Run> gone = new ArrayList<>();
        for (int runs : List.of(1, 0, 3, 30)) {
            String id = given().session().id();
            for (int i = 0; i < runs; i++) {
                gone.add(given().completed(given().runIn(id)));
            }
        }
        Run alone = given().completed(given().run());
        String open = given().name("session");
        Run kept = given().completed(given().runIn(open));
        given().runIn(open);
        advance(AGE.plusHours(1));

        assertThat(store().sessions().purge(request())).isEqualTo(new PurgeResult(4, false));

        gone.forEach(run ->
                watch().refuses(NotFoundException.class, () -> second().runs().get(run.id())));
        assertThat(store().runs().get(alone.id())).isEqualTo(alone);
        assertThat(store().runs().get(kept.id())).isEqualTo(kept);
        assertThat(store().sessions().find(open)).isPresent();
    }

    /** A page ends by its bytes; what a purge must know does not. */
    @Test
    @Proves(Rule.S_12)
    void a_session_goes_with_all_its_runs_also_where_a_page_would_not_hold_them() {
        String id = given().session().id();
        JsonObject large = JsonObject.of("text", "x".repeat(PageBytes.MOST / 9));
        RunSpec spec = RunSpec.builder(given().spec().backendProfile())
                .workspaceRef(large)
                .executionPolicy(large)
                .build();
        List<Run> gone = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            NewRun input = NewRun.builder(given().owner(), spec)
                    .session(SessionRef.of(id))
                    .build();
            gone.add(given().completed(store().runs().create(input)));
        }
        advance(AGE.plusHours(1));

        assertThat(store().sessions().purge(request())).isEqualTo(new PurgeResult(1, false));

        gone.forEach(run ->
                watch().refuses(NotFoundException.class, () -> second().runs().get(run.id())));
    }

    @Test
    @Proves(Rule.S_12)
    void a_session_with_more_than_a_hundred_runs_waits_for_a_purge_of_runs() {
        String id = given().name("session");
        for (int i = 0; i < 101; i++) {
            given().completed(given().runIn(id));
        }
        advance(AGE.plusHours(1));

        assertThat(store().sessions().purge(request())).isEqualTo(new PurgeResult(0, false));
        assertThat(store().runs()
                        .purge(new PurgeRequest(given().scope(), AGE, 1))
                        .purged())
                .isEqualTo(1);
        assertThat(store().sessions().purge(request())).isEqualTo(new PurgeResult(1, false));

        assertThat(store().sessions().find(id)).isEmpty();
    }

    @Test
    @Proves(Rule.S_12)
    void a_session_that_is_in_use_young_or_has_a_volume_stays() {
        Session volume = given().ready(given().session());
        Session leaving = given().evicting(given().session());
        Session lost = given().missing(given().session());
        String active = given().name("session");
        RunLease lease = given().claimed(given().runIn(active));
        given().acknowledgedTurn(lease);
        String open = given().name("session");
        given().runIn(open);
        String wanted = given().name("session");
        given().completed(given().runIn(wanted));
        QueueTask waiting = store().queue()
                .create(given().newTask(QUEUE).session(SessionRef.of(wanted)).build());
        advance(AGE.plusHours(1));
        Session young = given().session();

        assertThat(store().sessions().purge(request())).isEqualTo(new PurgeResult(0, false));

        for (String id : List.of(volume.id(), leaving.id(), lost.id(), active, open, wanted, young.id())) {
            assertThat(store().sessions().find(id)).as(id).isPresent();
        }
        store().queue().cancel(waiting.id(), "no more");
        assertThat(second().sessions().purge(request())).isEqualTo(new PurgeResult(1, false));
        assertThat(store().sessions().find(wanted)).isEmpty();
    }

    @Test
    @Proves({Rule.S_12, Rule.P_8})
    void an_evicted_session_goes_with_the_lease_of_its_collector() {
        Session evicting = given().evicting(given().session());
        assertThat(store().storage()
                        .claimExpired(StorageClaimRequest.by("gc", Given.LEASE).withScope(given().scope())))
                .hasSize(1);
        store().storage().confirmEvicted(evicting.id(), evicting.storage().generation());
        advance(AGE.plusHours(1));

        assertThat(store().sessions().purge(request())).isEqualTo(new PurgeResult(1, false));

        assertThat(store().sessions().find(evicting.id())).isEmpty();
    }

    @Test
    @Proves(Rule.S_12)
    void sessions_go_in_bounded_steps_the_longest_unchanged_first() {
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            sessions.add(given().session());
            advance(Duration.ofMinutes(1));
        }
        given().ready(sessions.get(1));
        advance(AGE);
        PurgeRequest one = new PurgeRequest(given().scope(), AGE, 1);

        assertThat(store().sessions().purge(one)).isEqualTo(new PurgeResult(1, true));
        assertThat(store().sessions().find(sessions.get(0).id())).isEmpty();
        assertThat(store().sessions().find(sessions.get(2).id())).isPresent();
        assertThat(store().sessions().purge(one)).isEqualTo(new PurgeResult(1, false));
        assertThat(store().sessions().find(sessions.get(1).id())).isPresent();
    }

    @Test
    @Proves({Rule.Q_10, Rule.S_9, Rule.G_9})
    void versions_and_feeds_go_on_after_the_latest_record_was_deleted() {
        QueueTask task = cancelled();
        Session session = given().session();
        ChangePage<QueueTask> tasks = store().queue().changes(given().scope(), null, 10);
        ChangePage<Session> sessions = store().sessions().changes(given().scope(), null, 10);
        TenantScope scope = given().scope();
        advance(AGE.plusHours(1));
        assertThat(store().queue().purge(request()).purged()).isEqualTo(1);
        assertThat(store().sessions().purge(request()).purged()).isEqualTo(1);
        Owner owner = given().owner();

        if (reopen() == Persistence.NOTHING_KEPT) {
            return;
        }

        QueueTask next = store().queue()
                .create(NewQueueTask.builder(owner, QUEUE, "next", given().spec())
                        .build());
        assertThat(next.version()).isGreaterThan(task.version());
        ChangePage<QueueTask> newTasks = store().queue().changes(scope, tasks.cursor(), 10);
        assertThat(newTasks.items()).containsExactly(next);
        assertThat(newTasks.restarted()).isFalse();
        Run run = store().runs()
                .create(NewRun.builder(owner, given().spec())
                        .session(SessionRef.of(session.id()))
                        .build());
        Session again = sessionOf(run);
        assertThat(again.version()).isGreaterThan(session.version());
        assertThat(store().sessions().changes(scope, sessions.cursor(), 10).items())
                .containsExactly(again);
    }

    @Test
    @Proves({Rule.Q_17, Rule.S_12, Rule.G_6})
    void records_of_another_project_of_the_tenant_stay() {
        Owner sibling = new Owner(given().owner().tenantId(), given().name("project"));
        QueueTask theirs = cancelledOf(sibling);
        Run foreign = completedOf(sibling);
        advance(AGE.plusHours(1));

        assertThat(store().queue().purge(request())).isEqualTo(new PurgeResult(0, false));
        assertThat(store().sessions().purge(request())).isEqualTo(new PurgeResult(0, false));

        assertThat(store().queue().get(theirs.id())).isEqualTo(theirs);
        assertThat(store().runs().get(foreign.id())).isEqualTo(foreign);
    }

    /** What others have is older, so that it is found first. */
    @Test
    @Proves({Rule.Q_17, Rule.S_12, Rule.V_2})
    void a_view_deletes_its_own_records_whatever_others_have() {
        Owner stranger = given().stranger();
        QueueTask theirs = cancelledOf(stranger);
        Run foreign = completedOf(stranger);
        cancelled();
        given().session();
        advance(AGE.plusHours(1));
        PurgeRequest one = new PurgeRequest(TenantScope.all(), AGE, 1);
        AgentRunStore view = store().within(given().scope());

        assertThat(view.queue().purge(one)).isEqualTo(new PurgeResult(1, false));
        assertThat(view.sessions().purge(one)).isEqualTo(new PurgeResult(1, false));

        assertThat(store().queue().get(theirs.id())).isEqualTo(theirs);
        assertThat(store().runs().get(foreign.id())).isEqualTo(foreign);
    }
}
