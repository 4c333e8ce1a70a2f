package io.agentrun.worker;

import io.agentrun.command.Command;
import io.agentrun.error.AgentRunException;
import io.agentrun.lease.Fence;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.question.QuestionResult;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the commands that come for a run while its agent works: steers, interrupts and answers, one after the other.
 *
 * <p>Thread-safe.
 */
final class RunCommands {

    private final WorkerContext context;
    private final StoreCalls calls;
    private final Fence fence;
    private final TurnQuestions questions;
    private final Mailbox mailbox;

    RunCommands(WorkerContext context, StoreCalls calls, Fence fence, TurnQuestions questions) {
        this.context = context;
        this.calls = calls;
        this.fence = fence;
        this.questions = questions;
        this.mailbox = new Mailbox(context.output());
    }

    /** Runs the task after all that came before it. */
    void inOrder(Runnable task) {
        mailbox.post(task);
    }

    /**
     * Takes a command.
     *
     * @param current the turn under way, if one is
     * @param interrupt ends it
     */
    void deliver(Command command, @Nullable Turn current, Runnable interrupt) {
        switch (command.type()) {
            case STEER -> {
                if (current != null) {
                    current.steer(command, handler -> steer(command, handler));
                }
            }
            case INTERRUPT -> inOrder(() -> take(command, interrupt));
            case ANSWER -> inOrder(() -> take(command, () -> questions.ended(QuestionResult.parse(command.payload()))));
            case TURN -> {
                // The next turn of the run is taken when the present one is finished.
            }
        }
    }

    private void steer(Command command, Consumer<Command> handler) {
        take(command, () -> handler.accept(command));
    }

    /** Acknowledges the command, does what it asks for, and ends it. */
    private void take(Command command, Runnable action) {
        try {
            if (calls.again(() -> context.store().commands().acknowledge(fence, command.id())) == null) {
                return;
            }
            TurnResult result = TurnResult.of(Outcome.completed());
            try {
                action.run();
            } catch (RuntimeException e) {
                result = HeldRun.failed(String.valueOf(e.getMessage()));
            }
            TurnResult reported = result;
            calls.again(() -> context.store().commands().finish(fence, command.id(), reported));
        } catch (AgentRunException refused) {
            // Its turn has ended meanwhile, and the command with it; or the run is lost, which the lease keeper hears
            // too.
            context.tell(listener -> listener.failed("steer", refused));
        }
    }
}
