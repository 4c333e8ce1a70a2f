package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RunLease;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionState;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What maintenance does in its passes, and what it leaves to others. */
class MaintenanceTest {

    private static final Duration SOON = Duration.ofMillis(20);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final AgentRunStore store =
            InMemoryAgentRunStore.builder().clock(new Settable(now)).build();
    private final BlockingQueue<String> passes = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> failures = new LinkedBlockingQueue<>();
    private final MaintenanceListener listener = new MaintenanceListener() {
        @Override
        public void passed(String task, long changed) {
            passes.add(task + " " + changed);
        }

        @Override
        public void failed(String task, RuntimeException failure) {
            failures.add(task);
        }
    };

    /** A clock that stands where it was set. */
    private static final class Settable extends Clock {
        private final AtomicReference<Instant> now;

        private Settable(AtomicReference<Instant> now) {
            this.now = now;
        }

        @Override
        public Instant instant() {
            return now.get();
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private Run leased(BackendProfile profile) {
        Run run = store.runs()
                .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(profile))
                        .maxAttempts(2)
                        .build());
        return store.leases().claim(run.id(), "runner", Duration.ofMinutes(1)).run();
    }

    private void awaitPass(String wanted) throws InterruptedException {
        for (String pass = Recorder.next(passes); !pass.equals(wanted); pass = Recorder.next(passes)) {
            assertThat(pass).isNotEmpty();
        }
    }

    @Test
    void a_run_whose_runner_is_gone_is_recovered_and_one_of_a_witness_is_left_to_it() throws Exception {
        Run own = leased(BackendProfile.CODEX);
        Run witnessed = leased(BackendProfile.DEEPSEEK);
        now.set(now.get().plus(Duration.ofMinutes(2)));
        BlockingQueue<ExpiredQuery> asked = new LinkedBlockingQueue<>();
        Witness witness = new Witness() {
            @Override
            public Set<BackendProfile> profiles() {
                return Set.of(BackendProfile.DEEPSEEK);
            }

            @Override
            public List<Recovery> recover(ExpiredQuery query) {
                asked.add(query);
                return List.of();
            }
        };
        try (Maintenance maintenance = Maintenance.builder(store)
                .recoverEvery(SOON)
                .witness(witness)
                .listener(listener)
                .start()) {
            awaitPass("recover 1");
            awaitPass("recover 0");

            assertThat(store.runs().get(own.id()).status()).isEqualTo(RunStatus.PENDING);
            assertThat(store.runs().get(witnessed.id()).status()).isEqualTo(RunStatus.CLAIMED);
            assertThat(Recorder.next(asked).limit()).isPositive();
            assertThat(maintenance).isNotNull();
        }
    }

    @Test
    void a_run_that_nobody_claims_in_its_time_ends_and_its_task_waits() throws Exception {
        Owner owner = new Owner("t", "p");
        QueueTask task = store.queue()
                .create(NewQueueTask.builder(owner, "queue", "a task", RunSpec.of(BackendProfile.CODEX))
                        .build());
        Run run = store.queue()
                .dispatchNext(DispatchRequest.any().withClaimWithin(Duration.ofMinutes(1)))
                .orElseThrow()
                .run();
        now.set(now.get().plus(Duration.ofMinutes(1)));
        try (Maintenance maintenance =
                Maintenance.builder(store).recoverEvery(SOON).listener(listener).start()) {
            awaitPass("unclaimed 1");
            awaitPass("unclaimed 0");

            assertThat(store.runs().get(run.id()).status()).isEqualTo(RunStatus.CANCELLED);
            assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.PENDING);
            assertThat(maintenance).isNotNull();
        }
    }

    @Test
    void a_question_whose_time_is_over_ends() throws Exception {
        Run run = store.runs()
                .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                        .build());
        RunLease lease = store.leases().claim(run.id(), "runner-a", Duration.ofMinutes(5));
        Command turn = store.commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "ask")));
        store.commands().acknowledge(lease.fence(), turn.id());
        Question asked =
                store.questions().ask(lease.fence(), NewQuestion.of("which?").withWithin(Duration.ofSeconds(30)));
        now.set(now.get().plusSeconds(30));
        try (Maintenance maintenance =
                Maintenance.builder(store).upkeepEvery(SOON).listener(listener).start()) {
            awaitPass("upkeep 1");
            awaitPass("upkeep 0");

            assertThat(store.questions().get(asked.id()).state()).isEqualTo(QuestionState.EXPIRED);
            assertThat(maintenance).isNotNull();
        }
    }

    @Test
    void what_is_old_is_deleted_and_the_upkeep_of_the_store_is_done() throws Exception {
        Owner owner = new Owner("t", "p");
        QueueTask task = store.queue()
                .create(NewQueueTask.builder(owner, "queue", "a task", RunSpec.of(BackendProfile.CODEX))
                        .build());
        store.queue().cancel(task.id(), "no more");
        Session session = store.sessions()
                .upsert(SessionUpsert.builder("session", owner, BackendProfile.CODEX)
                        .build());
        now.set(now.get().plus(Duration.ofDays(2)));
        PurgeRequest old = PurgeRequest.olderThan(Duration.ofDays(1));
        try (Maintenance maintenance = Maintenance.builder(store)
                .upkeepEvery(SOON)
                .purgeTasks(SOON, old)
                .purgeSessions(SOON, old)
                .listener(listener)
                .start()) {
            awaitAll("purge-tasks 1", "purge-sessions 1", "upkeep 0");

            assertThat(store.sessions().find(session.id())).isEmpty();
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> store.queue().get(task.id()));
            assertThat(maintenance).isNotNull();
        }
    }

    private void awaitAll(String... wanted) throws InterruptedException {
        Set<String> missing = new HashSet<>(Set.of(wanted));
        while (!missing.isEmpty()) {
            String pass = Recorder.next(passes);
            assertThat(pass).isNotEmpty();
            missing.remove(pass);
        }
    }

    @Test
    void maintenance_of_a_tenant_view_leaves_the_upkeep_to_others() throws Exception {
        try (Maintenance maintenance = Maintenance.builder(store.within(TenantScope.tenant("t")))
                .recoverEvery(SOON)
                .withoutUpkeep()
                .listener(listener)
                .start()) {
            awaitPass("recover 0");
            awaitPass("recover 0");

            assertThat(failures).isEmpty();
            assertThat(maintenance).isNotNull();
        }
    }

    @Test
    void a_pass_that_fails_stops_neither_the_others_nor_the_next() throws Exception {
        MaintenanceTask broken = new MaintenanceTask() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public Duration every() {
                return SOON;
            }

            @Override
            public long run() {
                throw new IllegalStateException("broken");
            }
        };
        Maintenance maintenance = Maintenance.builder(store)
                .recoverEvery(SOON)
                .task(broken)
                .listener(listener)
                .start();

        assertThat(Recorder.next(failures)).isEqualTo("broken");
        assertThat(Recorder.next(failures)).isEqualTo("broken");
        awaitPass("recover 0");
        maintenance.close();
        maintenance.close();
    }

    @Test
    void two_witnesses_and_times_of_zero_are_refused() {
        Witness nobody = new Witness() {
            @Override
            public Set<BackendProfile> profiles() {
                return Set.of();
            }

            @Override
            public List<Recovery> recover(ExpiredQuery query) {
                return List.of();
            }
        };

        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> Maintenance.builder(store).witness(nobody));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> Maintenance.builder(store).recoverEvery(Duration.ZERO));
    }
}
