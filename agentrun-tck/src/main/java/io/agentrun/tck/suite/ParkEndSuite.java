package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.command.OnBusy;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.SessionBusyException;
import io.agentrun.error.StateConflictException;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Parking;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.tck.Proves;
import io.agentrun.tck.StoreFixture.Persistence;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/**
 * What ends a parked run, and what it outlives.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class ParkEndSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";
    private static final Reply THIS = Reply.text("this one");

    /** For adapters. */
    protected ParkEndSuite() {}

    /** A parked run with its question. */
    private record Waiting(Run run, Question question) {}

    private Waiting parked(RunLease lease) {
        Question asked = given().question(lease);
        assertThat(store().leases().park(lease.fence(), List.of(asked.id()))).isInstanceOf(Parking.Parked.class);
        return new Waiting(store().runs().get(lease.run().id()), asked);
    }

    private Waiting parked() {
        RunLease lease = given().claimed(given().runIn(given().name("session"), 3));
        given().acknowledgedTurn(lease);
        return parked(lease);
    }

    private List<Taken> take() {
        return store().queue()
                .take(TakeRequest.by(Given.RUNNER, DispatchRequest.any())
                        .withLease(Given.LEASE)
                        .withN(10));
    }

    private RunLease begun(Taken taken) {
        taken.turns().forEach(turn -> given().acknowledged(taken.lease().fence(), turn));
        return taken.lease();
    }

    private Run stored(Waiting waiting) {
        return store().runs().get(waiting.run().id());
    }

    private void answer(Waiting waiting) {
        store().questions().answer(waiting.question().id(), THIS, "ann");
    }

    private Command turn(Waiting waiting) {
        return store().commands().list(waiting.run().id(), 0, 1).items().get(0);
    }

    private void ends(Outcome expected, BiConsumer<AgentRunStore, Run> end) {
        Waiting waiting = parked();
        advance(Duration.ofSeconds(1));

        end.accept(store(), waiting.run());

        Run run = stored(waiting);
        assertThat(run.outcome()).isEqualTo(expected);
        assertThat(run.openQuestions()).isZero();
        assertThat(run.epoch()).isEqualTo(waiting.run().epoch() + 1);
        assertThat(store().questions().get(waiting.question().id()).state()).isEqualTo(QuestionState.WITHDRAWN);
        assertThat(turn(waiting).state().terminal()).isTrue();
        assertThat(Objects.requireNonNull(turn(waiting).resumed()).waitsFor()).isEmpty();
        assertThat(sessionOf(run).activity().state()).isEqualTo(ExecutionState.TERMINAL);
        List<RunEvent> events = events(run.id());
        assertThat(events.get(events.size() - 1).type()).isEqualTo(EventType.TERMINAL_STATUS);
        watch().run(run).refuses(AlreadyTerminalException.class, () -> {
            answer(waiting);
            return run;
        });
    }

    @Test
    @Proves({Rule.A_8, Rule.L_5})
    void what_was_taken_for_a_parked_turn_is_delivered_again_with_it() {
        RunLease lease = given().claimed(given().runIn(given().name("session"), 3));
        Command turn = given().acknowledgedTurn(lease);
        Command steer = given().acknowledged(lease.fence(), given().steer(lease.run()));

        Waiting waiting = parked(lease);

        assertThat(store().commands().get(steer.id()).state()).isEqualTo(CommandState.PENDING);
        answer(waiting);
        RunLease next = given().claimed(stored(waiting));
        assertThat(store().commands().await(next.fence(), 10, Duration.ZERO).commands())
                .extracting(Command::id)
                .containsExactly(turn.id(), steer.id());
    }

    @Test
    @Proves({Rule.A_10, Rule.A_5, Rule.R_4, Rule.R_5, Rule.R_7})
    void a_cancel_of_either_mode_and_the_host_end_a_waiting_run_at_once() {
        Outcome cancelled = Outcome.cancelled("no more");
        ends(cancelled, (store, run) -> store.runs().cancel(run.id(), "no more"));
        ends(cancelled, (store, run) -> store.runs().cancel(run.id(), "no more", CancelMode.FORCE));
        ends(Outcome.completed(), (store, run) -> store.runs().finishUnclaimed(run.id(), Outcome.completed()));
        Waiting waiting = parked();
        watch().run(waiting.run())
                .refuses(
                        StateConflictException.class,
                        () -> store().runs().finishUnclaimed(waiting.run().id(), Outcome.unclaimed("nobody")));
    }

    @Test
    @Proves({Rule.A_10, Rule.C_3, Rule.S_4, Rule.Q_8})
    void an_interruption_from_another_run_ends_a_waiting_run() {
        String session = given().name("session");
        given().task(QUEUE);
        Waiting plain = parked();
        Waiting ofTask = parkedInSession(session);
        for (Waiting waiting : List.of(plain, ofTask)) {
            Run other = given().runIn(Objects.requireNonNull(waiting.run().sessionId()));

            Command turn =
                    store().commands().create(other.id(), given().newTurn("now").withOnBusy(OnBusy.INTERRUPT));

            assertThat(stored(waiting).status()).isEqualTo(RunStatus.CANCELLED);
            assertThat(turn(waiting).state()).isEqualTo(CommandState.CANCELLED);
            assertThat(turn.order().deliverable()).isTrue();
            assertThat(sessionOf(other).activity().activeCommandId()).isEqualTo(turn.id());
            assertThat(store().questions().get(waiting.question().id()).state()).isEqualTo(QuestionState.WITHDRAWN);
        }
        String taskId = Objects.requireNonNull(ofTask.run().taskId());
        assertThat(store().queue().get(taskId).state()).isEqualTo(TaskState.CANCELLED);
    }

    private Waiting parkedInSession(String session) {
        String queue = given().name("queue");
        store().queue()
                .create(given().newTask(queue).session(SessionRef.of(session)).build());
        Taken taken = store().queue()
                .take(TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue(queue)))
                .get(0);
        return parked(begun(taken));
    }

    @Test
    @Proves({Rule.A_10, Rule.A_9, Rule.C_3, Rule.C_9})
    void where_another_turn_of_the_run_is_open_that_one_goes_on() {
        Waiting interrupted = parked();
        Command own = store().commands()
                .create(interrupted.run().id(), given().newTurn("now").withOnBusy(OnBusy.INTERRUPT));
        Waiting overtaken = parked();
        Command behind = given().turn(overtaken.run());
        Run other = given().runIn(Objects.requireNonNull(overtaken.run().sessionId()));
        store().commands().create(other.id(), given().newTurn("now").withOnBusy(OnBusy.INTERRUPT));
        Waiting cancelled = parked();
        Command next = given().turn(cancelled.run());
        store().commands().cancel(turn(cancelled).id(), "no more");

        Map.of(interrupted, own, overtaken, behind, cancelled, next).forEach((waiting, goesOn) -> {
            assertThat(stored(waiting).status()).isEqualTo(RunStatus.PENDING);
            assertThat(stored(waiting).openQuestions()).isZero();
            assertThat(store().questions().get(waiting.question().id()).state()).isEqualTo(QuestionState.WITHDRAWN);
            RunLease lease = given().claimed(stored(waiting));
            assertThat(store().commands()
                            .await(lease.fence(), 10, Duration.ZERO)
                            .commands())
                    .extracting(Command::id)
                    .containsExactly(goesOn.id());
        });
    }

    @Test
    @Proves({Rule.A_10, Rule.R_11, Rule.Q_19})
    void deadlines_go_on_while_a_run_waits() {
        Deadlines minute = Deadlines.endBy(deadline());
        Run run = store().runs().create(given().newRun().deadlines(minute).build());
        RunLease lease = given().claimed(run);
        given().acknowledgedTurn(lease);
        Waiting alone = parked(lease);
        store().queue().create(given().newTask(QUEUE).deadlines(minute).build());
        Waiting ofTask = parked(begun(take().get(0)));
        advance(Duration.ofMinutes(10));

        store().upkeep();

        assertThat(stored(alone).status()).isEqualTo(RunStatus.FAILED);
        assertThat(stored(ofTask).isTerminal()).isTrue();
        assertThat(store().queue()
                        .get(Objects.requireNonNull(ofTask.run().taskId()))
                        .state())
                .isEqualTo(TaskState.CANCELLED);
    }

    private Instant deadline() {
        return given().run().createdAt().plus(Duration.ofMinutes(10));
    }

    @Test
    @Proves({Rule.V_1, Rule.A_8})
    void a_view_of_another_tenant_parks_nothing_and_sees_nothing_of_it() {
        RunLease lease = given().claimed();
        given().acknowledgedTurn(lease);
        Question asked = given().question(lease);
        AgentRunStore foreign =
                store().within(TenantScope.tenant(given().stranger().tenantId()));

        watch().run(store().runs().get(lease.run().id()))
                .refuses(NotFoundException.class, () -> foreign.leases().park(lease.fence(), List.of(asked.id())));

        assertThat(store().within(given().scope()).leases().park(lease.fence(), List.of(asked.id())))
                .isInstanceOf(Parking.Parked.class);
    }

    @Test
    @Proves({Rule.A_8, Rule.P_5, Rule.P_8, Rule.R_8})
    void the_volume_of_a_waiting_run_is_not_collected_and_the_run_is_not_purged() {
        Session session = given().ready(given().session());
        store().sessions()
                .upsert(SessionUpsert.builder(session.id(), session.owner(), session.backendProfile())
                        .expiry(Expiry.at(session.createdAt()))
                        .build());
        RunLease lease = given().claimed(given().runIn(session.id()));
        given().acknowledgedTurn(lease);
        Waiting waiting = parked(lease);
        advance(Duration.ofDays(2));

        assertThat(store().storage().claimExpired(StorageClaimRequest.by("gc", Given.LEASE)))
                .isEmpty();
        assertThat(store().runs().purge(PurgeRequest.olderThan(Duration.ZERO)).purged())
                .isZero();

        long generation = store().storage().get(session.id()).generation();
        watch().run(waiting.run())
                .refuses(
                        SessionBusyException.class,
                        () -> store().storage().beginEviction(session.id(), generation, EvictionCause.REQUESTED));
        assertThat(stored(waiting).status()).isEqualTo(RunStatus.WAITING);
    }

    @Test
    @Proves({Rule.A_8, Rule.A_9})
    void a_parked_run_outlives_the_store() {
        Waiting waiting = parked();
        if (reopen() == Persistence.NOTHING_KEPT) {
            return;
        }

        assertThat(stored(waiting)).isEqualTo(waiting.run());
        answer(waiting);
        RunLease lease = given().claimed(stored(waiting));

        assertThat(store().commands()
                        .await(lease.fence(), 10, Duration.ZERO)
                        .commands()
                        .get(0)
                        .resumed())
                .isNotNull();
    }
}
