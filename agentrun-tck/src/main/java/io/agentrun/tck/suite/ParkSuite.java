package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandType;
import io.agentrun.command.OnBusy;
import io.agentrun.command.Resumed;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.SessionBusyException;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.Parking;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionResult;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.session.ExecutionState;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * A run that its runner parks until questions have ended, and that goes on with what became of them.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class ParkSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final Reply THIS = Reply.text("this one");

    /** For adapters. */
    protected ParkSuite() {}

    private RunLease asking() {
        RunLease lease = given().claimed(given().runIn(given().name("session"), 3));
        given().acknowledgedTurn(lease);
        return lease;
    }

    private Run parked(RunLease lease, Question... questions) {
        List<String> ids = List.of(questions).stream().map(Question::id).toList();
        assertThat(store().leases().park(lease.fence(), ids)).isInstanceOf(Parking.Parked.class);
        return stored(lease);
    }

    private Run stored(RunLease lease) {
        return store().runs().get(lease.run().id());
    }

    private Command turn(RunLease lease) {
        return store().commands().list(lease.run().id(), 0, 1).items().get(0);
    }

    private List<String> phases(RunLease lease) {
        List<String> phases = new ArrayList<>();
        for (RunEvent event : events(lease.run().id())) {
            String phase = event.payload().toJsonNode().path("phase").textValue();
            phases.add(phase == null ? event.type().wire() : phase);
        }
        return phases;
    }

    private Question answered(Question question) {
        return store().questions().answer(question.id(), THIS, "ann");
    }

    @Test
    @Proves({Rule.A_8, Rule.L_1, Rule.L_6})
    void a_parked_run_waits_and_nobody_holds_it() {
        RunLease lease = asking();
        Question asked = given().question(lease);
        Run before = stored(lease);
        advance(Duration.ofSeconds(5));

        Parking parking = store().leases().park(lease.fence(), List.of(asked.id()));

        Run run = stored(lease);
        assertThat(parking).isEqualTo(new Parking.Parked(run));
        assertThat(run.status()).isEqualTo(RunStatus.WAITING);
        assertThat(run.lease()).isEmpty();
        assertThat(run.epoch()).isEqualTo(before.epoch() + 1);
        assertThat(run.parkedEpoch()).isEqualTo(run.epoch());
        assertThat(run.claim().generation()).isEqualTo(before.claim().generation() + 1);
        assertThat(run.claim().attempts()).isEqualTo(before.claim().attempts());
        assertThat(run.updatedAt()).isEqualTo(before.updatedAt().plusSeconds(5));
        assertThat(run.startedAt()).isEqualTo(before.startedAt());
        assertThat(run.openQuestions()).isEqualTo(1);
        Command turn = turn(lease);
        assertThat(turn.state()).isEqualTo(CommandState.PENDING);
        assertThat(turn.times().acknowledgedAt()).isNull();
        assertThat(turn.resumed()).isEqualTo(new Resumed(1, List.of(asked.id()), List.of()));
        List<RunEvent> events = events(run.id());
        assertThat(events.get(events.size() - 1).payload())
                .isEqualTo(JsonObject.of(
                        "phase", "run-parked", "runnerId", Given.RUNNER, "questionIds", List.of(asked.id())));
        assertThat(store().leases().heartbeat(lease.fence(), Given.LEASE).signal())
                .isEqualTo(LeaseSignal.LEASE_LOST);
        watch().run(run)
                .refuses(LeaseConflictException.class, () -> store().runs().finish(lease.fence(), DONE));
        watch().run(run)
                .refuses(
                        LeaseConflictException.class, () -> second().leases().park(lease.fence(), List.of(asked.id())));
        assertThat(second().runs()
                        .list(RunQuery.in(given().scope()).withStatus(RunStatus.WAITING))
                        .items())
                .containsExactly(run);
    }

    @Test
    @Proves({Rule.A_8, Rule.S_3})
    void the_turn_of_a_parked_run_stays_the_active_one_of_its_session() {
        RunLease lease = asking();
        Question asked = given().question(lease);
        Command turn = turn(lease);
        Run other = given().runIn(Objects.requireNonNull(lease.run().sessionId()));

        Run run = parked(lease, asked);

        assertThat(sessionOf(run).activity().state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(sessionOf(run).activity().activeCommandId()).isEqualTo(turn.id());
        Command behind = given().turn(other);
        Command later = given().turn(run);
        assertThat(List.of(behind, later)).noneMatch(command -> command.order().deliverable());
        assertThat(store().leases()
                        .claimNext(ClaimRequest.by(Given.RUNNER, Given.LEASE).withScope(given().scope())))
                .isEmpty();
        watch().run(run)
                .refuses(
                        SessionBusyException.class,
                        () -> store().commands()
                                .create(other.id(), given().newTurn("now").withOnBusy(OnBusy.REJECT)));
    }

    @Test
    @Proves({Rule.A_9, Rule.A_6, Rule.A_2})
    void the_answer_makes_the_run_pending_and_its_turn_is_delivered_with_it() {
        RunLease lease = asking();
        Question asked = store().questions()
                .ask(lease.fence(), NewQuestion.of("which one?").withIdempotencyKey("key"));
        Run waiting = parked(lease, asked);
        advance(Duration.ofSeconds(7));

        Question answered = answered(asked);

        Run run = stored(lease);
        assertThat(Objects.requireNonNull(answered.end()).commandId()).isNull();
        assertThat(run.status()).isEqualTo(RunStatus.PENDING);
        assertThat(run.epoch()).isEqualTo(waiting.epoch());
        assertThat(run.claim()).isEqualTo(waiting.claim());
        assertThat(run.updatedAt()).isEqualTo(waiting.updatedAt().plusSeconds(7));
        assertThat(run.openQuestions()).isZero();
        List<String> phases = phases(lease);
        assertThat(phases.subList(phases.size() - 2, phases.size()))
                .containsExactly("question_answered", "run-resumed");
        RunLease next = store().leases().claim(run.id(), Given.OTHER_RUNNER, Given.LEASE);
        assertThat(next.fence().epoch()).isEqualTo(waiting.epoch() + 1);
        List<Command> delivered =
                store().commands().await(next.fence(), 10, Duration.ZERO).commands();
        assertThat(delivered).hasSize(1);
        assertThat(delivered.get(0).type()).isEqualTo(CommandType.TURN);
        assertThat(delivered.get(0).resumed())
                .isEqualTo(new Resumed(
                        1,
                        List.of(),
                        List.of(new QuestionResult(asked.id(), "key", QuestionState.ANSWERED, THIS, "ann"))));
        Command turn = given().acknowledged(next.fence(), delivered.get(0));
        assertThat(turn.resumed()).isEqualTo(delivered.get(0).resumed());
        assertThat(store().runs()
                        .finishTurn(next.fence(), turn.id(), DONE)
                        .turn()
                        .resumed())
                .isEqualTo(delivered.get(0).resumed());
        assertThat(store().commands().get(turn.id()).resumed())
                .isEqualTo(delivered.get(0).resumed());
    }

    @Test
    @Proves({Rule.A_9, Rule.L_7})
    void a_run_that_goes_on_is_claimed_as_the_next_one() {
        RunLease lease = asking();
        Question asked = given().question(lease);
        parked(lease, asked);
        answered(asked);

        RunLease next = store().leases()
                .claimNext(ClaimRequest.by(Given.RUNNER, Given.LEASE))
                .orElseThrow();

        assertThat(next.run().id()).isEqualTo(lease.run().id());
        assertThat(store().commands()
                        .await(next.fence(), 10, Duration.ZERO)
                        .commands()
                        .get(0)
                        .resumed())
                .isNotNull();
    }

    @Test
    @Proves({Rule.A_9, Rule.A_4, Rule.A_2})
    void every_end_of_a_question_lets_the_run_go_on() {
        RunLease lease = asking();
        NewQuestion soon = NewQuestion.of("which one?").withWithin(Duration.ofMinutes(5));
        Question answered = given().question(lease);
        Question expired = store().questions().ask(lease.fence(), soon);
        Question fallen = store().questions().ask(lease.fence(), soon.withFallback(THIS));
        Question withdrawn = given().question(lease);
        parked(lease, answered, expired, fallen, withdrawn);

        answered(answered);
        assertThat(stored(lease).status()).isEqualTo(RunStatus.WAITING);
        store().questions().withdraw(withdrawn.id(), "no more");
        assertThat(stored(lease).status()).isEqualTo(RunStatus.WAITING);
        assertThat(Objects.requireNonNull(turn(lease).resumed()).waitsFor()).containsExactly(expired.id(), fallen.id());
        advance(Duration.ofMinutes(5));
        assertThat(store().upkeep().questionsExpired()).isEqualTo(2);

        assertThat(stored(lease).status()).isEqualTo(RunStatus.PENDING);
        Resumed resumed = Objects.requireNonNull(turn(lease).resumed());
        assertThat(resumed.times()).isEqualTo(1);
        assertThat(resumed.waitsFor()).isEmpty();
        assertThat(resumed.results())
                .containsExactlyInAnyOrder(
                        result(answered, QuestionState.ANSWERED, THIS, "ann"),
                        result(withdrawn, QuestionState.WITHDRAWN, null, null),
                        result(expired, QuestionState.EXPIRED, null, null),
                        result(fallen, QuestionState.ANSWERED, THIS, null));
        assertThat(store().commands().list(lease.run().id(), 0, 10).items()).hasSize(1);
        assertThat(phases(lease)).filteredOn("run-resumed"::equals).hasSize(1);
    }

    private static QuestionResult result(
            Question question,
            QuestionState state,
            @org.jspecify.annotations.Nullable Reply reply,
            @org.jspecify.annotations.Nullable String by) {
        return new QuestionResult(question.id(), null, state, reply, by);
    }

    @Test
    @Proves({Rule.A_8, Rule.A_6})
    void where_no_question_is_open_nothing_changes_and_the_runner_goes_on() {
        RunLease lease = asking();
        Question asked = given().question(lease);
        Question other = given().question(lease);
        answered(asked);
        store().questions().withdraw(other.id(), "no more");

        Parking parking = watch().run(stored(lease))
                .unchangedBy(() -> store().leases().park(lease.fence(), List.of(other.id(), asked.id())));

        assertThat(parking)
                .isEqualTo(new Parking.Answered(List.of(
                        result(other, QuestionState.WITHDRAWN, null, null),
                        result(asked, QuestionState.ANSWERED, THIS, "ann"))));
        assertThat(store().commands().await(lease.fence(), 10, Duration.ZERO).commands())
                .hasSize(2);
        assertThat(store().runs().finish(lease.fence(), DONE).status()).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    @Proves({Rule.A_8, Rule.A_9})
    void what_had_ended_before_the_park_is_told_by_the_turn_and_by_no_command() {
        RunLease lease = asking();
        Question first = given().question(lease);
        Question second = given().question(lease);
        Question open = given().question(lease);
        answered(first);
        answered(second);
        Command told = store().commands()
                .await(lease.fence(), 10, Duration.ZERO)
                .commands()
                .get(0);
        given().acknowledged(lease.fence(), told);

        parked(lease, first, second, open);
        answered(open);

        assertThat(Objects.requireNonNull(turn(lease).resumed()).results())
                .extracting(QuestionResult::questionId)
                .containsExactly(first.id(), second.id(), open.id());
        RunLease next = given().claimed(stored(lease));
        assertThat(store().commands().await(next.fence(), 10, Duration.ZERO).commands())
                .extracting(Command::type)
                .containsExactly(CommandType.TURN);
        assertThat(store().commands().list(lease.run().id(), 1, 10).items())
                .extracting(Command::state)
                .containsExactly(CommandState.CANCELLED, CommandState.CANCELLED);
    }

    @Test
    @Proves({Rule.A_8, Rule.A_6})
    void a_question_that_the_run_does_not_wait_for_is_told_by_a_command() {
        RunLease lease = asking();
        Question waited = given().question(lease);
        Question aside = given().question(lease);
        Command steer = given().steer(lease.run());
        parked(lease, waited);

        answered(aside);

        assertThat(stored(lease).status()).isEqualTo(RunStatus.WAITING);
        answered(waited);
        RunLease next = given().claimed(stored(lease));
        assertThat(store().commands().await(next.fence(), 10, Duration.ZERO).commands())
                .extracting(Command::type)
                .containsExactly(CommandType.TURN, CommandType.STEER, CommandType.ANSWER);
        assertThat(steer.state()).isEqualTo(CommandState.PENDING);
    }

    @Test
    @Proves({Rule.A_8, Rule.A_9})
    void a_steer_to_a_waiting_run_waits_with_it() {
        RunLease lease = asking();
        Question asked = given().question(lease);
        Run run = parked(lease, asked);

        Command steer = given().steer(run);

        assertThat(steer.order().targetCommandId()).isEqualTo(turn(lease).id());
        assertThat(stored(lease)).isEqualTo(run);
        answered(asked);
        RunLease next = given().claimed(stored(lease));
        assertThat(store().commands().await(next.fence(), 10, Duration.ZERO).commands())
                .extracting(Command::id)
                .containsExactly(turn(lease).id(), steer.id());
    }

    @Test
    @Proves({Rule.A_9, Rule.L_5, Rule.L_8})
    void a_run_can_be_parked_again_and_a_resumed_turn_outlives_its_runner() {
        RunLease lease = asking();
        Question first = given().question(lease);
        parked(lease, first);
        answered(first);
        RunLease released = given().claimed(stored(lease));
        given().acknowledged(released.fence(), turn(lease));
        store().leases().release(released.fence());
        RunLease lost = given().claimed(stored(lease));
        given().acknowledged(lost.fence(), turn(lease));
        advance(Given.PAST_LEASE);
        store().leases().recover(lost.run().id(), lost.fence().epoch());
        RunLease again = given().claimed(stored(lease));
        Command turn = given().acknowledged(again.fence(), turn(lease));
        assertThat(Objects.requireNonNull(turn.resumed()).results())
                .containsExactly(result(first, QuestionState.ANSWERED, THIS, "ann"));

        Question second = given().question(again);
        parked(again, second);
        answered(second);

        assertThat(turn(lease).resumed())
                .isEqualTo(new Resumed(2, List.of(), List.of(result(second, QuestionState.ANSWERED, THIS, "ann"))));
        assertThat(stored(lease).claim().attempts().current()).isEqualTo(2);
    }

    @Test
    @Proves({Rule.A_9, Rule.E_3})
    void who_waits_for_a_run_to_go_on_is_woken() {
        RunLease lease = asking();
        Question asked = given().question(lease);
        parked(lease, asked);
        long seen = events(lease.run().id()).size();

        answered(asked);

        assertThat(second().events()
                        .await(lease.run().id(), seen, 10, Duration.ofSeconds(30))
                        .items())
                .hasSize(2);
    }
}
