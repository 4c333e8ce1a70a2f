package io.agentrun.benchmark.scenario.read;

import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.postgres.Copies;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.model.TenantScope;
import io.agentrun.session.SessionUpsert;
import java.sql.SQLException;
import java.util.List;

/** Reading the changes of a reader that is 10,000 rows behind, page by page, again and again. */
public final class FeedScenario implements Scenario {

    private static final int BEHIND = 10_000;
    private static final int PAGE = 100;

    @Override
    public String key() {
        return "feed";
    }

    @Override
    public String what() {
        return "change feeds of sessions and tasks with 10,000 rows behind, pages of 100";
    }

    @Override
    public void run(Lab lab) throws SQLException {
        try (Bed bed = lab.bed()) {
            Copies copies = new Copies(bed);
            bed.store()
                    .sessions()
                    .upsert(SessionUpsert.builder("session", Given.OWNER, Given.SPEC.backendProfile())
                            .build());
            copies.ofSession("session", BEHIND - 1);
            copies.ofTask(Given.task(bed.store()).id(), BEHIND - 1);
            bed.settle();
            TenantScope all = TenantScope.all();
            List<Series> done = Alternation.of(
                    lab.pace(),
                    List.of(
                            Contender.of(
                                            1,
                                            i -> Walk.through(cursor ->
                                                    bed.store().sessions().changes(all, cursor, PAGE)))
                                    .counting(PAGE),
                            Contender.of(
                                            1,
                                            i -> Walk.through(cursor ->
                                                    bed.store().queue().changes(all, cursor, PAGE)))
                                    .counting(PAGE)));
            lab.report(Result.of("change feed of sessions, 10,000 behind, rows", 1, done.get(0)));
            lab.report(Result.of("change feed of tasks, 10,000 behind, rows", 1, done.get(1)));
        }
    }
}
