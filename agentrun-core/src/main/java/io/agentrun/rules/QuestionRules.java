package io.agentrun.rules;

import io.agentrun.QuestionStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandTimes;
import io.agentrun.command.CommandType;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.StateConflictException;
import io.agentrun.lease.Fence;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionContent;
import io.agentrun.question.QuestionEnd;
import io.agentrun.question.QuestionResult;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.run.Run;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The transitions of a question: asked, answered, expired, withdrawn. Whoever writes to a question of a run holds the run's lock, so that
 * a question needs no lock of its own.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class QuestionRules {

    private static final String TURN_ENDED = "its turn ended";
    private static final String RUN_ENDED = "its run ended";

    private QuestionRules() {}

    /**
     * What a rule must see of one question, read under the lock of its run.
     *
     * <p>Immutable.
     *
     * @param run the run in which it was asked
     * @param openCommands that run's pending and acknowledged commands, by number
     * @param nextSeq the number that the run's next command will have
     */
    public record View(Question question, RunHead run, List<CommandHead> openCommands, long nextSeq) {

        public View {
            openCommands = List.copyOf(openCommands);
        }
    }

    /**
     * Returns an open question of the run's acknowledged turn.
     *
     * @param run the stored run, for its owner and session
     * @param head the same run, with what guards it
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold
     * @throws AlreadyTerminalException if the run has ended
     * @throws StateConflictException if the run was asked to cancel, has no acknowledged turn, or has too many open questions
     */
    public static Change ask(
            Run run,
            RunHead head,
            List<CommandHead> openCommands,
            Fence fence,
            NewQuestion input,
            String questionId,
            Instant now) {
        LeaseRules.requireHolder(head, fence);
        RunRules.requireOpen(head);
        if (head.cancelRequest() != null) {
            throw new StateConflictException("run", run.id(), "cancel-requested", "it was asked to cancel", false);
        }
        CommandHead turn = begun(openCommands);
        if (turn == null) {
            throw new StateConflictException(
                    "run", run.id(), head.status().wire(), "acknowledge the turn that asks first", false);
        }
        if (head.openQuestions() >= QuestionStore.MAX_OPEN) {
            throw new StateConflictException(
                    "run", run.id(), head.status().wire(), QuestionStore.MAX_OPEN + " of its questions are open", true);
        }
        Question question = new Question(
                questionId,
                run.id(),
                turn.id(),
                run.owner(),
                run.sessionId(),
                input.content(),
                QuestionState.OPEN,
                null,
                Keys.of(input.idempotencyKey(), input::contentHash),
                0,
                now,
                now.plus(input.within()));
        return Change.builder()
                .create(question)
                .put(head.withOpenQuestions(head.openQuestions() + 1))
                .emit(StreamEvents.questionAsked(question))
                .build();
    }

    private static @Nullable CommandHead begun(List<CommandHead> openCommands) {
        for (CommandHead command : openCommands) {
            if (RunRules.isTurn(command) && command.state() == CommandState.ACKNOWLEDGED) {
                return command;
            }
        }
        return null;
    }

    /**
     * Returns the question answered, and its runner told; empty if the same person has given the same answer.
     *
     * @param commandId the id of the command that tells the runner
     * @throws io.agentrun.error.InvalidInputException if the reply is no answer to this question
     * @throws AlreadyTerminalException if the question has ended otherwise, or its time is over
     */
    public static Change answer(View view, Reply reply, String answeredBy, String commandId, Instant now) {
        Question question = view.question();
        question.content().requireFitting("reply", reply);
        QuestionEnd end = question.end();
        if (end != null) {
            if (reply.equals(end.reply()) && answeredBy.equals(end.answeredBy())) {
                return Change.none();
            }
            throw new AlreadyTerminalException(
                    "question", question.id(), question.state().wire(), null);
        }
        if (isOver(question, now)) {
            throw new AlreadyTerminalException("question", question.id(), outOfTime(question), null);
        }
        return end(
                view,
                QuestionState.ANSWERED,
                new QuestionEnd(reply, answeredBy, null, told(view, commandId), now),
                now);
    }

    /** Returns how the question ends because its time is over. */
    private static String outOfTime(Question question) {
        return (question.content().fallback() == null ? QuestionState.EXPIRED : QuestionState.ANSWERED).wire();
    }

    /** Returns whether nobody can answer the question any more, though that may not be written yet. */
    public static boolean isOver(Question question, Instant now) {
        return question.state() == QuestionState.OPEN && !question.expiresAt().isAfter(now);
    }

    /** Returns the question taken back by the host, or ended by its time if that is over; empty if it had ended. */
    public static Change withdraw(View view, String reason, String commandId, Instant now) {
        if (view.question().state().terminal()) {
            return Change.none();
        }
        return isOver(view.question(), now)
                ? expire(view, commandId, now)
                : end(
                        view,
                        QuestionState.WITHDRAWN,
                        new QuestionEnd(null, null, reason, told(view, commandId), now),
                        now);
    }

    /** Returns the question ended because its time is over: by its fallback if it has one; empty if that is not so. */
    public static Change expire(View view, String commandId, Instant now) {
        if (!isOver(view.question(), now)) {
            return Change.none();
        }
        QuestionContent content = view.question().content();
        QuestionState state = content.fallback() == null ? QuestionState.EXPIRED : QuestionState.ANSWERED;
        return end(view, state, new QuestionEnd(content.fallback(), null, null, told(view, commandId), now), now);
    }

    /** Returns the id of the command that is to tell the runner: a run that was asked to cancel takes none (C-1). */
    private static @Nullable String told(View view, String commandId) {
        return view.run().cancelRequest() == null ? commandId : null;
    }

    private static Change end(View view, QuestionState state, QuestionEnd how, Instant now) {
        Question ended = view.question().ended(state, how);
        RunHead run = view.run();
        Change.Builder change = Change.builder()
                .put(ended)
                .put(run.withOpenQuestions(run.openQuestions() - 1))
                .emit(StreamEvents.questionAnswered(ended));
        if (how.commandId() != null) {
            Command answer = new Command(
                    how.commandId(),
                    run.id(),
                    view.nextSeq(),
                    CommandType.ANSWER,
                    QuestionResult.of(ended).asPayload(),
                    CommandState.PENDING,
                    null,
                    new CommandOrder(0, true, ended.turnId()),
                    null,
                    new CommandTimes(now, now, null));
            change.create(answer).emit(StreamEvents.commandCreated(answer));
        }
        return change.build();
    }

    /** Withdraws the open questions of a run that ends; the change ends the run too. */
    static void runEnded(List<Question> questions, Change.Builder change, Instant now) {
        questions.forEach(question -> withdraw(question, RUN_ENDED, change, now));
    }

    /** Withdraws the open questions of a turn that ends, and returns its run without them. */
    static RunHead turnEnded(RunHead run, String turnId, List<Question> questions, Change.Builder change, Instant now) {
        int left = questions.size();
        for (Question question : questions) {
            if (question.turnId().equals(turnId)) {
                withdraw(question, TURN_ENDED, change, now);
                left--;
            }
        }
        return left == questions.size() ? run : run.withOpenQuestions(left);
    }

    private static void withdraw(Question question, String reason, Change.Builder change, Instant now) {
        Question withdrawn = question.ended(QuestionState.WITHDRAWN, new QuestionEnd(null, null, reason, null, now));
        change.put(withdrawn).emit(StreamEvents.questionAnswered(withdrawn));
    }
}
