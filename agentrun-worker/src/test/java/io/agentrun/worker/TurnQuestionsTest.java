package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.command.FinishedTurn;
import io.agentrun.command.NewCommand;
import io.agentrun.command.Resumed;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TerminalStatus;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionResult;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** An agent that asks: answered while it waits, and parked where it can resume. */
class TurnQuestionsTest extends AgentWorkerScenario {

    private static final NewQuestion QUESTION = NewQuestion.of("which one?").withIdempotencyKey("which");

    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

    private static String text(QuestionResult result) {
        Reply reply = result.reply();
        return reply == null
                ? result.state().wire()
                : String.valueOf(reply.content().toJson());
    }

    /** Asks, and says what it was answered. */
    private TurnResult asks(Turn turn) throws InterruptedException {
        said.add("begins " + turn.resumed().map(Resumed::times).orElse(0));
        said.add(text(turn.ask(QUESTION)));
        return DONE;
    }

    private Question open() throws InterruptedException {
        QuestionQuery inbox = QuestionQuery.in(TenantScope.all()).withState(QuestionState.OPEN);
        while (true) {
            List<Question> open = store.questions().list(inbox).items();
            if (!open.isEmpty()) {
                return open.get(0);
            }
            Thread.onSpinWait();
        }
    }

    private void answer(Question question, String text) {
        store.questions().answer(question.id(), Reply.text(text), "ann");
    }

    @Test
    void an_agent_that_does_not_resume_waits_under_its_lease() throws Exception {
        try (AgentWorker worker =
                worker(store, this::asks).parkAfter(Duration.ZERO).start()) {
            task("ask");
            Question asked = open();
            assertThat(store.runs().get(asked.runId()).status()).isEqualTo(RunStatus.RUNNING);
            answer(asked, "this one");

            FinishedTurn finished = next(told.finished);

            assertThat(finished.run().status()).isEqualTo(RunStatus.COMPLETED);
            assertThat(said).containsExactly("begins 0", text(result(asked)));
            assertThat(told.parked).isEmpty();
            assertThat(store.commands().list(asked.runId(), 1, 10).items())
                    .allMatch(command -> command.state().terminal());
            assertThat(worker).isNotNull();
        }
    }

    private QuestionResult result(Question asked) {
        return QuestionResult.of(store.questions().get(asked.id()));
    }

    @Test
    void an_agent_that_resumes_is_parked_and_goes_on_in_another_worker() throws Exception {
        Agent agent = Agent.resuming(this::asks);
        QueueTask task = task("ask");
        Question asked;
        try (AgentWorker worker = worker(store, agent).parkAfter(Duration.ZERO).start()) {
            Run parked = Recorder.next(told.parked);
            asked = open();
            assertThat(parked.id()).isEqualTo(asked.runId());
            assertThat(store.runs().get(asked.runId()).status()).isEqualTo(RunStatus.WAITING);
            assertThat(worker).isNotNull();
        }
        assertThat(told.lost).isEmpty();
        assertThat(told.finished).isEmpty();
        assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.RUNNING);
        answer(asked, "this one");

        try (AgentWorker other = worker(store, agent).start()) {
            FinishedTurn finished = next(told.finished);

            assertThat(finished.run().id()).isEqualTo(asked.runId());
            assertThat(finished.run().status()).isEqualTo(RunStatus.COMPLETED);
            assertThat(said).containsExactly("begins 0", "begins 1", text(result(asked)));
            assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.COMPLETED);
            assertThat(other).isNotNull();
        }
    }

    @Test
    void an_answer_in_time_needs_no_park() throws Exception {
        try (AgentWorker worker = worker(store, Agent.resuming(this::asks))
                .parkAfter(Duration.ofHours(1))
                .start()) {
            task("ask");
            answer(open(), "this one");

            assertThat(next(told.finished).run().status()).isEqualTo(RunStatus.COMPLETED);
            assertThat(told.parked).isEmpty();
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void an_agent_that_cannot_resume_never_begins_a_parked_turn_anew() throws Exception {
        task("ask");
        try (AgentWorker worker = worker(store, Agent.resuming(this::asks))
                .parkAfter(Duration.ZERO)
                .start()) {
            Recorder.next(told.parked);
            assertThat(worker).isNotNull();
        }
        answer(open(), "this one");

        try (AgentWorker other = worker(store, this::asks).start()) {
            FinishedTurn finished = next(told.finished);

            Outcome outcome = Objects.requireNonNull(finished.run().outcome());
            assertThat(outcome.status()).isEqualTo(TerminalStatus.BLOCKED);
            assertThat(said).containsExactly("begins 0");
            assertThat(other).isNotNull();
        }
    }

    @Test
    void an_agent_that_swallows_the_park_is_parked_all_the_same() throws Exception {
        Agent agent = Agent.resuming(turn -> {
            try {
                return asks(turn);
            } catch (TurnParkedException e) {
                said.add("parked on " + e.questionIds().size());
                return TurnResult.of(Outcome.completed());
            }
        });
        try (AgentWorker worker = worker(store, agent).parkAfter(Duration.ZERO).start()) {
            task("ask");

            Run parked = Recorder.next(told.parked);

            assertThat(store.runs().get(parked.id()).status()).isEqualTo(RunStatus.WAITING);
            assertThat(said).containsExactly("begins 0", "parked on 1");
            assertThat(told.finished).isEmpty();
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void several_questions_are_waited_for_together() throws Exception {
        try (AgentWorker worker = worker(store, turn -> {
                    turn.askAll(List.of(NewQuestion.of("one?"), NewQuestion.of("two?")))
                            .forEach(result -> said.add(text(result)));
                    return DONE;
                })
                .start()) {
            task("ask");
            answer(open(), "first");
            answer(open(), "second");

            next(told.finished);

            assertThat(said).hasSize(2).first().asString().contains("first");
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void a_cancel_ends_the_wait() throws Exception {
        try (AgentWorker worker = worker(store, this::asks).start()) {
            task("ask");
            Question asked = open();

            store.runs().cancel(asked.runId(), "no more");

            assertThat(next(told.finished).run().status()).isEqualTo(RunStatus.CANCELLED);
            assertThat(store.questions().get(asked.id()).state()).isEqualTo(QuestionState.WITHDRAWN);
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void an_interrupt_ends_the_turn_that_waits() throws Exception {
        try (AgentWorker worker = worker(store, this::asks).start()) {
            task("ask");
            Question asked = open();

            store.commands().create(asked.runId(), NewCommand.interrupt(JsonObject.empty()));

            assertThat(next(told.finished).turn().outcome()).isNotNull();
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void a_park_whose_answer_was_lost_is_a_park() throws Exception {
        AgentRunStore losing = new LostAnswer(store, "park").store();
        try (AgentWorker worker = worker(losing, Agent.resuming(this::asks))
                .parkAfter(Duration.ZERO)
                .start()) {
            task("ask");

            Run parked = Recorder.next(told.parked);

            assertThat(store.runs().get(parked.id()).status()).isEqualTo(RunStatus.WAITING);
            assertThat(told.lost).isEmpty();
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void output_before_the_park_is_stored() throws Exception {
        try (AgentWorker worker = worker(store, Agent.resuming(turn -> {
                    turn.events().line("before");
                    return asks(turn);
                }))
                .parkAfter(Duration.ZERO)
                .start()) {
            task("ask");

            Run parked = Recorder.next(told.parked);

            assertThat(output(parked.id())).containsExactly("before");
            assertThat(worker).isNotNull();
        }
    }
}
