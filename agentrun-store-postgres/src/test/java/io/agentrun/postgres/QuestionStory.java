package io.agentrun.postgres;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import java.time.Duration;
import java.util.List;

/** The part of {@link OperationStory} about questions: asked live, and by a run that is parked for them. */
final class QuestionStory {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final NewQuestion QUESTION = NewQuestion.of("which one?");
    private static final Reply THIS = Reply.text("this one");

    private final AgentRunStore store;
    private final Owner owner;
    private final OperationStory.Step step;

    QuestionStory(AgentRunStore store, Owner owner, OperationStory.Step step) {
        this.store = store;
        this.owner = owner;
        this.step = step;
    }

    void tell() {
        Run run = store.runs()
                .create(NewRun.builder(owner, RunSpec.of(BackendProfile.CODEX))
                        .session(SessionRef.of(owner.tenantId() + "-ask"))
                        .build());
        Command turn = store.commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "go")));
        Fence fence = begun(run, turn);
        Question live = step.take("questions.ask", () -> store.questions().ask(fence, QUESTION));
        step.take("questions.get", () -> store.questions().get(live.id()));
        QuestionQuery inbox =
                QuestionQuery.in(TenantScope.tenant(owner.tenantId())).withState(QuestionState.OPEN);
        step.take("questions.list of an inbox", () -> store.questions().list(inbox));
        step.take("questions.answer", () -> store.questions().answer(live.id(), THIS, "ann"));
        step.take("questions.answer again", () -> store.questions().answer(live.id(), THIS, "ann"));
        step.take("leases.park of what has ended", () -> store.leases().park(fence, List.of(live.id())));
        Question asked = store.questions().ask(fence, QUESTION);
        step.take("leases.park", () -> store.leases().park(fence, List.of(asked.id())));
        step.take("questions.answer to a parked run", () -> store.questions().answer(asked.id(), THIS, "ann"));
        Fence again = begun(run, turn);
        Question second = store.questions().ask(again, QUESTION);
        store.leases().park(again, List.of(second.id()));
        step.take("runs.cancel of a parked run", () -> store.runs().cancel(run.id(), "no", CancelMode.GRACEFUL));
    }

    private Fence begun(Run run, Command turn) {
        Fence fence = store.leases().claim(run.id(), "runner", MINUTE).fence();
        store.commands().acknowledge(fence, turn.id());
        return fence;
    }
}
