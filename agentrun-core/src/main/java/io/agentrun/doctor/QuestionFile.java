package io.agentrun.doctor;

import io.agentrun.AgentRunStore;
import io.agentrun.command.CommandType;
import io.agentrun.error.NotFoundException;
import io.agentrun.inspect.Bounds;
import io.agentrun.inspect.Finding.Subject;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionEnd;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A run that has questions, with all of them. Immutable.
 *
 * @param commands the run's commands
 * @param whole whether all its questions and commands were read
 */
record QuestionFile(Run run, List<Question> questions, List<CommandHead> commands, boolean whole) {

    /** Reads the run; empty if there is none (any more). */
    static Optional<QuestionFile> read(AgentRunStore store, String runId, Bounds bounds) {
        try {
            Run run = store.runs().get(runId);
            List<CommandHead> commands = new ArrayList<>();
            boolean whole = RunFile.commands(store, runId, bounds, commands, new ArrayList<>());
            List<Question> questions = new ArrayList<>();
            QuestionQuery query =
                    QuestionQuery.in(TenantScope.all()).withRunId(runId).withLimit(bounds.page());
            String cursor = null;
            do {
                Page<Question> page = store.questions().list(query.withCursor(cursor));
                questions.addAll(page.items());
                cursor = page.nextCursor();
                if (cursor != null && questions.size() >= bounds.records()) {
                    whole = false;
                    cursor = null;
                }
            } while (cursor != null);
            return Optional.of(new QuestionFile(run, List.copyOf(questions), List.copyOf(commands), whole));
        } catch (NotFoundException purged) {
            return Optional.empty();
        }
    }

    static void check(QuestionFile file, Findings findings) {
        Set<String> keys = new HashSet<>();
        long open = 0;
        for (Question question : file.questions) {
            file.check(question, findings);
            open += question.state() == QuestionState.OPEN ? 1 : 0;
            findings.require(
                    question.idempotency() == null
                            || keys.add(question.idempotency().key()),
                    Rule.I_1,
                    Subject.QUESTION,
                    question.id(),
                    "another question of its run has its key");
        }
        findings.require(
                !file.whole || open == file.run.openQuestions(),
                Rule.A_1,
                Subject.RUN,
                file.run.id(),
                "it says another number of open questions than it has");
        file.parked(findings);
    }

    /** A parked turn waits for open questions, and for no other. */
    private void parked(Findings findings) {
        Set<String> open = questions.stream()
                .filter(question -> question.state() == QuestionState.OPEN)
                .map(Question::id)
                .collect(Collectors.toSet());
        for (CommandHead command : commands) {
            findings.require(
                    !whole
                            || command.resumed() == null
                            || open.containsAll(command.resumed().waitsFor()),
                    Rule.A_9,
                    Subject.COMMAND,
                    command.id(),
                    "its run waits for a question that is not open");
        }
    }

    private void check(Question question, Findings findings) {
        boolean isOpen = question.state() == QuestionState.OPEN;
        QuestionEnd end = question.end();
        findings.require(
                isOpen == (end == null),
                Rule.A_2,
                Subject.QUESTION,
                question.id(),
                "it is open and has an end, or neither");
        findings.require(
                end == null || (end.reply() != null) == (question.state() == QuestionState.ANSWERED),
                Rule.A_2,
                Subject.QUESTION,
                question.id(),
                "it has an answer exactly if it is answered");
        findings.requireSame(
                question.owner(), run.owner(), Rule.A_1, Subject.QUESTION, question.id(), "its run is another owner's");
        findings.requireSame(
                question.sessionId(),
                run.sessionId(),
                Rule.A_1,
                Subject.QUESTION,
                question.id(),
                "its run is in another session");
        CommandHead turn = commands.stream()
                .filter(command -> command.id().equals(question.turnId()))
                .findFirst()
                .orElse(null);
        findings.require(
                !whole || (turn != null && turn.type() == CommandType.TURN),
                Rule.A_1,
                Subject.QUESTION,
                question.id(),
                "it is of no turn of its run");
        findings.require(
                !isOpen || turn == null || !turn.state().terminal(),
                Rule.A_5,
                Subject.QUESTION,
                question.id(),
                "it is open, and its turn has ended");
    }
}
