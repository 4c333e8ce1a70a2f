package io.agentrun.lease;

import io.agentrun.check.Require;
import io.agentrun.question.QuestionResult;
import io.agentrun.run.Run;
import java.util.List;

/**
 * What became of the wish to park a run.
 *
 * <p>Immutable.
 */
public sealed interface Parking {

    /**
     * The run waits, and its lease is over: the runner stops, and writes nothing more.
     *
     * @param run the run, which is {@code waiting}
     */
    record Parked(Run run) implements Parking {

        /**
         * Checks that the run is given.
         *
         * @throws io.agentrun.error.InvalidInputException if it is null
         */
        public Parked {
            Require.given("run", run);
        }
    }

    /**
     * None of the questions was open any more, and nothing has changed: the runner goes on under its lease.
     *
     * @param results what became of each question, in the order in which they were named
     */
    record Answered(List<QuestionResult> results) implements Parking {

        /**
         * Checks and copies the results.
         *
         * @throws io.agentrun.error.InvalidInputException if one is null
         */
        public Answered {
            results = Require.items("results", results);
        }
    }
}
