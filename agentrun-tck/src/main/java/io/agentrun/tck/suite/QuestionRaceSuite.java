package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandType;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.lease.Parking;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/**
 * An answer and what may meet it: each time one of them counts, the other one is refused, and the run is not stuck. As many rounds of each
 * pair as {@code -Dagentrun.tck.races} says, {@value #ROUNDS} unless given.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class QuestionRaceSuite extends ConformanceSuite {

    private static final int ROUNDS = 10;
    private static final Duration WITHIN = Duration.ofSeconds(1);
    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final Reply THIS = Reply.text("this one");

    /** For adapters. */
    protected QuestionRaceSuite() {}

    /** A run with a question: parked, or held by its runner. */
    private record Asked(RunLease lease, Question question) {

        String runId() {
            return question.runId();
        }
    }

    /** How a round ended. */
    private record Ended(
            Asked asked, Race.Finish<Object> first, Race.Finish<Object> second, Question question, Run run) {}

    private interface Call {
        Callable<Object> of(Asked asked);
    }

    private interface Check {
        void of(Ended ended);
    }

    private Asked held() {
        RunLease lease = given().claimed(given().runIn(given().name("session"), 100));
        given().acknowledgedTurn(lease);
        NewQuestion question = NewQuestion.of("which one?").withWithin(WITHIN);
        return new Asked(lease, store().questions().ask(lease.fence(), question));
    }

    private Asked parked() {
        Asked asked = held();
        store().leases().park(asked.lease().fence(), List.of(asked.question().id()));
        return asked;
    }

    private void race(Callable<Asked> given, Call first, Call second, Check check) {
        int rounds = Integer.getInteger("agentrun.tck.races", ROUNDS);
        for (int round = 0; round < rounds; round++) {
            Asked asked = made(given);
            List<Race.Finish<Object>> finishes = Race.of(2, i -> i == 0 ? first.of(asked) : second.of(asked));
            for (Throwable failure : Race.failures(finishes)) {
                assertThat(failure).isInstanceOf(AgentRunException.class);
            }
            Ended ended = new Ended(
                    asked,
                    finishes.get(0),
                    finishes.get(1),
                    store().questions().get(asked.question().id()),
                    store().runs().get(asked.runId()));
            check.of(ended);
            isNotStuck(ended);
        }
    }

    private static Asked made(Callable<Asked> given) {
        try {
            return given.call();
        } catch (Exception e) {
            throw new AssertionError("the round cannot begin", e);
        }
    }

    private Call answer() {
        return asked -> () -> store().questions().answer(asked.question().id(), THIS, "ann");
    }

    /** Whatever is left to be done can be done: a question that is open is answered, and the run is claimed and ended. */
    private void isNotStuck(Ended ended) {
        String id = ended.run().id();
        if (ended.question().state() == QuestionState.OPEN) {
            store().questions().withdraw(ended.question().id(), "the round is over");
        }
        Run run = store().runs().get(id);
        assertThat(run.openQuestions()).isZero();
        assertThat(run.status()).isNotEqualTo(RunStatus.WAITING);
        if (run.status() == RunStatus.PENDING) {
            RunLease lease = store().leases().claim(id, Given.OTHER_RUNNER, Given.LEASE);
            Command turn = store().commands()
                    .await(lease.fence(), 10, Duration.ZERO)
                    .commands()
                    .get(0);
            assertThat(turn.type()).isEqualTo(CommandType.TURN);
            given().acknowledged(lease.fence(), turn);
            run = store().runs().finish(lease.fence(), DONE);
        } else if (run.lease().isPresent()) {
            run = store().runs().finish(ended.asked().lease().fence(), DONE);
        }
        assertThat(run.isTerminal()).isTrue();
    }

    private static boolean isAnswered(Ended ended) {
        return ended.question().state() == QuestionState.ANSWERED;
    }

    /** The answer counts exactly if its caller was told so, and is told to the runner once. */
    private void answersOnce(Ended ended, Race.Finish<Object> answer) {
        assertThat(answer.succeeded()).isEqualTo(isAnswered(ended));
        if (!answer.succeeded()) {
            assertThat(answer.failure()).isInstanceOf(AlreadyTerminalException.class);
        }
        List<Command> commands =
                store().commands().list(ended.run().id(), 0, 10).items();
        long told = commands.stream()
                .filter(command -> command.type() == CommandType.ANSWER)
                .count();
        long byTurn = commands.stream()
                .filter(command -> command.resumed() != null)
                .mapToLong(command ->
                        Objects.requireNonNull(command.resumed()).results().size())
                .sum();
        assertThat(told + byTurn).isEqualTo(isAnswered(ended) ? 1 : 0);
    }

    @Test
    @Proves({Rule.A_2, Rule.A_9})
    void of_two_answers_to_a_parked_run_one_counts() {
        race(
                this::parked,
                answer(),
                asked -> () -> second().questions().answer(asked.question().id(), Reply.text("that one"), "bob"),
                ended -> {
                    assertThat(ended.first().succeeded())
                            .isNotEqualTo(ended.second().succeeded());
                    String by = Objects.requireNonNull(ended.question().end()).answeredBy();
                    assertThat(by).isEqualTo(ended.first().succeeded() ? "ann" : "bob");
                    assertThat(ended.run().status()).isEqualTo(RunStatus.PENDING);
                });
    }

    @Test
    @Proves({Rule.A_2, Rule.A_4, Rule.A_9})
    void an_answer_meets_the_expiry() {
        race(
                this::parked,
                answer(),
                asked -> () -> {
                    advance(WITHIN);
                    return second().upkeep();
                },
                ended -> {
                    store().upkeep();
                    Question question = store().questions().get(ended.question().id());
                    assertThat(question.state())
                            .isEqualTo(ended.first().succeeded() ? QuestionState.ANSWERED : QuestionState.EXPIRED);
                    assertThat(store().runs().get(question.runId()).status()).isEqualTo(RunStatus.PENDING);
                });
    }

    @Test
    @Proves({Rule.A_2, Rule.A_5, Rule.A_10})
    void an_answer_meets_a_cancel_of_a_parked_run() {
        for (CancelMode mode : CancelMode.values()) {
            race(
                    this::parked,
                    answer(),
                    asked -> () -> second().runs().cancel(asked.runId(), "no more", mode),
                    ended -> {
                        answersOnce(ended, ended.first());
                        assertThat(ended.run().status()).isEqualTo(RunStatus.CANCELLED);
                    });
        }
    }

    @Test
    @Proves({Rule.A_2, Rule.A_5, Rule.A_10})
    void an_answer_meets_the_host_s_end_of_a_parked_run() {
        race(
                this::parked,
                answer(),
                asked -> () -> second().runs().finishUnclaimed(asked.runId(), Outcome.completed()),
                ended -> {
                    answersOnce(ended, ended.first());
                    assertThat(ended.run().status()).isEqualTo(RunStatus.COMPLETED);
                });
    }

    @Test
    @Proves({Rule.A_2, Rule.A_5})
    void an_answer_meets_its_runner_s_end() {
        race(
                this::held,
                answer(),
                asked -> () -> second().runs().finish(asked.lease().fence(), DONE),
                ended -> {
                    answersOnce(ended, ended.first());
                    assertThat(ended.run().status()).isEqualTo(RunStatus.COMPLETED);
                });
    }

    @Test
    @Proves({Rule.A_2, Rule.A_8, Rule.A_9})
    void an_answer_meets_the_park() {
        race(
                this::held,
                answer(),
                asked -> () -> second().leases()
                        .park(asked.lease().fence(), List.of(asked.question().id())),
                ended -> {
                    assertThat(ended.first().succeeded()).isTrue();
                    answersOnce(ended, ended.first());
                    boolean parked = ended.second().value() instanceof Parking.Parked;
                    assertThat(ended.second().succeeded()).isTrue();
                    assertThat(ended.run().status()).isEqualTo(parked ? RunStatus.PENDING : RunStatus.RUNNING);
                });
    }

    @Test
    @Proves({Rule.A_2, Rule.A_6, Rule.L_8})
    void an_answer_meets_the_recovery() {
        race(
                () -> {
                    RunLease lease = store().leases()
                            .claim(
                                    given().runIn(given().name("session"), 100).id(),
                                    Given.RUNNER,
                                    Duration.ofMillis(100));
                    given().acknowledgedTurn(lease);
                    Asked asked = new Asked(lease, given().question(lease));
                    advance(Duration.ofMillis(100));
                    return asked;
                },
                answer(),
                asked -> () -> second().leases()
                        .recover(asked.runId(), asked.lease().fence().epoch()),
                ended -> {
                    assertThat(ended.first().succeeded()).isTrue();
                    answersOnce(ended, ended.first());
                    assertThat(ended.run().status()).isEqualTo(RunStatus.PENDING);
                });
    }

    @Test
    @Proves({Rule.A_8, Rule.L_8})
    void a_park_meets_the_recovery() {
        race(
                () -> {
                    RunLease lease = store().leases()
                            .claim(
                                    given().runIn(given().name("session"), 100).id(),
                                    Given.RUNNER,
                                    Duration.ofMillis(100));
                    given().acknowledgedTurn(lease);
                    Asked asked = new Asked(lease, given().question(lease));
                    advance(Duration.ofMillis(100));
                    return asked;
                },
                asked -> () -> store().leases()
                        .park(asked.lease().fence(), List.of(asked.question().id())),
                asked -> () -> second().leases()
                        .recover(asked.runId(), asked.lease().fence().epoch())
                        .outcome(),
                ended -> {
                    boolean parked = ended.first().succeeded();
                    if (!parked) {
                        assertThat(ended.first().failure()).isInstanceOf(LeaseConflictException.class);
                    }
                    assertThat(ended.second().value())
                            .isEqualTo(parked ? RecoveryOutcome.NOT_NEEDED : RecoveryOutcome.REQUEUED);
                    assertThat(ended.run().status()).isEqualTo(parked ? RunStatus.WAITING : RunStatus.PENDING);
                });
    }

    @Test
    @Proves({Rule.A_11, Rule.M_6})
    void a_claim_that_counts_again_meets_the_end_which_leaves_no_slot_taken() {
        String queue = given().name("queue");
        store().limits().set(Limit.running(LimitKey.queue(queue), 1));
        race(
                () -> {
                    given().task(queue);
                    Taken taken = store().queue()
                            .take(TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue(queue)))
                            .get(0);
                    given().acknowledged(taken.lease().fence(), taken.turns().get(0));
                    Asked asked = new Asked(taken.lease(), given().question(taken.lease()));
                    store().leases()
                            .park(
                                    taken.lease().fence(),
                                    List.of(asked.question().id()));
                    store().questions().answer(asked.question().id(), THIS, "ann");
                    return asked;
                },
                asked -> () -> store().leases().claim(asked.runId(), Given.RUNNER, Given.LEASE),
                asked -> () -> second().runs().cancel(asked.runId(), "no more", CancelMode.FORCE),
                ended -> {
                    assertThat(ended.run().status()).isEqualTo(RunStatus.CANCELLED);
                    assertThat(store().limits().holders(LimitKey.queue(queue))).isEmpty();
                });
    }

    @Test
    @Proves({Rule.A_9, Rule.L_2})
    void a_claim_meets_the_answer() {
        race(
                this::parked,
                answer(),
                asked -> () -> second().leases().claim(asked.runId(), Given.RUNNER, Given.LEASE),
                ended -> {
                    answersOnce(ended, ended.first());
                    assertThat(ended.run().status())
                            .isEqualTo(ended.second().succeeded() ? RunStatus.CLAIMED : RunStatus.PENDING);
                    if (ended.second().value() instanceof RunLease lease) {
                        store().leases().release(lease.fence());
                    }
                });
    }
}
