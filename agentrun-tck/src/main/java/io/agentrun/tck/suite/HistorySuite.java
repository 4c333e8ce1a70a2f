package io.agentrun.tck.suite;

import io.agentrun.command.NewCommand;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.tck.Proves;
import io.agentrun.tck.history.RunHistory;
import org.junit.jupiter.api.Test;

/**
 * Callers that meet on one run: there is an order of their calls that explains each answer and what is stored in the end.
 *
 * <p>{@code -Dagentrun.tck.histories=500} records more histories of each kind. Not thread-safe: one thread at a time.
 */
public abstract class HistorySuite extends ConformanceSuite {

    private static final int HISTORIES = 15;

    /** For adapters. */
    protected HistorySuite() {}

    @Test
    @Proves({Rule.L_1, Rule.L_2, Rule.R_2, Rule.E_1, Rule.C_6})
    void callers_on_a_pending_run_agree_on_one_order() {
        for (int seed = 1; seed <= histories(); seed++) {
            Run run = withCommands();
            RunHistory.check(store(), second(), run.id(), null, seed);
        }
    }

    @Test
    @Proves({Rule.L_1, Rule.L_6, Rule.R_3, Rule.R_6, Rule.E_1, Rule.E_2, Rule.C_6, Rule.C_7})
    void callers_on_a_claimed_run_agree_on_one_order() {
        for (int seed = 1; seed <= histories(); seed++) {
            RunLease lease = given().claimed(withCommands());
            RunHistory.check(store(), second(), lease.run().id(), lease.fence(), seed);
        }
    }

    @Test
    @Proves({Rule.L_1, Rule.L_4, Rule.L_5, Rule.L_8, Rule.R_7, Rule.E_1})
    void callers_on_a_run_whose_lease_has_run_out_agree_on_one_order() {
        for (int seed = 1; seed <= histories(); seed++) {
            Run run = withCommands();
            RunLease lease = given().claimed(run);
            store().commands()
                    .acknowledge(
                            lease.fence(),
                            store().commands()
                                    .list(run.id(), 0, 1)
                                    .items()
                                    .get(0)
                                    .id());
            advance(Given.PAST_LEASE);
            RunHistory.check(store(), second(), run.id(), lease.fence(), seed);
        }
    }

    private static int histories() {
        return Integer.getInteger("agentrun.tck.histories", HISTORIES);
    }

    /** A pending run with an active turn, a steer for it, and a turn that waits. */
    private Run withCommands() {
        Run run = given().runWithAttempts(3);
        given().turn(run);
        store().commands().create(run.id(), NewCommand.steer(JsonObject.of("prompt", "rather so")));
        given().turn(run);
        return run;
    }
}
