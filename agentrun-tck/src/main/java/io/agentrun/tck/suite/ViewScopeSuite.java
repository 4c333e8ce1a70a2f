package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agentrun.AgentRunStore;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Tenant views: what they list and take, their cursors, views of views, what they refuse to create.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class ViewScopeSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";

    /** For adapters. */
    protected ViewScopeSuite() {}

    private AgentRunStore view() {
        return store().within(given().scope());
    }

    private TenantScope tenant() {
        return TenantScope.tenant(given().owner().tenantId());
    }

    /** Another owner, with records of every kind, older and newer than those that are made next. */
    private Given others() {
        Given others = new Given(store());
        others.run();
        others.session();
        others.task(QUEUE);
        return others;
    }

    @Test
    @Proves({Rule.V_2, Rule.G_8})
    void a_page_in_a_view_is_full_unless_it_is_the_last() {
        List<String> runs = new ArrayList<>();
        List<String> sessions = new ArrayList<>();
        List<String> tasks = new ArrayList<>();
        others();
        for (int i = 0; i < 3; i++) {
            runs.add(0, given().run().id());
            sessions.add(0, given().session().id());
            tasks.add(given().task(QUEUE).id());
            advance(Duration.ofSeconds(1));
            others();
        }

        assertPages(
                runs,
                cursor -> view().runs()
                        .list(RunQuery.in(TenantScope.all()).withLimit(2).withCursor(cursor)),
                Run::id);
        assertPages(
                sessions,
                cursor -> view().sessions()
                        .list(SessionQuery.in(tenant())
                                .withFilter(SessionFilter.ALL)
                                .withLimit(2)
                                .withCursor(cursor)),
                seen -> seen.session().id());
        assertPages(
                tasks,
                cursor -> view().queue()
                        .list(QueueQuery.inQueue(QUEUE).withLimit(2).withCursor(cursor)),
                QueueTask::id);
    }

    private static <T> void assertPages(
            List<String> ids, Function<@Nullable String, Page<T>> list, Function<T, String> id) {
        Page<T> first = list.apply(null);
        assertThat(first.items()).extracting(id).isEqualTo(ids.subList(0, 2));
        Page<T> last = list.apply(first.nextCursor());
        assertThat(last.items()).extracting(id).isEqualTo(ids.subList(2, 3));
        assertThat(last.nextCursor()).isNull();
    }

    @Test
    @Proves({Rule.V_2, Rule.G_9})
    void a_feed_in_a_view_shows_every_change_of_its_own_and_no_other() {
        List<String> tasks = new ArrayList<>();
        List<String> sessions = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            others();
            tasks.add(given().task(QUEUE).id());
            sessions.add(given().session().id());
        }

        assertThat(all((cursor) -> view().queue().changes(TenantScope.all(), cursor, 1)))
                .extracting(QueueTask::id)
                .isEqualTo(tasks);
        assertThat(all((cursor) -> view().sessions().changes(tenant(), cursor, 1)))
                .extracting(Session::id)
                .isEqualTo(sessions);
    }

    private static <T> List<T> all(Function<@Nullable String, ChangePage<T>> feed) {
        List<T> all = new ArrayList<>();
        ChangePage<T> page = feed.apply(null);
        while (!page.items().isEmpty()) {
            all.addAll(page.items());
            page = feed.apply(page.cursor());
        }
        return all;
    }

    @Test
    @Proves({Rule.V_2, Rule.G_7})
    void the_cursors_of_a_view_are_those_of_what_it_shows_of_the_scope() {
        given().run();
        given().run();
        RunQuery everything = RunQuery.in(TenantScope.all()).withLimit(1);
        RunQuery own = everything.withScope(given().scope());
        String ofView = view().runs().list(everything).nextCursor();
        String ofScope = store().runs().list(own).nextCursor();
        String ofAll = store().runs().list(everything).nextCursor();

        assertThat(ofView).isEqualTo(ofScope);
        assertThat(store().runs().list(own.withCursor(ofView)).items()).hasSize(1);
        assertThat(view().runs().list(everything.withCursor(ofScope)).items()).hasSize(1);
        refusedCursor(() -> view().runs().list(everything.withCursor(ofAll)));
        refusedCursor(() -> store().runs().list(everything.withCursor(ofView)));
        String feed = view().queue().changes(TenantScope.all(), null, 1).cursor();
        assertThat(store().queue().changes(given().scope(), feed, 1).items()).isEmpty();
        refusedCursor(() -> store().queue().changes(TenantScope.all(), feed, 1));
    }

    private static void refusedCursor(Runnable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call::run)
                .satisfies(refused -> assertThat(refused.field()).isEqualTo("cursor"));
    }

    @Test
    @Proves({Rule.V_2, Rule.G_1, Rule.G_7})
    void a_scope_that_has_nothing_in_common_with_the_view_is_empty_and_its_input_is_checked() {
        Given others = others();
        given().run();
        given().run();
        String known =
                view().runs().list(RunQuery.in(given().scope()).withLimit(1)).nextCursor();
        RunQuery foreign = RunQuery.in(others.scope());

        Page<Run> page = view().runs().list(foreign);
        ChangePage<Session> feed = view().sessions().changes(others.scope(), null, 10);
        ChangePage<Session> again = view().sessions().changes(others.scope(), feed.cursor(), 10);

        assertThat(page).isEqualTo(new Page<>(List.of(), null));
        assertThat(feed.items()).isEmpty();
        assertThat(feed.more()).isFalse();
        assertThat(again).isEqualTo(feed);
        refusedCursor(() -> view().runs().list(foreign.withCursor(known)));
        refusedCursor(() -> view().sessions().changes(given().scope(), feed.cursor(), 10));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> view().runs().list(foreign.withLimit(10_000)));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> view().sessions().changes(others.scope(), null, 0));
    }

    @Test
    @Proves({Rule.V_2, Rule.V_1})
    void a_view_of_a_view_shows_what_both_include() {
        Owner sibling = new Owner(given().owner().tenantId(), given().name("project"));
        Run own = given().run();
        Run beside =
                store().runs().create(NewRun.builder(sibling, given().spec()).build());
        TenantScope everything = TenantScope.all();

        for (AgentRunStore view : List.of(
                store().within(tenant()).within(given().scope()),
                store().within(given().scope()).within(tenant()),
                store().within(given().scope()).within(everything),
                store().within(everything).within(given().scope()))) {
            assertThat(view.runs().list(RunQuery.in(everything)).items()).containsExactly(own);
            assertThat(view.runs().get(own.id())).isEqualTo(own);
            assertNotFound(() -> view.runs().get(beside.id()));
        }
        assertThat(store().within(tenant()).runs().list(RunQuery.in(everything)).items())
                .containsExactlyInAnyOrder(own, beside);
        assertThat(store().within(tenant()).runs().get(beside.id())).isEqualTo(beside);
    }

    @Test
    @Proves({Rule.V_1, Rule.V_2, Rule.V_3})
    void a_view_of_a_view_with_nothing_in_common_shows_nothing_and_takes_nothing() {
        Operations.Held held = Operations.held(given());
        Owner stranger = given().stranger();
        AgentRunStore nobody = view().within(TenantScope.tenant(stranger.tenantId()));

        for (Operations.Operation operation : Operations.on(held, given())) {
            if (!operation.ids().isEmpty()) {
                Throwable thrown = catchThrowable(() -> operation.call().accept(nobody));
                assertThat(thrown).as(operation.name()).isExactlyInstanceOf(NotFoundException.class);
            }
        }
        new ViewCases(given(), held).expectNothing(nobody);
        new ViewCases(given(), held).expectNothing(nobody.within(given().scope()));
    }

    private static void assertNotFound(Runnable call) {
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(call::run);
    }

    @Test
    @Proves({Rule.V_3, Rule.I_1, Rule.G_2, Rule.G_3})
    void a_new_record_of_another_owner_is_refused_also_under_a_known_key() {
        NewRun run = given().newRun().idempotencyKey("key").build();
        NewQueueTask task = given().newTask(QUEUE).idempotencyKey("key").build();
        SessionUpsert session = given().newSession().build();
        store().runs().create(run);
        store().queue().create(task);
        store().sessions().upsert(session);
        Given others = new Given(store());
        AgentRunStore view = store().within(others.scope());

        for (AgentRunStore refusing : List.of(view, view.within(given().scope()))) {
            assertDenied(() -> refusing.runs().create(run));
            assertDenied(() -> refusing.runs().create(given().newRun().build()));
            assertDenied(() -> refusing.queue().create(task));
            assertDenied(() -> refusing.queue().create(given().newTask(QUEUE).build()));
            assertDenied(() -> refusing.sessions().upsert(session));
            assertDenied(() ->
                    refusing.sessions().upsert(session.toBuilder().title("mine").build()));
            assertDenied(() -> refusing.sessions().upsert(given().newSession().build()));
        }

        assertThat(store().runs().list(RunQuery.in(given().scope())).items()).hasSize(1);
        assertThat(store().queue().list(QueueQuery.in(given().scope())).items()).hasSize(1);
        assertThat(store().sessions().get(session.sessionId()).title()).isNull();
        assertThat(view.runs().list(RunQuery.in(TenantScope.all())).items()).isEmpty();
    }

    private static void assertDenied(Runnable call) {
        assertThatExceptionOfType(TenantPolicyException.class)
                .isThrownBy(call::run)
                .satisfies(denied -> assertThat(denied.httpStatus()).isEqualTo(403));
    }

    @Test
    @Proves({Rule.V_3, Rule.Q_4, Rule.G_3})
    void the_session_id_of_another_owner_is_taken() {
        Session foreign = given().session();
        Given others = new Given(store());
        AgentRunStore view = store().within(others.scope());
        NewRun run = others.newRun().session(SessionRef.of(foreign.id())).build();
        SessionUpsert upsert = SessionUpsert.builder(foreign.id(), others.owner(), Given.PROFILE)
                .build();

        assertDenied(() -> view.runs().create(run));
        assertDenied(() -> view.sessions().upsert(upsert));
        view.queue()
                .create(others.newTask(QUEUE)
                        .session(SessionRef.of(foreign.id()))
                        .build());
        assertThat(view.queue().dispatchNext(DispatchRequest.any())).isEmpty();

        QueueTask blocked = view.queue().list(QueueQuery.inQueue(QUEUE)).items().get(0);
        assertThat(blocked.state()).isEqualTo(TaskState.BLOCKED);
        assertThat(blocked.outcome()).isNotNull();
        assertThat(blocked.outcome().failureKind()).isEqualTo(FailureKind.TENANT_POLICY_DENIED);
        assertThat(store().sessions().get(foreign.id())).isEqualTo(foreign);
    }

    @Test
    @Proves({Rule.V_2, Rule.L_7, Rule.Q_2, Rule.L_5, Rule.R_8, Rule.P_8, Rule.Q_9})
    void a_view_takes_counts_recovers_and_purges_its_own() {
        Given others = others();
        List<Given> owners = List.of(others, given());
        List<Run> pending = owners.stream().map(Given::run).toList();
        List<QueueTask> tasks = owners.stream().map(owner -> owner.task(QUEUE)).toList();
        List<Session> evicting =
                owners.stream().map(owner -> owner.evicting(owner.session())).toList();
        List<Run> lost = owners.stream()
                .map(owner -> owner.claimed(owner.runWithAttempts(2)).run())
                .toList();
        List<Run> ended =
                owners.stream().map(owner -> owner.completed(owner.run())).toList();
        advance(Given.PAST_LEASE);
        ClaimRequest request = ClaimRequest.by(Given.RUNNER, Given.LEASE);

        assertThat(view().queue().stats(QueueScope.all()).scope().scope()).isEqualTo(given().scope());
        assertThat(view().queue().stats(QueueScope.all()).due()).isEqualTo(1);
        assertThat(view().queue().snapshot(QueueScope.inQueue(QUEUE)).items()).containsExactly(tasks.get(1));
        assertThat(view().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                .hasValueSatisfying(taken ->
                        assertThat(taken.task().id()).isEqualTo(tasks.get(1).id()));
        assertThat(view().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                .isEmpty();
        assertThat(view().leases().listExpired(ExpiredQuery.in(TenantScope.all())))
                .extracting(expired -> expired.run().id())
                .containsExactly(lost.get(1).id());
        assertThat(view().leases().claimNext(request))
                .hasValueSatisfying(taken ->
                        assertThat(taken.run().id()).isEqualTo(pending.get(1).id()));
        assertThat(view().leases().recoverExpired(ExpiredQuery.in(TenantScope.all())))
                .extracting(recovery -> recovery.run().id())
                .containsExactly(lost.get(1).id());
        assertThat(view().storage().claimExpired(StorageClaimRequest.by("gc", Given.LEASE)))
                .extracting(claim -> claim.session().id())
                .containsExactly(evicting.get(1).id());
        assertThat(view().runs().purge(PurgeRequest.olderThan(Duration.ZERO)).purged())
                .isEqualTo(1);
        assertNotFound(() -> store().runs().get(ended.get(1).id()));
        for (Run untouched : List.of(pending.get(0), lost.get(0), ended.get(0))) {
            assertThat(store().runs().get(untouched.id())).isEqualTo(untouched);
        }
        assertThat(store().queue().get(tasks.get(0).id())).isEqualTo(tasks.get(0));
    }

    @Test
    @Proves({Rule.V_1, Rule.G_4})
    void closing_a_view_does_nothing_and_it_ends_with_its_store() {
        Run run = given().run();
        AgentRunStore view = view();
        Operations.Ids ids = Operations.known(given());

        view.close();

        assertThat(view.runs().get(run.id())).isEqualTo(run);
        assertThat(store().runs().get(run.id())).isEqualTo(run);
        assertThat(view.health()).isEqualTo(store().health());
        store().close();
        for (AgentRunStore ended : List.of(view, view.within(TenantScope.tenant("nobody")))) {
            for (Operations.Operation operation : Operations.on(ids, given())) {
                Throwable thrown = catchThrowable(() -> operation.call().accept(ended));
                assertThat(thrown)
                        .as(operation.name())
                        .isInstanceOfAny(StoreClosedException.class, TenantPolicyException.class);
            }
        }
    }

    @Test
    @Proves({Rule.V_2, Rule.V_3, Rule.G_1})
    void the_view_of_every_tenant_is_the_store_and_a_view_of_null_is_none() {
        Run run = given().run();
        AgentRunStore everything = store().within(TenantScope.all());

        assertThat(everything.runs().get(run.id())).isEqualTo(run);
        assertThat(everything.runners().backends()).isEqualTo(store().runners().backends());
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> store().within(nothing()))
                .satisfies(refused -> assertThat(refused.field()).isEqualTo("scope"));
    }

    /** What no caller may give. */
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T nothing() {
        return null;
    }
}
