package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandType;
import io.agentrun.command.OnBusy;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.queue.Dispatch;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The end of a turn or a run, which withdraws its questions, whoever ends it.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class QuestionWithdrawalSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final Reply THIS = Reply.text("this one");

    /** For adapters. */
    protected QuestionWithdrawalSuite() {}

    private RunLease asking() {
        RunLease lease = given().claimed(given().runIn(given().name("session"), 3));
        given().acknowledgedTurn(lease);
        return lease;
    }

    private Question stored(Question question) {
        return store().questions().get(question.id());
    }

    /** Ends a run, or its turn, in one of the ways that there are. */
    private void withdraws(BiConsumer<AgentRunStore, RunLease> end) {
        RunLease lease = asking();
        Question first = given().question(lease);
        Question second = given().question(lease);
        advance(Duration.ofSeconds(1));

        end.accept(store(), lease);

        for (Question asked : List.of(first, second)) {
            Question ended = stored(asked);
            assertThat(ended.state()).isEqualTo(QuestionState.WITHDRAWN);
            assertThat(ended.end()).isNotNull().satisfies(how -> {
                assertThat(how.reply()).isNull();
                assertThat(how.reason()).isNotBlank();
                assertThat(how.commandId()).isNull();
            });
            assertThat(ended.version()).isGreaterThan(second.version());
        }
        Run run = store().runs().get(first.runId());
        assertThat(run.openQuestions()).isZero();
        assertThat(store().commands().list(run.id(), 0, 10).items())
                .extracting(Command::type)
                .doesNotContain(CommandType.ANSWER);
        List<RunEvent> events = events(run.id());
        assertThat(events.stream().filter(event -> event.type() == EventType.QUESTION_ANSWERED))
                .hasSize(2);
        if (run.isTerminal()) {
            assertThat(events.get(events.size() - 1).type()).isEqualTo(EventType.TERMINAL_STATUS);
        }
        watch().run(run)
                .refuses(
                        AlreadyTerminalException.class,
                        () -> store().questions().answer(first.id(), THIS, "ann"));
    }

    private static String turnOf(AgentRunStore store, RunLease lease) {
        return store.commands().list(lease.run().id(), 0, 1).items().get(0).id();
    }

    @Test
    @Proves({Rule.A_5, Rule.R_3, Rule.R_7})
    void the_runner_s_end_of_a_run_withdraws_its_questions() {
        withdraws((store, lease) -> store.runs().finish(lease.fence(), DONE));
        withdraws((store, lease) -> store.runs().finishTurn(lease.fence(), turnOf(store, lease), DONE));
    }

    @Test
    @Proves({Rule.A_5, Rule.R_4, Rule.R_5, Rule.L_8})
    void every_other_end_of_a_run_withdraws_its_questions() {
        withdraws((store, lease) -> store.runs().cancel(lease.run().id(), "no more", CancelMode.FORCE));
        withdraws((store, lease) -> {
            store.leases().release(lease.fence());
            store.runs().cancel(lease.run().id(), "no more");
        });
        withdraws((store, lease) -> {
            store.leases().release(lease.fence());
            store.runs().finishUnclaimed(lease.run().id(), Outcome.completed());
        });
        withdraws((store, lease) -> {
            store.runs().cancel(lease.run().id(), "no more");
            store.leases().release(lease.fence());
        });
        withdraws((store, lease) -> {
            store.runs().cancel(lease.run().id(), "no more");
            advance(Given.PAST_LEASE);
            store.leases().recover(lease.run().id(), lease.fence().epoch());
        });
    }

    @Test
    @Proves({Rule.A_5, Rule.C_7, Rule.C_9, Rule.R_9})
    void the_end_of_a_turn_withdraws_its_questions() {
        withdraws((store, lease) -> store.commands().finish(lease.fence(), turnOf(store, lease), DONE));
        withdraws((store, lease) -> store.commands().cancel(turnOf(store, lease), "no more"));
        withdraws((store, lease) -> {
            given().turn(lease.run());
            store.runs().finishTurn(lease.fence(), turnOf(store, lease), DONE);
        });
        withdraws((store, lease) -> {
            store.leases().release(lease.fence());
            store.commands().create(lease.run().id(), given().newTurn("another").withOnBusy(OnBusy.INTERRUPT));
        });
        withdraws((store, lease) -> {
            store.leases().release(lease.fence());
            Run other = given().runIn(Objects.requireNonNull(lease.run().sessionId()));
            store.commands().create(other.id(), given().newTurn("another").withOnBusy(OnBusy.INTERRUPT));
        });
    }

    @Test
    @Proves({Rule.A_5, Rule.Q_8})
    void cancelling_a_task_withdraws_the_questions_of_its_run() {
        String queue = given().name("queue");
        given().task(queue);
        Dispatch dispatch = given().dispatched(queue);
        RunLease lease = given().claimed(dispatch.run());
        given().acknowledged(lease.fence(), dispatch.turn());
        Question asked = given().question(lease);

        store().queue().cancel(dispatch.task().id(), "no more", CancelMode.FORCE);

        assertThat(stored(asked).state()).isEqualTo(QuestionState.WITHDRAWN);
    }

    @Test
    @Proves({Rule.A_2, Rule.A_5})
    void an_answer_that_meets_the_end_of_its_run_comes_before_or_not_at_all() {
        for (int round = 0; round < 10; round++) {
            RunLease lease = asking();
            Question asked = given().question(lease);

            Race.of(
                    2,
                    i -> () -> i == 0
                            ? store().questions().answer(asked.id(), THIS, "ann")
                            : second().runs().finish(lease.fence(), DONE));

            Question ended = stored(asked);
            Run run = store().runs().get(asked.runId());
            boolean answered = ended.state() == QuestionState.ANSWERED;
            Set<CommandType> types = store().commands().list(run.id(), 0, 10).items().stream()
                    .map(Command::type)
                    .collect(Collectors.toSet());
            assertThat(run.isTerminal()).isTrue();
            assertThat(run.openQuestions()).isZero();
            assertThat(ended.state()).isIn(QuestionState.ANSWERED, QuestionState.WITHDRAWN);
            assertThat(types.contains(CommandType.ANSWER)).isEqualTo(answered);
        }
    }
}
