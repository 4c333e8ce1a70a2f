package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.doctor.StoreDoctor;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.inspect.Bounds;
import io.agentrun.inspect.Diagnosis;
import io.agentrun.inspect.Finding;
import io.agentrun.inspect.Finding.Subject;
import io.agentrun.json.JsonObject;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.ExecutionState;
import io.agentrun.storage.StorageState;
import io.agentrun.tck.Race;
import io.agentrun.tck.SampleData;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The doctor finds what a store shows that must not be in one, and nothing in a sound store, also while others write. */
class AlteredStoreTest {

    private record Damage(String what, Rule rule, BiConsumer<AlteredStore, SampleData> done) {}

    private static final List<Damage> DAMAGES = List.of(
            new Damage(
                    "an event is missing",
                    E_1,
                    (store, data) -> store.events =
                            Altered.without(event -> event.runId().equals(data.running()) && event.seq() == 3)),
            new Damage(
                    "an event is shown twice",
                    E_1,
                    (store, data) -> store.events = items -> {
                        List<RunEvent> more = new ArrayList<>(items);
                        if (!items.isEmpty()) {
                            more.add(1, items.get(0));
                        }
                        return more;
                    }),
            new Damage(
                    "the end of a stream is missing",
                    R_7,
                    (store, data) ->
                            store.events = Altered.without(event -> event.type() == EventType.TERMINAL_STATUS)),
            new Damage(
                    "an ended run is shown as pending",
                    R_2,
                    (store, data) -> store.runs = Altered.each(run -> run.isTerminal()
                            ? run.toBuilder().status(RunStatus.PENDING).build()
                            : run)),
            new Damage(
                    "an outcome of another kind than the status",
                    R_2,
                    (store, data) -> store.runs = Altered.each(run -> run.isTerminal()
                            ? run.toBuilder().outcome(Outcome.cancelled("no")).build()
                            : run)),
            new Damage(
                    "a lost release: the lease is gone, the run is running",
                    L_2,
                    (store, data) -> store.runs = Altered.each(run -> run.toBuilder()
                            .claim(new RunClaim(
                                    run.epoch(),
                                    run.claim().generation(),
                                    null,
                                    run.claim().attempts()))
                            .build())),
            new Damage(
                    "a run of another tenant in a session",
                    S_1,
                    (store, data) -> store.runs =
                            Altered.each(run -> Run.builder(run.id(), new Owner("other", "other"), run.spec())
                                    .sessionId(run.sessionId())
                                    .taskId(run.taskId())
                                    .status(run.status())
                                    .outcome(run.outcome())
                                    .claim(run.claim())
                                    .idempotency(run.idempotency())
                                    .createdAt(run.createdAt())
                                    .updatedAt(run.updatedAt())
                                    .build())),
            new Damage(
                    "a list shows a run twice",
                    G_8,
                    (store, data) -> store.runs = items -> {
                        List<Run> more = new ArrayList<>(items);
                        items.stream().limit(1).forEach(more::add);
                        return more;
                    }),
            new Damage("a list is the wrong way round", G_8, (store, data) -> store.runs = Altered::reversed),
            new Damage(
                    "a command is missing",
                    C_1,
                    (store, data) -> store.commands =
                            Altered.without(command -> command.id().equals(data.steer()))),
            new Damage(
                    "all turns are deliverable",
                    C_2,
                    (store, data) -> store.commands = Altered.each(command -> Altered.ordered(
                            command,
                            new CommandOrder(
                                    command.order().ordinal(),
                                    true,
                                    command.order().targetCommandId())))),
            new Damage(
                    "the steer is for a turn elsewhere",
                    C_4,
                    (store, data) -> store.commands =
                            Altered.each(command -> command.id().equals(data.steer())
                                    ? Altered.ordered(command, new CommandOrder(0, true, data.waiting()))
                                    : command)),
            new Damage(
                    "a lost acknowledgement",
                    C_6,
                    (store, data) -> store.commands =
                            Altered.each(command -> command.id().equals(data.active())
                                    ? Altered.changed(command, CommandState.PENDING, null)
                                    : command)),
            new Damage(
                    "a command ended without an outcome",
                    C_7,
                    (store, data) -> store.commands =
                            Altered.each(command -> command.id().equals(data.steer())
                                    ? Altered.changed(command, CommandState.COMPLETED, null)
                                    : command)),
            new Damage(
                    "an open command of an ended run",
                    R_7,
                    (store, data) -> store.commands =
                            Altered.each(command -> command.runId().equals(data.completed())
                                    ? Altered.changed(command, CommandState.PENDING, null)
                                    : command)),
            new Damage(
                    "a job without its command",
                    J_2,
                    (store, data) -> store.jobs = Altered.each(job -> new RunnerJob(
                            job.id(),
                            job.runId(),
                            data.waiting(),
                            job.attemptId(),
                            job.runnerId(),
                            job.placement(),
                            job.result(),
                            job.idempotency(),
                            job.createdAt(),
                            job.updatedAt()))),
            new Damage(
                    "a session forgets its active turn",
                    C_2,
                    (store, data) -> store.session = session -> session.id().equals(data.chat())
                            ? session.toBuilder()
                                    .activity(session.activity().toBuilder()
                                            .state(ExecutionState.IDLE)
                                            .activeRunId(null)
                                            .activeCommandId(null)
                                            .build())
                                    .build()
                            : session),
            new Damage(
                    "a running session names no active turn",
                    S_3,
                    (store, data) -> store.session = session -> session.toBuilder()
                            .activity(session.activity().toBuilder()
                                    .activeCommandId(null)
                                    .build())
                            .build()),
            new Damage(
                    "a session counts fewer turns than it has",
                    S_3,
                    (store, data) -> store.session = session -> session.toBuilder()
                            .activity(session.activity().toBuilder().turns(1).build())
                            .build()),
            new Damage(
                    "all sessions have one version",
                    S_9,
                    (store, data) -> store.session =
                            session -> session.toBuilder().version(7).build()),
            new Damage("the version of a session goes back", S_9, (store, data) -> {
                AtomicInteger looks = new AtomicInteger();
                store.session = session -> session.toBuilder()
                        .version(looks.getAndIncrement() < 4 ? session.version() + 1_000 : session.version())
                        .build();
            }),
            new Damage(
                    "storage that was never asked for has a claim",
                    P_2,
                    (store, data) -> store.session = session -> session.id().equals(data.volume())
                            ? session.toBuilder()
                                    .storage(Altered.state(session.storage(), StorageState.NONE))
                                    .build()
                            : session),
            new Damage(
                    "an eviction under an open run",
                    P_5,
                    (store, data) -> store.session = session -> session.id().equals(data.chat())
                            ? session.toBuilder()
                                    .storage(Altered.state(session.storage(), StorageState.EVICTING))
                                    .build()
                            : session),
            new Damage(
                    "a dispatch without its task",
                    Q_3,
                    (store, data) ->
                            store.tasks = Altered.each(task -> task.id().equals(data.dispatched())
                                    ? task.toBuilder()
                                            .state(TaskState.PENDING)
                                            .latestAttempt(null)
                                            .build()
                                    : task)),
            new Damage(
                    "the end of a run did not move its task",
                    Q_5,
                    (store, data) ->
                            store.tasks = Altered.each(task -> task.id().equals(data.done())
                                    ? task.toBuilder()
                                            .state(TaskState.RUNNING)
                                            .outcome(null)
                                            .build()
                                    : task)),
            new Damage(
                    "all tasks have one version",
                    Q_10,
                    (store, data) -> store.tasks =
                            Altered.each(task -> task.toBuilder().version(7).build())),
            new Damage(
                    "all tasks of an owner have one key",
                    I_1,
                    (store, data) -> store.tasks = Altered.each(task -> task.toBuilder()
                            .idempotency(new Idempotency("one", "hash"))
                            .build())),
            new Damage(
                    "statistics that count what is not there",
                    Q_9,
                    (store, data) -> store.stats = stats -> new QueueStats(
                            stats.scope(),
                            Map.of(TaskState.PENDING, 9L),
                            stats.byLane(),
                            stats.due(),
                            stats.waiting(),
                            stats.oldestPendingAt(),
                            stats.generatedAt())),
            new Damage(
                    "statistics that name another oldest task",
                    Q_9,
                    (store, data) -> store.stats = stats -> new QueueStats(
                            stats.scope(),
                            stats.byState(),
                            stats.byLane(),
                            stats.due(),
                            stats.waiting(),
                            Instant.EPOCH,
                            stats.generatedAt())));

    @TestFactory
    Stream<DynamicTest> what_must_not_be_in_a_store_is_found() {
        return DAMAGES.stream()
                .map(damage -> DynamicTest.dynamicTest(damage.what(), () -> {
                    try (InMemoryAgentRunStore real = InMemoryAgentRunStore.create()) {
                        AlteredStore altered = new AlteredStore();
                        damage.done().accept(altered, SampleData.fill(real));

                        List<Finding> findings =
                                StoreDoctor.of(altered.over(real)).examine().findings();

                        assertThat(findings)
                                .extracting(Finding::rule)
                                .contains(damage.rule().number());
                    }
                }));
    }

    @Test
    void a_record_that_cannot_be_read_is_found_and_what_is_behind_it_too() {
        try (InMemoryAgentRunStore real = InMemoryAgentRunStore.create()) {
            SampleData data = SampleData.fill(real);
            AlteredStore altered = new AlteredStore();
            altered.runs = items -> {
                if (items.size() == 1 && items.get(0).id().equals(data.running())) {
                    throw new StoreUnavailableException(Reason.CORRUPT, "it cannot be read", null);
                }
                return items;
            };
            altered.session = session -> session.toBuilder().version(7).build();

            Diagnosis diagnosis = StoreDoctor.of(altered.over(real)).examine();

            assertThat(diagnosis.complete()).isFalse();
            assertThat(diagnosis.findings())
                    .anyMatch(finding -> finding.rule().equals("X-2")
                            && finding.subject() == Subject.RUN
                            && finding.id().equals(data.running()))
                    .anyMatch(finding -> finding.rule().equals("S-9"));
        }
    }

    @Test
    void nothing_is_found_in_a_sound_store() {
        try (InMemoryAgentRunStore store = InMemoryAgentRunStore.create()) {
            SampleData.fill(store);

            Diagnosis diagnosis = StoreDoctor.of(store).examine();

            assertThat(diagnosis.findings()).isEmpty();
            assertThat(diagnosis.unsettled()).isEmpty();
            assertThat(diagnosis.complete()).isTrue();
        }
    }

    @Test
    void bounds_leave_out_the_rest_and_say_so() {
        try (InMemoryAgentRunStore store = InMemoryAgentRunStore.create()) {
            SampleData.fill(store);

            Diagnosis diagnosis = StoreDoctor.of(store)
                    .within(Bounds.DEFAULTS.withRecords(2).withPage(1))
                    .examine();

            assertThat(diagnosis.complete()).isFalse();
            assertThat(diagnosis.runs()).isEqualTo(2);
            assertThat(diagnosis.findings()).isEmpty();
        }
    }

    @Test
    void a_scope_leaves_out_the_other_tenants() {
        try (InMemoryAgentRunStore store = InMemoryAgentRunStore.create()) {
            SampleData.fill(store);

            Diagnosis diagnosis =
                    StoreDoctor.of(store).within(TenantScope.tenant("nobody")).examine();

            assertThat(diagnosis.runs()).isZero();
            assertThat(diagnosis.sessions()).isZero();
            assertThat(diagnosis.tasks()).isZero();
        }
    }

    @Test
    void what_others_change_meanwhile_is_no_finding() {
        try (InMemoryAgentRunStore store = InMemoryAgentRunStore.create()) {
            SampleData data = SampleData.fill(store);
            AtomicBoolean enough = new AtomicBoolean();
            Future<Race.Finish<Boolean>> writer = Race.background(() -> {
                while (!enough.get()) {
                    Run run = SampleData.run(store, data.chat());
                    store.commands().create(run.id(), SampleData.turn());
                    store.events().appendUnfenced(run.id(), new NewEvent(EventType.DIFF, JsonObject.empty()));
                    store.runs().cancel(run.id(), "no more");
                }
                return true;
            });

            List<Finding> findings = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                findings.addAll(StoreDoctor.of(store)
                        .within(Bounds.DEFAULTS.withRecords(50))
                        .examine()
                        .findings());
            }
            enough.set(true);

            assertThat(Race.await(writer).value()).isTrue();
            assertThat(findings).isEmpty();
        }
    }
}
