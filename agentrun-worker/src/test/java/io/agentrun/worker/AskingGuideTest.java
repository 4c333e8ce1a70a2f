package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.model.TenantScope;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.RunStatus;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The program of docs/questions.md is parked and goes on; that the page shows it line for line is tested with all pages. */
class AskingGuideTest extends AgentWorkerScenario {

    @Test
    void it_asks_is_parked_and_goes_on_with_the_answer() throws Exception {
        QueueTask task = task("tidy up");
        try (AgentWorker worker = AskingGuide.start(store)) {
            Question asked = parked(task);
            store.questions().answer(asked.id(), Reply.option("yes"), "ann");

            long seen = 0;
            while (!store.runs().get(asked.runId()).isTerminal()) {
                seen = store.events()
                        .await(asked.runId(), seen, 100, Duration.ofSeconds(30))
                        .nextAfterSeq();
            }

            assertThat(store.runs().get(asked.runId()).status()).isEqualTo(RunStatus.COMPLETED);
            assertThat(output(asked.runId())).containsExactly("looking around", "deleted");
            assertThat(worker).isNotNull();
        }
    }

    private Question parked(QueueTask task) {
        QuestionQuery inbox = QuestionQuery.in(TenantScope.all()).withState(QuestionState.OPEN);
        while (true) {
            List<Question> open = store.questions().list(inbox).items();
            if (!open.isEmpty() && store.runs().get(open.get(0).runId()).status() == RunStatus.WAITING) {
                assertThat(store.runs().get(open.get(0).runId()).taskId()).isEqualTo(Objects.requireNonNull(task.id()));
                return open.get(0);
            }
            Thread.onSpinWait();
        }
    }
}
