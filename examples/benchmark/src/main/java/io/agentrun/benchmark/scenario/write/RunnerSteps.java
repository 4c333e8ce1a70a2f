package io.agentrun.benchmark.scenario.write;

import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.postgres.Copies;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Life;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.lease.Fence;
import io.agentrun.run.Run;
import java.util.List;

/** The steps of a runner that are measured beside plain inserts. */
public final class RunnerSteps {

    private RunnerSteps() {}

    /** Each client extends a lease of its own. */
    public static Scenario heartbeat() {
        return new RunnerScenario("heartbeat", "each caller extends its own lease", Names.HEARTBEAT, (bed, threads) -> {
            List<Fence> fences = Given.leased(bed.store(), threads);
            return Contender.of(threads, client -> () -> {
                bed.store().leases().heartbeat(fences.get(client), Given.LEASE);
                return true;
            });
        });
    }

    /** Each claim is of another waiting run. */
    public static Scenario claim() {
        return new RunnerScenario("claim", "claims of runs that are named", Names.CLAIM, (bed, threads) -> {
            Run first = Given.pending(bed.store());
            Copies copies = new Copies(bed);
            Supply<String> runs = new Supply<>(count -> copies.ofRun(first.id(), count));
            return Contender.of(threads, client -> () -> {
                        String run = runs.take();
                        if (run != null) {
                            bed.store().leases().claim(run, "runner", Given.LEASE);
                        }
                        return run != null;
                    })
                    .before(runs::fill);
        });
    }

    /** Each acknowledgement is of the turn of another leased run. */
    public static Scenario acknowledge() {
        return new RunnerScenario("acknowledge", "the first turn of leased runs", "acknowledge", (bed, threads) -> {
            Run run = Given.pending(bed.store());
            Command turn = bed.store().commands().create(run.id(), NewCommand.turn(Given.PROMPT));
            Fence first =
                    bed.store().leases().claim(run.id(), "runner", Given.LEASE).fence();
            Copies copies = new Copies(bed);
            Supply<Fence> leases = new Supply<>(count -> copies.ofLeasedRun(first, count));
            return Contender.of(threads, client -> () -> {
                        Fence fence = leases.take();
                        if (fence != null) {
                            bed.store().commands().acknowledge(fence, Copies.commandOf(turn.id(), fence.runId()));
                        }
                        return fence != null;
                    })
                    .before(leases::fill);
        });
    }

    /** All that happens to one run, again and again. */
    public static Scenario life() {
        return new RunnerScenario(
                "life",
                "create with session, turn, claim, acknowledge, 20 events one by one, finish, finish",
                Names.LIFE,
                (bed, threads) -> Contender.of(threads, client -> {
                    Life life = new Life(bed.store(), "runner-" + client);
                    return () -> {
                        life.live();
                        return true;
                    };
                }));
    }
}
