package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.event.RunEvent;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import io.agentrun.tck.Race;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * What the suites have in common whose callers meet: as many as share a transaction, and all of them succeed.
 *
 * <p>Not thread-safe: one thread at a time.
 */
abstract class MeetingCallers extends ConformanceSuite {

    static final int CALLERS = 12;

    MeetingCallers() {}

    /** Makes the calls at the same moment, and returns their answers in the order of the callers. */
    static <T> List<T> race(IntFunction<T> call) {
        List<Race.Finish<T>> finishes = Race.of(CALLERS, i -> () -> call.apply(i));
        assertThat(Race.failures(finishes)).isEmpty();
        return Race.values(finishes);
    }

    /** Returns what is made for each caller. */
    static <T> List<T> each(IntFunction<T> made) {
        return IntStream.range(0, CALLERS).mapToObj(made).toList();
    }

    Session session(String id) {
        return store().sessions().find(id).orElseThrow();
    }

    List<RunEvent> events(Run run) {
        return store().events().list(run.id(), 0, 100).items();
    }
}
