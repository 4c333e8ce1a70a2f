package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.command.NewCommand;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.FenceToken;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.testing.CostMeter;
import io.agentrun.postgres.testing.CostMeter.Cost;
import io.agentrun.postgres.testing.GroupedStore;
import io.agentrun.postgres.testing.OwnServer;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.tck.Race;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tenant views on PostgreSQL: what they cost, in combined statements, and in the transaction of the host. */
class TenantViewTest {

    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final NewEvent EVENT = new NewEvent(EventType.DIFF, JsonObject.of("text", "x"));
    private static final EventBatch NUMBERED = EventBatch.numbered(1, List.of(EVENT));
    private static final Set<String> WITHOUT_OWNER =
            Set.of("runners.register", "runners.find", "runners.saveBackend", "runners.backends", "upkeep");
    private static final int STORIES = 3;
    private static final int CALLERS = 12;
    private static final int ROUNDS = 20;

    @Test
    void an_operation_takes_no_round_trip_no_statement_and_no_row_more_in_a_view() throws IOException {
        try (OwnServer server = OwnServer.start()) {
            CostMeter meter = CostMeter.on(server);
            try (PostgresAgentRunStore store = CountedStore.on(meter.dataSource())) {
                // The first stories prepare the statements.
                costs(meter, 0, owner -> store);
                Map<String, Cost> plain = costs(meter, STORIES, owner -> store);
                Map<String, Cost> tenant =
                        costs(meter, 2 * STORIES, owner -> store.within(TenantScope.tenant(owner.tenantId())));
                Map<String, Cost> project = costs(
                        meter,
                        3 * STORIES,
                        owner -> store.within(TenantScope.project(owner.tenantId(), owner.projectId())));

                plain.keySet().removeAll(WITHOUT_OWNER);
                assertThat(tenant.keySet()).containsExactlyElementsOf(plain.keySet());
                plain.forEach((operation, cost) -> {
                    assertNoMore(operation + " of a tenant", tenant.get(operation), cost);
                    assertNoMore(operation + " of a project", project.get(operation), cost);
                });
            }
        }
    }

    private static void assertNoMore(String operation, Cost inView, Cost cost) {
        assertThat(inView.trips()).as(operation).isLessThanOrEqualTo(cost.trips());
        assertThat(inView.statements()).as(operation).isLessThanOrEqualTo(cost.statements());
        assertThat(inView.rows()).as(operation).isLessThanOrEqualTo(cost.rows());
    }

    /** The least that each operation has cost in some stories, each on records of its own: the counters of rows may be late. */
    private static Map<String, Cost> costs(CostMeter meter, int first, Function<Owner, AgentRunStore> store) {
        Map<String, Cost> costs = new LinkedHashMap<>();
        for (int story = first; story < first + STORIES; story++) {
            OperationStory.Step step = new OperationStory.Step() {
                @Override
                public <T> T take(String name, Supplier<T> call) {
                    List<T> result = new ArrayList<>(1);
                    Cost cost = meter.of(() -> result.add(unlessRefused(name, call)));
                    if (result.get(0) != null) {
                        costs.merge(name, cost, Cost::least);
                    }
                    return result.get(0);
                }
            };
            String name = OperationStory.name(story);
            AgentRunStore workers = store.apply(OperationStory.workers(name));
            new OperationStory(store.apply(new Owner(name, "project")), workers, story, step).tell();
        }
        return costs;
    }

    @SuppressWarnings("NullAway")
    private static <T> T unlessRefused(String name, Supplier<T> call) {
        try {
            return call.get();
        } catch (TenantPolicyException refused) {
            assertThat(WITHOUT_OWNER).contains(name);
            return null;
        }
    }

    @Test
    void an_id_of_another_owner_costs_what_an_id_that_nobody_has_costs() throws IOException {
        try (OwnServer server = OwnServer.start()) {
            CostMeter meter = CostMeter.on(server);
            try (PostgresAgentRunStore store = CountedStore.on(meter.dataSource())) {
                Run run = store.runs()
                        .create(NewRun.builder(owner(0), RunSpec.of(BackendProfile.CODEX))
                                .build());
                AgentRunStore view = store.within(TenantScope.tenant("nobody"));
                Fence held = store.leases().claim(run.id(), "runner", LEASE).fence();

                calls(view, id -> id.equals(held.runId()) ? held : fence(id)).forEach((operation, call) -> {
                    // The first call of each prepares its statements.
                    refusedCost(meter, call, "run_unknown");
                    Cost unknown = refusedCost(meter, call, "run_unknown");
                    Cost foreign = refusedCost(meter, call, run.id());

                    assertThat(foreign.trips()).as(operation).isEqualTo(unknown.trips());
                    assertThat(foreign.statements()).as(operation).isEqualTo(unknown.statements());
                    assertThat(foreign.rows()).as(operation).isZero();
                });
            }
        }
    }

    private static Cost refusedCost(CostMeter meter, Consumer<String> call, String runId) {
        return meter.of(() -> assertThatThrownBy(() -> call.accept(runId)).isInstanceOf(NotFoundException.class));
    }

    private static Map<String, Consumer<String>> calls(AgentRunStore view, Function<String, Fence> fence) {
        Map<String, Consumer<String>> calls = new LinkedHashMap<>();
        calls.put("get", id -> view.runs().get(id));
        calls.put("finish", id -> view.runs().finish(fence.apply(id), TurnResult.of(Outcome.completed())));
        calls.put("cancel", id -> view.runs().cancel(id, "no"));
        calls.put("claim", id -> view.leases().claim(id, "runner", LEASE));
        calls.put("heartbeat", id -> view.leases().heartbeat(fence.apply(id), LEASE));
        calls.put("release", id -> view.leases().release(fence.apply(id)));
        calls.put("turn", id -> view.commands().create(id, NewCommand.turn(JsonObject.empty())));
        calls.put("commands", id -> view.commands().list(id, 0, 10));
        calls.put("await", id -> view.commands().await(fence.apply(id), 10, Duration.ZERO));
        calls.put("acknowledge", id -> view.commands().acknowledge(fence.apply(id), "cmd_unknown"));
        calls.put("append", id -> view.events().append(fence.apply(id), EVENT));
        calls.put("appendUnfenced", id -> view.events().appendUnfenced(id, List.of(EVENT, EVENT)));
        calls.put("events", id -> view.events().list(id, 0, 10));
        calls.put("jobs", id -> view.runners().listJobs(id));
        calls.put("append numbered", id -> view.events().append(fence.apply(id), NUMBERED));
        calls.put(
                "finishTurn",
                id -> view.runs().finishTurn(fence.apply(id), "cmd_unknown", TurnResult.of(Outcome.completed())));
        return calls;
    }

    private static Fence fence(String runId) {
        return new Fence(runId, "runner", 1, FenceToken.random());
    }

    /** Callers of different views share a statement; each acts on its own run, and on nothing of the others. */
    @Test
    void in_a_combined_statement_each_caller_reaches_its_own_records_alone() {
        try (GroupedStore group = new GroupedStore()) {
            List<Run> runs = IntStream.range(0, CALLERS)
                    .mapToObj(i -> group.store()
                            .runs()
                            .create(NewRun.builder(owner(i), RunSpec.of(BackendProfile.CODEX))
                                    .build()))
                    .toList();
            List<AgentRunStore> views = IntStream.range(0, CALLERS)
                    .<AgentRunStore>mapToObj(i -> switch (i % 3) {
                        case 0 -> group.store();
                        case 1 -> group.store().within(TenantScope.tenant(owner(i).tenantId()));
                        default -> group.store().within(TenantScope.project(owner(i).tenantId(), owner(i).projectId()));
                    })
                    .toList();

            List<Fence> fences = Race.values(Race.of(
                    CALLERS,
                    i -> () -> views.get(i)
                            .leases()
                            .claim(runs.get(i).id(), "runner", LEASE)
                            .fence()));
            List<Race.Finish<List<LeaseSignal>>> own = Race.of(CALLERS, i -> () -> {
                List<LeaseSignal> signals = new ArrayList<>();
                for (int round = 0; round < ROUNDS; round++) {
                    views.get(i).events().append(fences.get(i), EventBatch.numbered(round + 1, List.of(EVENT)));
                    views.get(i).events().append(fences.get(i), EVENT);
                    signals.add(views.get(i)
                            .leases()
                            .heartbeat(fences.get(i), LEASE)
                            .signal());
                }
                return signals;
            });
            List<Race.Finish<Integer>> foreign = Race.of(CALLERS, i -> () -> refused(views.get(i), i, fences));

            assertThat(Race.failures(own)).isEmpty();
            assertThat(Race.values(own))
                    .allSatisfy(signals -> assertThat(signals).containsOnly(LeaseSignal.CONTINUE));
            assertThat(Race.values(foreign)).containsOnly(ROUNDS);
            for (Run run : runs) {
                assertThat(group.eventsOf(run)).hasSize(2 + 2 * ROUNDS);
            }
        }
    }

    private static Owner owner(int i) {
        return new Owner("tenant-" + i / 3 * 3, "project-" + i);
    }

    /** Returns how often the fence of another project was refused to a view; a store that is no view has a run of its own. */
    private static int refused(AgentRunStore view, int i, List<Fence> fences) {
        Fence other = fences.get((i + 3) % fences.size());
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            if (i % 3 == 0) {
                view.leases().heartbeat(fences.get(i), LEASE);
                refused++;
            } else {
                assertThatThrownBy(() -> view.events().append(other, EVENT)).isInstanceOf(NotFoundException.class);
                assertThatThrownBy(() -> view.events().append(other, EventBatch.numbered(ROUNDS, List.of(EVENT))))
                        .isInstanceOf(NotFoundException.class);
                assertThatThrownBy(() -> view.leases().heartbeat(other, LEASE)).isInstanceOf(NotFoundException.class);
                assertThatThrownBy(() -> view.leases().claim(other.runId(), "runner", LEASE))
                        .isInstanceOf(NotFoundException.class);
                refused++;
            }
        }
        return refused;
    }

    @Test
    void a_view_and_the_transaction_of_the_host_compose_in_both_orders() throws SQLException {
        TenantScope scope = TenantScope.project("tenant-0", "project-0");
        try (TestDatabase database = TestDatabase.migrated();
                HikariDataSource pool = database.pool(4);
                PostgresAgentRunStore store = PostgresAgentRunStore.builder(pool)
                        .schema(TestDatabase.SCHEMA)
                        .withoutMigration()
                        .build()) {
            NewRun input =
                    NewRun.builder(owner(0), RunSpec.of(BackendProfile.CODEX)).build();
            Run foreign = store.runs()
                    .create(NewRun.builder(owner(1), RunSpec.of(BackendProfile.CODEX))
                            .build());
            try (Connection connection = pool.getConnection()) {
                connection.setAutoCommit(false);
                List<AgentRunStore> both = List.of(
                        store.within(scope).in(connection), store.in(connection).within(scope));
                for (AgentRunStore view : both) {
                    Run own = view.runs().create(input);
                    assertThat(view.leases()
                                    .claim(own.id(), "runner", LEASE)
                                    .run()
                                    .id())
                            .isEqualTo(own.id());
                    assertThatThrownBy(() -> view.runs().get(foreign.id())).isInstanceOf(NotFoundException.class);
                    assertThatThrownBy(() -> view.runs().cancel(foreign.id(), "no"))
                            .isInstanceOf(NotFoundException.class);
                    assertThatThrownBy(() -> view.events().appendUnfenced(foreign.id(), EVENT))
                            .isInstanceOf(NotFoundException.class);
                    view.close();
                }
                assertThat(both.get(0)
                                .runs()
                                .list(RunQuery.in(TenantScope.all()))
                                .items())
                        .hasSize(2);
                assertThat(store.within(scope).runs().list(RunQuery.in(scope)).items())
                        .isEmpty();
                connection.rollback();
            }

            assertThat(store.runs().list(RunQuery.in(TenantScope.all())).items())
                    .containsExactly(foreign);
        }
    }
}
