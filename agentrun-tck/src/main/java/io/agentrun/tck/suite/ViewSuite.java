package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.doctor.StoreDoctor;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.inspect.Diagnosis;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.Schedule;
import io.agentrun.session.Session;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Every operation of the API in a tenant view, on records of other owners and on its own. An operation that is in an
 * interface and has no case here fails.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class ViewSuite extends ConformanceSuite {

    private static final NewEvent EVENT = new NewEvent(EventType.DIFF, JsonObject.empty());
    private static final String QUEUE = "queue";
    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final JobPlacement PLACE = new JobPlacement("agents", "job", "http://m", "image", "abc", null);

    /** For adapters. */
    protected ViewSuite() {}

    private AgentRunStore foreignView() {
        Owner stranger = given().stranger();
        return store().within(TenantScope.project(stranger.tenantId(), stranger.projectId()));
    }

    @Test
    @Proves({Rule.V_1, Rule.G_3})
    void what_another_owner_has_is_not_found_and_stays_as_it_is() {
        for (Operations.Held held : situations()) {
            unchanged(held.ids(), () -> expectNotFound(foreignView(), held));
        }
    }

    @Test
    @Proves({Rule.V_1, Rule.G_3})
    void what_another_project_of_the_tenant_has_is_not_found_either() {
        String tenant = given().owner().tenantId();
        AgentRunStore view = store().within(TenantScope.project(tenant, given().name("project")));

        for (Operations.Held held : situations()) {
            unchanged(held.ids(), () -> expectNotFound(view, held));
        }
    }

    @Test
    @Proves({Rule.V_1, Rule.V_2, Rule.V_3, Rule.G_3})
    void each_operation_of_the_api_has_a_case_and_tells_nothing_of_others() {
        Operations.Held held = known();
        given().completed(given().run());
        store().leases().claim(given().run().id(), Given.RUNNER, Given.LEASE);
        advance(Given.PAST_LEASE);
        given().run();
        given().evicting(given().session());
        ViewCases cases = new ViewCases(given(), held);

        Set<String> covered = new LinkedHashSet<>(cases.methods());
        Operations.on(held, given()).stream()
                .filter(operation -> !operation.ids().isEmpty())
                .forEach(operation -> covered.add(operation.method()));

        assertThat(covered).as("operations with a case in a tenant view").containsAll(Operations.ofTheApi());
        unchanged(held.ids(), () -> {
            cases.expectNothing(foreignView());
            cases.expectNothing(foreignView().within(given().scope()));
        });
    }

    @Test
    @Proves({Rule.V_1, Rule.V_2})
    void a_view_of_the_owner_does_what_the_store_does() {
        AgentRunStore view = store().within(given().scope());
        for (Operations.Operation listed : Operations.on(Operations.unknown(), given())) {
            if (!listed.method()
                    .matches("upkeep|limits\\..*|inspect\\.doctor|runners\\.(register|find|backends|saveBackend)")) {
                String plain = outcome(store(), listed.name(), known());
                String inView = outcome(view, listed.name(), known());

                assertThat(inView).as(listed.name()).isEqualTo(plain);
            }
        }
    }

    @Test
    @Proves({Rule.V_1, Rule.G_2, Rule.G_3})
    void what_an_own_record_is_put_together_with_must_be_the_owners_too() {
        Operations.Ids foreign = known().ids();
        Given own = new Given(store());
        AgentRunStore view = store().within(own.scope());
        RunLease lease = own.claimed(own.runIn(own.name("session")));
        Fence fence = lease.fence();
        String session = sessionOf(lease.run()).id();
        NewRunnerJob job = NewRunnerJob.builder(lease.run().id(), foreign.command())
                .attemptId("attempt")
                .runnerId(Given.RUNNER)
                .placement(PLACE)
                .build();

        notFound(
                "command", foreign.command(), lease.run(), () -> view.commands().acknowledge(fence, foreign.command()));
        notFound(
                "command",
                foreign.command(),
                lease.run(),
                () -> view.commands().finish(fence, foreign.command(), DONE));
        notFound("command", foreign.command(), lease.run(), () -> view.runners().saveJob(job));
        notFound(
                "run",
                foreign.run(),
                lease.run(),
                () -> view.sessions().trace(SessionTraceQuery.of(session).withRunId(foreign.run())));
    }

    @Test
    @Proves({Rule.V_1, Rule.P_8, Rule.G_3})
    void a_collector_of_another_owners_session_keeps_its_lease() {
        Session session = given().evicting(given().session());
        List<StorageClaim> claims = store().storage().claimExpired(collector("gc"));
        assertThat(claims).extracting(claim -> claim.session().id()).containsExactly(session.id());
        AgentRunStore view = foreignView();

        notFound("session", session.id(), given().run(), () -> {
            view.storage().releaseClaim(session.id(), "gc");
            return session;
        });

        assertThat(store().storage().claimExpired(collector("gc-other"))).isEmpty();
    }

    private StorageClaimRequest collector(String id) {
        return StorageClaimRequest.by(id, Given.LEASE).withScope(given().scope());
    }

    private void notFound(String what, String id, Run watched, Callable<?> call) {
        NotFoundException refusal = watch().run(watched).refuses(NotFoundException.class, call);
        assertThat(refusal.what()).isEqualTo(what);
        assertThat(refusal.id()).isEqualTo(id);
    }

    /** Each operation on each of the ids answers as on an id that nobody has. */
    private void expectNotFound(AgentRunStore view, Operations.Held held) {
        List<Operations.Operation> unknown = Operations.on(Operations.unknown(), given());
        List<Operations.Operation> known = Operations.on(held, given());
        for (int i = 0; i < known.size(); i++) {
            Operations.Operation operation = known.get(i);
            if (!operation.ids().isEmpty()) {
                Operations.Operation same = unknown.get(i);
                Throwable expected = catchThrowable(() -> same.call().accept(view));
                Throwable thrown = catchThrowable(() -> operation.call().accept(view));

                assertThat(expected).as(operation.name()).isExactlyInstanceOf(NotFoundException.class);
                assertThat(thrown).as(operation.name()).isExactlyInstanceOf(NotFoundException.class);
                assertThat(thrown)
                        .as(operation.name())
                        .hasMessage(named(String.valueOf(expected.getMessage()), held.ids()));
            }
        }
    }

    private static String named(String unknown, Operations.Ids ids) {
        return unknown.replace("run_unknown", ids.run())
                .replace("cmd_unknown", ids.command())
                .replace("session_unknown", ids.session())
                .replace("qt_unknown", ids.task())
                .replace("qst_unknown", ids.question());
    }

    private String outcome(AgentRunStore store, String name, Operations.Held held) {
        Operations.Operation operation = Operations.on(held, given()).stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow();
        Throwable thrown = catchThrowable(() -> operation.call().accept(store));
        return thrown == null ? "done" : thrown.getClass().getSimpleName();
    }

    /** Records of the owner, the run with a job under the key {@code key} and a numbered batch that may be repeated; and others under a key. */
    private Operations.Held known() {
        Operations.Held held = Operations.held(given());
        Operations.Ids ids = held.ids();
        store().events().append(held.fence(), Operations.NUMBERED);
        store().runners()
                .saveJob(NewRunnerJob.builder(ids.run(), ids.command())
                        .attemptId("attempt")
                        .runnerId(Given.RUNNER)
                        .placement(PLACE)
                        .idempotencyKey("key")
                        .build());
        keyed();
        return held;
    }

    /** A run and a task under a key, both ended so that nothing is due because of them. */
    private void keyed() {
        Run run = store().runs()
                .create(given().newRun().idempotencyKey(Operations.KEY).build());
        store().runs().cancel(run.id(), "no more");
        QueueTask task = store().queue()
                .create(given().newTask("keyed").idempotencyKey(Operations.KEY).build());
        store().queue().cancel(task.id(), "no more");
    }

    /** Records in different states, so that each operation would have something to do on one of them. */
    private List<Operations.Held> situations() {
        List<Operations.Held> all = new ArrayList<>();
        all.add(known());
        Run pending = given().runIn(given().name("session"));
        Fence none = Given.forged(pending.id(), Given.RUNNER, 1);
        all.add(held(given().turn(pending), given().ready(given().session()), dispatched(), none));
        RunLease claimed = given().claimed(given().run());
        Command turn = given().turn(claimed.run());
        all.add(held(turn, given().evicting(given().session()), dispatched(), claimed.fence()));
        RunLease over = given().claimed(given().runWithAttempts(3));
        Command begun = given().acknowledgedTurn(over);
        advance(Given.PAST_LEASE);
        QueueTask waiting = given().task(given().name("queue"));
        all.add(held(begun, given().evicted(given().session()), waiting, over.fence()));
        RunLease ended = given().claimed();
        Command last = given().acknowledgedTurn(ended);
        store().runs().finish(ended.fence(), DONE);
        QueueTask cancelled = given().task(given().name("queue"));
        store().queue().cancel(cancelled.id(), "no more", CancelMode.FORCE);
        all.add(held(last, given().missing(given().session()), cancelled, ended.fence()));
        return all;
    }

    private QueueTask dispatched() {
        String queue = given().name("queue");
        given().task(queue);
        return given().dispatched(queue).task();
    }

    private Operations.Held held(Command command, Session session, QueueTask task, Fence fence) {
        RunLease asking = given().claimed();
        given().acknowledgedTurn(asking);
        return new Operations.Held(command, session.id(), task, given().question(asking), fence);
    }

    private void unchanged(Operations.Ids ids, Runnable calls) {
        List<Object> before = beside(ids);
        watch().run(store().runs().get(ids.run()))
                .session(ids.session())
                .task(ids.task())
                .unchangedBy(() -> {
                    calls.run();
                    return ids;
                });
        assertThat(beside(ids)).isEqualTo(before);
    }

    /** What belongs to the records and raises no version of theirs: read marks, jobs, and how many there are of each. */
    private List<Object> beside(Operations.Ids ids) {
        return List.of(
                store().sessions().summary(ids.session(), "ann"),
                store().runners().listJobs(ids.run()),
                store().runs().list(RunQuery.in(given().scope())).items().size(),
                store().queue()
                        .stats(QueueScope.all().withScope(given().scope()))
                        .byState());
    }

    @Test
    @Proves({Rule.V_1, Rule.E_3})
    void waiting_for_what_another_owner_has_ends_at_once() {
        RunLease lease = given().claimed();
        AgentRunStore view = foreignView();
        Duration longer = Duration.ofMinutes(30);

        notFound(
                "run",
                lease.run().id(),
                lease.run(),
                () -> view.events().await(lease.run().id(), 1_000, 10, longer));
        notFound("run", lease.run().id(), lease.run(), () -> view.commands().await(lease.fence(), 10, longer));
    }

    @Test
    @Proves({Rule.V_1, Rule.E_3})
    void waiting_in_a_view_is_woken_by_what_is_done_outside_of_it() {
        fixture().stopPolling();
        AgentRunStore view = second().within(given().scope());
        Run run = given().run();
        long seen = events(run.id()).size();

        Future<Race.Finish<EventPage>> waiting =
                Race.waiting(() -> view.events().await(run.id(), seen, 10, Duration.ofMinutes(30)));
        store().events().appendUnfenced(run.id(), EVENT);

        assertThat(Race.values(List.of(Race.await(waiting))).get(0).items()).hasSize(1);
    }

    @Test
    @Proves({Rule.V_2, Rule.Q_2})
    void a_take_in_a_view_takes_its_own_new_and_given_back() {
        Given others = new Given(store());
        others.task(QUEUE);
        QueueTask own = given().task(QUEUE);
        TakeRequest request =
                TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue(QUEUE)).withN(10);
        AgentRunStore view = store().within(given().scope());

        List<Taken> first = view.queue().take(request);
        assertThat(first).extracting(taken -> taken.task().id()).containsExactly(own.id());
        store().leases().release(first.get(0).lease().fence());
        assertThat(foreignView().queue().take(request)).isEmpty();
        assertThat(store().within(others.scope()).queue().take(request)).hasSize(1);
        List<Taken> again = view.queue().take(request);

        assertThat(again).extracting(taken -> taken.task().id()).containsExactly(own.id());
        assertThat(view.queue().take(request)).isEmpty();
    }

    @Test
    @Proves({Rule.V_1, Rule.V_2})
    void what_is_examined_through_a_view_is_what_it_shows() {
        Operations.held(given());
        Given others = new Given(store());
        others.run();

        Diagnosis own = StoreDoctor.of(store().within(given().scope())).examine();
        Diagnosis foreign = StoreDoctor.of(foreignView()).examine();

        assertThat(own)
                .isEqualTo(StoreDoctor.of(store()).within(given().scope()).examine());
        assertThat(own.runs()).isEqualTo(1);
        assertThat(own.complete()).isTrue();
        assertThat(foreign).isEqualTo(new Diagnosis(List.of(), List.of(), 0, 0, 0, true));
    }

    @Test
    @Proves({Rule.V_2, Rule.T_2})
    void a_view_is_told_which_of_its_own_schedules_are_due() {
        Schedule mine = store().schedules()
                .put(NewSchedule.of(
                        "nightly", "0 2 * * *", "UTC", given().newTask(QUEUE).build()));

        assertThat(store().within(given().scope())
                        .schedules()
                        .due(TenantScope.all(), 10)
                        .schedules())
                .containsExactly(mine);
        assertThat(foreignView().schedules().due(TenantScope.all(), 10).schedules())
                .isEmpty();
        assertThat(foreignView().schedules().due(given().scope(), 10).schedules())
                .isEmpty();
    }
}
