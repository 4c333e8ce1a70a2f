package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandType;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionEnd;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionResult;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.rules.Rule;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * The ends of questions: answered, expired, withdrawn; and how a runner hears of them.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class QuestionEndSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final Reply THIS = Reply.text("this one");
    private static final Duration MICRO = Duration.ofNanos(1_000);

    /** For adapters. */
    protected QuestionEndSuite() {}

    private RunLease asking() {
        RunLease lease = given().claimed(given().runIn(given().name("session"), 3));
        given().acknowledgedTurn(lease);
        return lease;
    }

    private Question stored(Question question) {
        return store().questions().get(question.id());
    }

    /** The command that tells what became of the question. */
    private String told(Question question) {
        return store().commands().list(question.runId(), 0, 100).items().stream()
                .filter(command -> command.type() == CommandType.ANSWER)
                .filter(command ->
                        QuestionResult.parse(command.payload()).questionId().equals(question.id()))
                .map(Command::id)
                .findFirst()
                .orElseThrow();
    }

    private CommandDelivery delivered(RunLease lease) {
        return store().commands().await(lease.fence(), 10, Duration.ZERO);
    }

    @Test
    @Proves({Rule.A_2, Rule.A_3, Rule.A_6})
    void an_answer_is_kept_with_who_gave_it_and_delivered_until_it_is_acknowledged() {
        RunLease lease = asking();
        Question asked =
                store().questions().ask(lease.fence(), NewQuestion.of("which?").withIdempotencyKey("k"));
        advance(Duration.ofSeconds(5));

        Question answered = store().questions().answer(asked.id(), THIS, "ann");

        Instant at = asked.createdAt().plusSeconds(5);
        String commandId = delivered(lease).commands().get(0).id();
        assertThat(answered)
                .isEqualTo(asked.ended(QuestionState.ANSWERED, new QuestionEnd(THIS, "ann", null, commandId, at))
                        .withVersion(answered.version()));
        assertThat(answered.version()).isGreaterThan(asked.version());
        assertThat(stored(asked)).isEqualTo(answered);
        assertThat(store().runs().get(asked.runId()).openQuestions()).isZero();
        List<RunEvent> events = events(asked.runId());
        RunEvent told = events.get(events.size() - 2);
        assertThat(told.type()).isEqualTo(EventType.QUESTION_ANSWERED);
        assertThat(told.payload())
                .isEqualTo(JsonObject.of("questionId", asked.id(), "state", "answered", "answeredBy", "ann"));
        for (int i = 0; i < 2; i++) {
            Command command = delivered(lease).commands().get(0);
            assertThat(command.type()).isEqualTo(CommandType.ANSWER);
            assertThat(command.order().targetCommandId()).isEqualTo(asked.turnId());
            assertThat(QuestionResult.parse(command.payload()))
                    .isEqualTo(new QuestionResult(asked.id(), "k", QuestionState.ANSWERED, THIS, "ann"));
        }
        Command command = delivered(lease).commands().get(0);
        given().acknowledged(lease.fence(), command);
        assertThat(delivered(lease).commands()).isEmpty();
        assertThat(store().commands().finish(lease.fence(), command.id(), DONE).state())
                .isEqualTo(CommandState.COMPLETED);
    }

    @Test
    @Proves({Rule.A_2, Rule.G_3})
    void one_answer_wins_and_the_same_one_counts_once() {
        RunLease lease = asking();
        Question answered = store().questions().answer(given().question(lease).id(), THIS, "ann");

        Question again =
                watch().run(lease.run()).unchangedBy(() -> second().questions().answer(answered.id(), THIS, "ann"));
        AlreadyTerminalException other = watch().run(lease.run())
                .refuses(
                        AlreadyTerminalException.class,
                        () -> store().questions().answer(answered.id(), Reply.text("that one"), "ann"));
        watch().run(lease.run())
                .refuses(
                        AlreadyTerminalException.class,
                        () -> store().questions().answer(answered.id(), THIS, "bob"));
        Question withdrawn =
                watch().run(lease.run()).unchangedBy(() -> store().questions().withdraw(answered.id(), "too late"));

        assertThat(again).isEqualTo(answered);
        assertThat(withdrawn).isEqualTo(answered);
        assertThat(other.what()).isEqualTo("question");
        assertThat(other.id()).isEqualTo(answered.id());
        assertThat(other.status()).isEqualTo("answered");
        assertThat(stored(answered)).isEqualTo(answered);
    }

    @Test
    @Proves({Rule.A_2, Rule.A_6})
    void of_several_answers_at_once_one_wins() {
        RunLease lease = asking();
        Question asked = given().question(lease);

        List<Question> won = Race.values(Race.of(
                8,
                i -> () -> (i % 2 == 0 ? store() : second())
                        .questions()
                        .answer(asked.id(), Reply.text("answer " + i), "person-" + i)));

        assertThat(won).hasSize(1);
        assertThat(stored(asked)).isEqualTo(won.get(0));
        assertThat(delivered(lease).commands()).hasSize(1);
    }

    @Test
    @Proves({Rule.A_3, Rule.G_3})
    void an_answer_names_one_of_the_options_or_declines() {
        RunLease lease = asking();
        NewQuestion input = NewQuestion.of("may I?").withOptions(QuestionSuite.YES_OR_NO);
        Question first = store().questions().ask(lease.fence(), input);
        Question other = store().questions().ask(lease.fence(), input);
        Question free = given().question(lease);

        for (Reply wrong : List.of(Reply.option("perhaps"), THIS)) {
            assertThat(watch().run(lease.run())
                            .refuses(
                                    InvalidInputException.class,
                                    () -> store().questions().answer(first.id(), wrong, "ann"))
                            .field())
                    .isEqualTo("reply");
        }
        watch().run(lease.run())
                .refuses(
                        InvalidInputException.class,
                        () -> store().questions().answer(free.id(), Reply.option("yes"), "ann"));

        Reply remarked = Reply.option("yes").withContent(JsonObject.of("text", "but hurry"));
        assertThat(replyOf(store().questions().answer(first.id(), remarked, "ann")))
                .isEqualTo(remarked);
        assertThat(replyOf(store().questions().answer(other.id(), Reply.declined(), "ann")))
                .isEqualTo(Reply.declined());
    }

    private static Reply replyOf(Question question) {
        return Objects.requireNonNull(Objects.requireNonNull(question.end()).reply());
    }

    @Test
    @Proves({Rule.A_4, Rule.A_6, Rule.G_3})
    void a_question_whose_time_is_over_is_not_answered_and_upkeep_ends_it() {
        RunLease lease = asking();
        Duration within = Duration.ofMinutes(10);
        NewQuestion input = NewQuestion.of("which?").withWithin(within);
        Question plain = store().questions().ask(lease.fence(), input);
        Question fallen = store().questions().ask(lease.fence(), input.withFallback(THIS));
        Question inTime = store().questions().ask(lease.fence(), input);
        Question later = store().questions().ask(lease.fence(), input.withWithin(within.plus(MICRO)));
        advance(within.minus(MICRO));
        store().questions().answer(inTime.id(), THIS, "ann");
        assertThat(store().upkeep().questionsExpired()).isZero();
        assertThat(stored(plain)).isEqualTo(plain);
        advance(MICRO);

        AlreadyTerminalException late = watch().run(lease.run())
                .refuses(
                        AlreadyTerminalException.class,
                        () -> store().questions().answer(plain.id(), THIS, "ann"));
        int expired = store().upkeep().questionsExpired();
        int more = second().upkeep().questionsExpired();

        assertThat(late.status()).isEqualTo("expired");
        assertThat(expired).isEqualTo(2);
        assertThat(more).isZero();
        Instant at = plain.expiresAt();
        assertThat(stored(plain).state()).isEqualTo(QuestionState.EXPIRED);
        assertThat(stored(plain).end()).isEqualTo(new QuestionEnd(null, null, null, told(plain), at));
        assertThat(stored(fallen).state()).isEqualTo(QuestionState.ANSWERED);
        assertThat(stored(fallen).end()).isEqualTo(new QuestionEnd(THIS, null, null, told(fallen), at));
        assertThat(stored(later)).isEqualTo(later);
        assertThat(delivered(lease).commands())
                .extracting(command -> QuestionResult.parse(command.payload()).state())
                .containsExactly(QuestionState.ANSWERED, QuestionState.EXPIRED, QuestionState.ANSWERED);
        assertThat(store().runs().get(plain.runId()).openQuestions()).isEqualTo(1);
    }

    @Test
    @Proves({Rule.A_2, Rule.A_4, Rule.A_6})
    void a_host_takes_a_question_back() {
        RunLease lease = asking();
        Question asked = given().question(lease);
        Question over =
                store().questions().ask(lease.fence(), NewQuestion.of("which?").withWithin(Duration.ofSeconds(1)));
        advance(Duration.ofSeconds(1));

        Question withdrawn = store().questions().withdraw(asked.id(), "not needed");
        Question expired = store().questions().withdraw(over.id(), "not needed");
        Question again =
                watch().run(lease.run()).unchangedBy(() -> store().questions().withdraw(asked.id(), "once more"));

        assertThat(withdrawn.state()).isEqualTo(QuestionState.WITHDRAWN);
        assertThat(withdrawn.end()).isEqualTo(new QuestionEnd(null, null, "not needed", told(asked), over.expiresAt()));
        assertThat(again).isEqualTo(withdrawn);
        assertThat(expired.state()).isEqualTo(QuestionState.EXPIRED);
        assertThat(delivered(lease).commands())
                .extracting(command -> QuestionResult.parse(command.payload()).state())
                .containsExactly(QuestionState.WITHDRAWN, QuestionState.EXPIRED);
    }

    @Test
    @Proves({Rule.A_6, Rule.L_5, Rule.C_5})
    void the_next_holder_gets_the_answers_that_the_last_one_did_not_take() {
        RunLease lease = asking();
        Question taken = given().question(lease);
        Question missed = given().question(lease);
        Question open = given().question(lease);
        store().questions().answer(taken.id(), THIS, "ann");
        Command done = delivered(lease).commands().get(0);
        given().acknowledged(lease.fence(), done);
        store().commands().finish(lease.fence(), done.id(), DONE);
        store().questions().answer(missed.id(), THIS, "ann");
        given().acknowledged(lease.fence(), delivered(lease).commands().get(0));

        store().leases().release(lease.fence());
        store().questions().answer(open.id(), THIS, "ann");
        RunLease next = store().leases().claim(lease.run().id(), Given.OTHER_RUNNER, Given.LEASE);
        List<Command> commands = delivered(next).commands();

        assertThat(commands)
                .extracting(Command::type)
                .containsExactly(CommandType.TURN, CommandType.ANSWER, CommandType.ANSWER);
        assertThat(QuestionResult.parse(commands.get(1).payload()).questionId()).isEqualTo(missed.id());
        assertThat(QuestionResult.parse(commands.get(2).payload()).questionId()).isEqualTo(open.id());
    }

    @Test
    @Proves({Rule.A_6, Rule.C_1})
    void a_run_that_was_asked_to_cancel_gets_no_command_more() {
        RunLease lease = asking();
        Question asked = given().question(lease);
        store().runs().cancel(asked.runId(), "no more");

        Question answered = store().questions().answer(asked.id(), THIS, "ann");

        assertThat(answered.state()).isEqualTo(QuestionState.ANSWERED);
        assertThat(delivered(lease).commands()).isEmpty();
    }

    @Test
    @Proves({Rule.A_6, Rule.E_5})
    void an_answer_wakes_the_runner_that_waits_for_it() {
        RunLease lease = asking();
        Question asked = given().question(lease);

        List<Object> both = Race.values(Race.of(
                2,
                i -> () -> i == 0
                        ? store().commands().await(lease.fence(), 10, Duration.ofMinutes(1))
                        : second().questions().answer(asked.id(), THIS, "ann")));

        assertThat(both).hasSize(2);
        assertThat(((CommandDelivery) both.get(0)).commands())
                .extracting(Command::type)
                .containsExactly(CommandType.ANSWER);
    }

    @Test
    @Proves({Rule.A_6, Rule.G_1})
    void nobody_but_the_store_makes_the_command_of_an_answer() {
        RunLease lease = asking();

        watch().run(lease.run())
                .refuses(
                        InvalidInputException.class,
                        () -> store().commands()
                                .create(
                                        lease.run().id(),
                                        new NewCommand(
                                                CommandType.ANSWER, JsonObject.empty(), OnBusy.ENQUEUE, null, null)));
        assertThat(store().questions().list(QuestionQuery.in(given().scope())).items())
                .isEmpty();
    }
}
