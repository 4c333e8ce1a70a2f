package io.agentrun.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.QuestionOption;
import io.agentrun.question.Reply;
import java.time.Duration;
import java.util.List;

/** The program of docs/questions.md about asking from a worker. */
final class AskingGuide {

    private AskingGuide() {}

    static AgentWorker start(AgentRunStore store) {
        // guide begins
        AgentWorker worker = AgentWorker.builder(store, "codex-host")
                .parkAfter(Duration.ZERO)
                .agent(Agent.resuming(turn -> {
                    if (turn.resumed().isEmpty()) {
                        turn.events().line("looking around");
                    }
                    NewQuestion question = NewQuestion.of("Delete build/?")
                            .withOptions(List.of(QuestionOption.of("yes", "Yes"), QuestionOption.of("no", "No")))
                            .withIdempotencyKey("delete-build");
                    Reply reply = turn.ask(question).reply();
                    boolean agreed = reply != null && "yes".equals(reply.optionId());
                    turn.events().line(agreed ? "deleted" : "left alone");
                    return TurnResult.of(Outcome.completed());
                }))
                .start();
        // guide ends
        return worker;
    }
}
