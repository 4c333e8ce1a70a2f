package io.agentrun.rules;

import io.agentrun.QuestionStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandTimes;
import io.agentrun.command.CommandType;
import io.agentrun.command.Resumed;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.StateConflictException;
import io.agentrun.lease.Fence;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionContent;
import io.agentrun.question.QuestionEnd;
import io.agentrun.question.QuestionResult;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
    private static final String TOLD_BY_TURN = "its turn was parked, and tells of it when it goes on";

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
        CommandHead turn = requireBegun(head, openCommands);
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

    /**
     * Returns the run waiting for the questions, its acknowledged commands pending again and its slots given back; empty if none of the
     * questions is open.
     *
     * @param view the run with its open commands, its session and task left out
     * @param named the questions, in the order in which the runner named them
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold
     * @throws AlreadyTerminalException if the run has ended
     * @throws StateConflictException if the run was asked to cancel, has no acknowledged turn, or has an interrupt for it
     */
    public static Change park(RunView view, List<Question> named, Fence fence, Instant now) {
        RunHead run = view.run();
        LeaseRules.requireHolder(run, fence);
        CommandHead turn = requireBegun(run, view.openCommands());
        for (CommandHead command : view.openCommands()) {
            if (command.type() == CommandType.INTERRUPT
                    && turn.id().equals(command.order().targetCommandId())) {
                throw new StateConflictException("command", turn.id(), "interrupted", "it is to be interrupted", false);
            }
        }
        List<String> waitsFor = named.stream()
                .filter(question -> question.state() == QuestionState.OPEN)
                .map(Question::id)
                .toList();
        if (waitsFor.isEmpty()) {
            return Change.none();
        }
        List<QuestionResult> results = results(named);
        int times = turn.resumed() == null ? 1 : turn.resumed().times() + 1;
        Change.Builder change = Change.builder();
        RunRules.requeue(view, change, now);
        change.put(CommandRules.pendingAgain(turn, now).toBuilder()
                .resumed(new Resumed(times, waitsFor, results))
                .build());
        toldByTurn(named, view.openCommands(), change, now);
        if (run.taskId() != null) {
            change.free(run.id());
        }
        return change.put(LeaseRules.waiting(run, now))
                .emit(StreamEvents.runParked(run, fence.runnerId(), waitsFor))
                .build();
    }

    /** Returns what became of those of the questions that have ended. */
    public static List<QuestionResult> results(List<Question> questions) {
        return questions.stream()
                .filter(question -> question.state().terminal())
                .map(QuestionResult::of)
                .toList();
    }

    /** Ends the commands that tell of questions which the resumed turn tells of. */
    private static void toldByTurn(
            List<Question> named, List<CommandHead> openCommands, Change.Builder change, Instant now) {
        Set<String> told = new HashSet<>();
        for (Question question : named) {
            if (question.end() != null && question.end().commandId() != null) {
                told.add(question.end().commandId());
            }
        }
        for (CommandHead command : openCommands) {
            if (told.contains(command.id())) {
                TurnResult result = TurnResult.of(Outcome.cancelled(TOLD_BY_TURN));
                CommandHead ended = CommandRules.ended(command, result.outcome(), now);
                change.put(ended).emit(StreamEvents.commandTerminal(ended, result));
            }
        }
    }

    /** Returns the acknowledged turn of a run that goes on. */
    private static CommandHead requireBegun(RunHead run, List<CommandHead> openCommands) {
        RunRules.requireOpen(run);
        if (run.cancelRequest() != null) {
            throw new StateConflictException("run", run.id(), "cancel-requested", "it was asked to cancel", false);
        }
        CommandHead turn = begun(openCommands);
        if (turn == null) {
            throw new StateConflictException(
                    "run", run.id(), run.status().wire(), "acknowledge the turn that asks first", false);
        }
        return turn;
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

    /**
     * Returns the id of the command that is to tell the runner: a run that was asked to cancel takes none (C-1), and one that is parked
     * for the question is told by its turn.
     */
    private static @Nullable String told(View view, String commandId) {
        return view.run().cancelRequest() == null && waiting(view) == null ? commandId : null;
    }

    /** Returns the turn that is parked for the question; null if none is. */
    private static @Nullable CommandHead waiting(View view) {
        if (view.run().status() != RunStatus.WAITING) {
            return null;
        }
        for (CommandHead command : view.openCommands()) {
            if (command.resumed() != null
                    && command.resumed().waitsFor().contains(view.question().id())) {
                return command;
            }
        }
        return null;
    }

    private static Change end(View view, QuestionState state, QuestionEnd how, Instant now) {
        Question ended = view.question().ended(state, how);
        RunHead run = view.run();
        RunHead next = run.withOpenQuestions(run.openQuestions() - 1);
        Change.Builder change = Change.builder().put(ended).emit(StreamEvents.questionAnswered(ended));
        CommandHead turn = waiting(view);
        if (turn != null && turn.resumed() != null) {
            Resumed left = turn.resumed().with(QuestionResult.of(ended));
            change.put(turn.toBuilder().resumed(left).build());
            if (left.waitsFor().isEmpty()) {
                next = LeaseRules.resumed(next, now);
                change.emit(StreamEvents.runResumed(run));
            }
        }
        change.put(next);
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

    /** Withdraws the open questions of a turn that ends, and returns its run without them, pending if it waited for them. */
    static RunHead turnEnded(
            RunHead run, CommandHead turn, List<Question> questions, Change.Builder change, Instant now) {
        int left = questions.size();
        for (Question question : questions) {
            if (question.turnId().equals(turn.id())) {
                withdraw(question, TURN_ENDED, change, now);
                left--;
            }
        }
        RunHead next = left == questions.size() ? run : run.withOpenQuestions(left);
        boolean waits = run.status() == RunStatus.WAITING
                && turn.resumed() != null
                && !turn.resumed().waitsFor().isEmpty();
        if (!waits) {
            return next;
        }
        change.emit(StreamEvents.runResumed(run));
        return LeaseRules.resumed(next, now);
    }

    private static void withdraw(Question question, String reason, Change.Builder change, Instant now) {
        Question withdrawn = question.ended(QuestionState.WITHDRAWN, new QuestionEnd(null, null, reason, null, now));
        change.put(withdrawn).emit(StreamEvents.questionAnswered(withdrawn));
    }
}
