package io.agentrun.benchmark.scenario.growth;

import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.measure.Pace;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Life;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.benchmark.scenario.write.Appender;
import io.agentrun.benchmark.scenario.write.Drain;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Fence;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueQuery;
import io.agentrun.run.RunQuery;
import io.agentrun.session.SessionQuery;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;

/**
 * Three days of work and purge, and then the same operations on that store and on a young one, taking turns. The young one has a few
 * pages of records, so that pages are full on both sides. Statistics are left out: they count what is kept.
 */
public final class GrowthScenario implements Scenario {

    private static final int DAYS = 3;
    private static final int THREADS = 8;
    private static final int PAGE = 100;
    private static final TenantScope SCOPE = TenantScope.project(Given.OWNER.tenantId(), Given.OWNER.projectId());

    @Override
    public String key() {
        return "growth";
    }

    @Override
    public String what() {
        return "after three days of tasks and of purge, against a store with two hundred tasks; runs only where it is named";
    }

    /** With a million tasks a day it takes hours. */
    @Override
    public boolean onlyByName() {
        return true;
    }

    @Override
    public void run(Lab lab) throws SQLException {
        try (Bed young = lab.bed();
                Bed grown = lab.bed()) {
            new Days(young, 2 * PAGE).pass();
            Days days = new Days(grown, lab.day());
            Disk disk = new Disk(grown);
            for (int day = 1; day <= DAYS; day++) {
                days.pass();
                disk.report(lab, day, lab.day());
            }
            grown.settle();
            compare(lab, "append 1 event", young, grown, GrowthScenario::appends);
            compare(lab, "claimNext", young, grown, GrowthScenario::claims);
            compare(lab, "whole life of a run", young, grown, GrowthScenario::lives);
            compare(lab, Names.DRAIN, young, grown, bed -> Drain.by(bed, THREADS));
            compare(
                    lab,
                    "first page of sessions",
                    young,
                    grown,
                    bed -> pages(() ->
                            bed.store().sessions().list(SessionQuery.in(SCOPE).withLimit(PAGE))));
            compare(
                    lab,
                    "first page of runs",
                    young,
                    grown,
                    bed -> pages(
                            () -> bed.store().runs().list(RunQuery.in(SCOPE).withLimit(PAGE))));
            compare(
                    lab,
                    "first page of tasks",
                    young,
                    grown,
                    bed -> pages(
                            () -> bed.store().queue().list(QueueQuery.in(SCOPE).withLimit(PAGE))));
        }
    }

    private static void compare(Lab lab, String name, Bed young, Bed grown, Function<Bed, Contender> contender)
            throws SQLException {
        Pace pace = lab.pace();
        List<Series> done = Alternation.of(pace, List.of(contender.apply(grown), contender.apply(young)));
        lab.report(Result.of(Names.grown(name), THREADS, done.get(0), done.get(1)));
    }

    private static Contender appends(Bed bed) {
        List<Fence> runs = Given.leased(bed.store(), THREADS);
        return Contender.of(THREADS, i -> new Appender(bed.store(), List.of(runs.get(i)), 1));
    }

    private static Contender claims(Bed bed) {
        return Contender.of(THREADS, i -> () -> {
            Given.pending(bed.store());
            return bed.store()
                    .leases()
                    .claimNext(ClaimRequest.by("runner", Given.LEASE))
                    .isPresent();
        });
    }

    private static Contender lives(Bed bed) {
        return Contender.of(THREADS, i -> {
            Life life = new Life(bed.store(), "runner-" + i);
            return () -> {
                life.live();
                return true;
            };
        });
    }

    private static Contender pages(Runnable read) {
        return Contender.of(THREADS, i -> () -> {
            read.run();
            return true;
        });
    }
}
