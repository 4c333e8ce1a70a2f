package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.backend.StartingBackends;
import io.agentrun.command.Command;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.ReadMark;
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
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.tck.Proves;
import io.agentrun.tck.StoreFixture.Persistence;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a store holds when it is opened again: everything that was answered, and nothing else; or nothing at all, where the
 * fixture says that its store keeps nothing.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class PersistenceSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";
    private static final String READER = "ann";
    private static final JobPlacement PLACE = new JobPlacement("agents", "job", "http://m", "image", "abc", null);
    private static final JsonObject OWN = JsonObject.of("own", true);

    /** For adapters. */
    protected PersistenceSuite() {}

    @Test
    @Proves({Rule.R_2, Rule.C_5, Rule.E_1, Rule.J_1, Rule.J_2})
    void runs_with_all_they_own_are_there_after_reopening() {
        RunLease running = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(running);
        given().steer(running.run());
        Run ended = given().completed(given().run());
        RunnerJob job = store().runners()
                .saveJob(NewRunnerJob.builder(turn.runId(), turn.id())
                        .attemptId("attempt")
                        .runnerId(Given.RUNNER)
                        .placement(PLACE)
                        .build());
        store().runners().register(NewRunner.of(Given.RUNNER, RunnerInfo.unknown()));
        List<Run> runs = List.of(store().runs().get(turn.runId()), ended);
        List<Object> before = runsOf(store(), runs);

        if (reopen() == Persistence.NOTHING_KEPT) {
            assertNothingIsThere();
            return;
        }

        for (AgentRunStore opened : List.of(store(), second())) {
            assertThat(runsOf(opened, runs)).isEqualTo(before);
            assertThat(opened.runners().listJobs(turn.runId())).containsExactly(job);
        }
    }

    @Test
    @Proves({Rule.S_2, Rule.S_6, Rule.P_2, Rule.P_3, Rule.Q_1, Rule.Q_7})
    void sessions_their_storage_tasks_and_read_marks_are_there_after_reopening() {
        Session ready = given().ready(given().session());
        store().sessions()
                .upsert(given().newSession()
                        .sessionId(ready.id())
                        .title("kept")
                        .metadata(JsonObject.of("k", 1))
                        .build());
        Session evicting = given().evicting(given().session());
        QueueTask pending = given().task(QUEUE);
        QueueTask cancelled = given().task(QUEUE);
        store().queue().cancel(cancelled.id(), "no more", CancelMode.FORCE);
        long version = store().sessions().get(ready.id()).version();
        ReadMark mark = store().sessions().markRead(ready.id(), READER, version);
        ReadMark ofTask = store().queue().markRead(pending.id(), READER, pending.version());
        List<String> sessions = List.of(ready.id(), evicting.id());
        List<String> tasks = List.of(pending.id(), cancelled.id());
        List<Object> before = sessionsAndTasks(store(), sessions, tasks);

        if (reopen() == Persistence.NOTHING_KEPT) {
            assertNothingIsThere();
            return;
        }

        for (AgentRunStore opened : List.of(store(), second())) {
            assertThat(sessionsAndTasks(opened, sessions, tasks)).isEqualTo(before);
            assertThat(opened.sessions().markRead(ready.id(), READER, 1)).isEqualTo(mark);
            assertThat(opened.queue().markRead(pending.id(), READER, 1)).isEqualTo(ofTask);
        }
    }

    @Test
    @Proves(Rule.J_3)
    void saved_backends_stay_as_they_were_saved_after_reopening() {
        NewBackend changed = NewBackend.of(BackendProfile.CODEX)
                .withCapabilities(OWN)
                .withCapacity(OWN)
                .withHealth(OWN);
        store().runners().saveBackend(changed);
        store().runners().saveBackend(NewBackend.of(BackendProfile.of("own")).withCapabilities(OWN));
        List<Backend> before = store().runners().backends();

        if (reopen() == Persistence.NOTHING_KEPT) {
            assertNothingIsThere();
            return;
        }

        assertThat(before).hasSize(StartingBackends.all().size() + 1);
        assertThat(store().runners().backends()).isEqualTo(before);
        assertThat(second().runners().backends()).isEqualTo(before);
    }

    @Test
    @Proves({Rule.I_1, Rule.E_1, Rule.C_1, Rule.S_9, Rule.Q_10})
    void keys_numbers_and_versions_go_on_after_reopening() {
        String session = given().name("session");
        NewRun run = given().newRun()
                .session(SessionRef.of(session))
                .idempotencyKey("run")
                .build();
        NewQueueTask task = given().newTask(QUEUE).idempotencyKey("task").build();
        Run first = store().runs().create(run);
        QueueTask queued = store().queue().create(task);
        given().turn(first);
        long version = store().sessions().get(session).version();
        int events = events(first.id()).size();

        if (reopen() == Persistence.NOTHING_KEPT) {
            assertNothingIsThere();
            return;
        }

        assertThat(store().runs().create(run).id()).isEqualTo(first.id());
        assertThat(store().queue().create(task)).isEqualTo(queued);
        assertThat(given().turn(first).seq()).isEqualTo(2);
        assertThat(lastEvent(first.id()).seq()).isEqualTo(events + 1L);
        assertThat(store().sessions().get(session).version()).isGreaterThan(version);
        assertThat(given().task(QUEUE).version()).isGreaterThan(queued.version());
    }

    @Test
    @Proves({Rule.L_1, Rule.L_6, Rule.P_8})
    void leases_go_on_after_reopening() {
        RunLease lease = given().claimed();
        given().acknowledgedTurn(lease);
        Session ready = given().ready(given().session());
        store().sessions()
                .upsert(given().newSession()
                        .sessionId(ready.id())
                        .expiry(Expiry.at(ready.createdAt()))
                        .build());
        List<StorageClaim> claimed = store().storage().claimExpired(collector("gc-1"));
        TenantScope scope = given().scope();

        if (reopen() == Persistence.NOTHING_KEPT) {
            assertNothingIsThere();
            return;
        }

        assertThat(claimed).hasSize(1);
        assertThat(store().storage().claimExpired(collector("gc-2"))).isEmpty();
        assertThat(store().leases().heartbeat(lease.fence(), Given.LEASE).signal())
                .isEqualTo(LeaseSignal.CONTINUE);
        advance(Given.PAST_LEASE);
        assertThat(second().leases().recover(lease.run().id(), 1).run().isTerminal())
                .isTrue();
        assertThat(second().runs().list(RunQuery.in(scope)).items()).hasSize(1);
    }

    private static StorageClaimRequest collector(String id) {
        return StorageClaimRequest.by(id, Given.LEASE);
    }

    private static List<Object> runsOf(AgentRunStore store, List<Run> runs) {
        List<Object> seen = new ArrayList<>();
        seen.addAll(store.runs().list(RunQuery.in(TenantScope.all())).items());
        for (Run run : runs) {
            seen.add(store.runs().get(run.id()));
            seen.addAll(Watch.commands(store, run.id()));
            seen.addAll(Watch.events(store, run.id()));
        }
        seen.add(store.runners().find(Given.RUNNER).orElseThrow());
        return seen;
    }

    private static List<Object> sessionsAndTasks(AgentRunStore store, List<String> sessions, List<String> tasks) {
        List<Object> seen = new ArrayList<>();
        for (String id : sessions) {
            seen.add(store.sessions().get(id));
            seen.add(store.sessions().summary(id, READER));
        }
        tasks.forEach(id -> seen.add(store.queue().get(id)));
        seen.addAll(store.sessions().changes(TenantScope.all(), null, 10).items());
        seen.addAll(store.queue().changes(TenantScope.all(), null, 10).items());
        return seen;
    }

    /** A store that keeps nothing begins anew, whole and working. */
    private void assertNothingIsThere() {
        TenantScope all = TenantScope.all();
        for (AgentRunStore opened : List.of(store(), second())) {
            assertThat(opened.runs().list(RunQuery.in(all)).items()).isEmpty();
            assertThat(opened.sessions().changes(all, null, 10).items()).isEmpty();
            assertThat(opened.queue().changes(all, null, 10).items()).isEmpty();
            assertThat(opened.runners().backends())
                    .extracting(Backend::capabilities)
                    .doesNotContain(OWN)
                    .hasSize(StartingBackends.all().size());
        }
        Run run = given().run();
        assertThat(second().runs().get(run.id())).isEqualTo(run);
    }

    @Test
    @Proves({Rule.L_10, Rule.Q_14})
    void the_time_to_be_claimed_is_kept() {
        given().task("queue");
        DispatchRequest request = DispatchRequest.fromQueue("queue").withClaimWithin(Given.LEASE);
        ExpiredQuery query = ExpiredQuery.in(given().scope());
        assertThat(store().queue().dispatchNext(request)).isPresent();
        advance(Given.LEASE);
        store().leases().endUnclaimed(query);
        advance(Given.LEASE);
        Dispatch again = store().queue().dispatchNext(request).orElseThrow();
        if (reopen() == Persistence.NOTHING_KEPT) {
            return;
        }

        assertThat(store().runs().get(again.run().id())).isEqualTo(again.run());
        assertThat(store().queue().get(again.task().id())).isEqualTo(again.task());
        advance(Given.LEASE);
        assertThat(store().leases().endUnclaimed(query))
                .extracting(Recovery::runId)
                .containsExactly(again.run().id());
    }
}
