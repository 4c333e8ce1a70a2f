package io.agentrun.benchmark.scenario.read;

import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.postgres.Copies;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.lease.Fence;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Run;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionUpsert;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Pages of sessions and of tasks: the first one, and one in the middle of them all. */
public final class PageScenario implements Scenario {

    private static final int PAGE = 100;

    @Override
    public String key() {
        return "pages";
    }

    @Override
    public String what() {
        return "pages of 100 among 10,000 and 100,000 sessions, 100,000 tasks and 100,000 open questions";
    }

    @Override
    public void run(Lab lab) throws SQLException {
        sessions(lab, 10_000);
        sessions(lab, 100_000);
        tasks(lab, 100_000);
        questions(lab, 100_000);
    }

    private static void questions(Lab lab, int count) throws SQLException {
        try (Bed bed = lab.bed()) {
            Run run = Given.pending(bed.store());
            bed.store().commands().create(run.id(), NewCommand.turn(Given.PROMPT));
            Fence fence =
                    bed.store().leases().claim(run.id(), "runner", Given.LEASE).fence();
            Command turn = bed.store().commands().list(run.id(), 0, 1).items().get(0);
            bed.store().commands().acknowledge(fence, turn.id());
            Question first = bed.store().questions().ask(fence, NewQuestion.of("Delete the old branch?"));
            new Copies(bed).ofQuestion(first.id(), count - 1);
            bed.settle();
            QuestionQuery query =
                    QuestionQuery.in(scope()).withState(QuestionState.OPEN).withLimit(PAGE);
            Function<@Nullable String, Page<Question>> read =
                    cursor -> bed.store().questions().list(query.withCursor(cursor));
            measure(lab, Names.inbox(count), "page in the middle of %,d open questions", count, read);
        }
    }

    private static void sessions(Lab lab, int count) throws SQLException {
        try (Bed bed = lab.bed()) {
            bed.store()
                    .sessions()
                    .upsert(SessionUpsert.builder("session", Given.OWNER, Given.SPEC.backendProfile())
                            .build());
            new Copies(bed).ofSession("session", count - 1);
            bed.settle();
            SessionQuery query = SessionQuery.in(scope()).withLimit(PAGE);
            Function<@Nullable String, Page<SessionSummary>> read =
                    cursor -> bed.store().sessions().list(query.withCursor(cursor));
            measure(lab, Names.sessionPage(count), "page in the middle of %,d sessions", count, read);
        }
    }

    private static void tasks(Lab lab, int count) throws SQLException {
        try (Bed bed = lab.bed()) {
            new Copies(bed).ofTask(Given.task(bed.store()).id(), count - 1);
            bed.settle();
            QueueQuery query = QueueQuery.in(scope()).withLimit(PAGE);
            Function<@Nullable String, Page<QueueTask>> read =
                    cursor -> bed.store().queue().list(query.withCursor(cursor));
            measure(lab, Names.taskPage(count), "page in the middle of %,d tasks", count, read);
        }
    }

    private static TenantScope scope() {
        return TenantScope.project(Given.OWNER.tenantId(), Given.OWNER.projectId());
    }

    private static <T> void measure(
            Lab lab, String first, String deep, int count, Function<@Nullable String, Page<T>> read)
            throws SQLException {
        String middle = Walk.to(count / PAGE / 2, read);
        List<Series> done = Alternation.of(
                lab.pace(),
                List.of(
                        Contender.of(1, i -> Walk.of(null, PAGE, read)),
                        Contender.of(1, i -> Walk.of(middle, PAGE, read))));
        lab.report(Result.of(first, 1, done.get(0)));
        lab.report(Result.of(
                String.format(Locale.ROOT, deep, count) + ", against the first", 1, done.get(1), done.get(0)));
    }
}
