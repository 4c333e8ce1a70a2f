package io.agentrun.memory;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.Reply;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A program that parks runs and answers every third, and says what was acknowledged, until it is killed. */
final class ParkWriter {

    private ParkWriter() {}

    /** Takes the file and a name that no other writer has. */
    public static void main(String[] arguments) {
        try (AgentRunStore store = InMemoryAgentRunStore.open(Path.of(arguments[0]))) {
            for (int i = 0; ; i++) {
                Run run = store.runs()
                        .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                                .session(SessionRef.of(arguments[1] + "-" + i))
                                .build());
                Command turn = store.commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "go")));
                RunLease lease = store.leases().claim(run.id(), "runner", Duration.ofHours(1));
                store.commands().acknowledge(lease.fence(), turn.id());
                Question asked = store.questions().ask(lease.fence(), NewQuestion.of("which one?"));
                store.leases().park(lease.fence(), List.of(asked.id()));
                say("parked", run, asked);
                if (i % 3 == 0) {
                    store.questions().answer(asked.id(), Reply.text("this one"), "ann");
                    say("answered", run, asked);
                }
            }
        }
    }

    private static void say(String what, Run run, Question question) {
        System.out.println(what + " " + run.id() + " " + question.id() + " .");
        System.out.flush();
    }
}
