package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandPage;
import io.agentrun.event.EventPage;
import io.agentrun.event.RunEvent;
import io.agentrun.run.Run;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/**
 * Records that must not change while a call is refused or has nothing to do: runs with their commands and events, sessions
 * and tasks, versions included (G-3).
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Watch {

    private static final int PAGE = 500;

    private final AgentRunStore store;
    private final Set<String> runs = new LinkedHashSet<>();
    private final Set<String> sessions = new LinkedHashSet<>();
    private final Set<String> tasks = new LinkedHashSet<>();

    private Watch(AgentRunStore store) {
        this.store = store;
    }

    /** A watch on nothing yet. */
    static Watch on(AgentRunStore store) {
        return new Watch(store);
    }

    /** Watches the run and its session, if it has one, and all its commands and events. */
    Watch run(Run run) {
        runs.add(run.id());
        if (run.sessionId() != null) {
            sessions.add(run.sessionId());
        }
        if (run.taskId() != null) {
            tasks.add(run.taskId());
        }
        return this;
    }

    /** Watches the session. */
    Watch session(String sessionId) {
        sessions.add(sessionId);
        return this;
    }

    /** Watches the task. */
    Watch task(String taskId) {
        tasks.add(taskId);
        return this;
    }

    /** The exception that the call throws, of the given type and without a change to what is watched. */
    <X extends Throwable> X refuses(Class<X> type, Callable<?> call) {
        List<Object> before = seen();

        Throwable thrown = catchThrowable(call::call);

        assertThat(thrown).isExactlyInstanceOf(type);
        assertThat(seen()).isEqualTo(before);
        return type.cast(thrown);
    }

    /** What the call returns, without a change to what is watched. */
    <T> T unchangedBy(Supplier<T> call) {
        List<Object> before = seen();

        T value = call.get();

        assertThat(seen()).isEqualTo(before);
        return value;
    }

    /** What is watched, as it is now. */
    List<Object> now() {
        return seen();
    }

    /** All commands of a run. */
    static List<Command> commands(AgentRunStore store, String runId) {
        List<Command> all = new ArrayList<>();
        long after = 0;
        while (true) {
            CommandPage page = store.commands().list(runId, after, PAGE);
            all.addAll(page.items());
            if (page.items().isEmpty()) {
                return all;
            }
            assertThat(page.nextAfterSeq()).isGreaterThan(after);
            after = page.nextAfterSeq();
        }
    }

    /** All events of a run. */
    static List<RunEvent> events(AgentRunStore store, String runId) {
        List<RunEvent> all = new ArrayList<>();
        long after = 0;
        while (true) {
            EventPage page = store.events().list(runId, after, PAGE);
            all.addAll(page.items());
            if (page.items().isEmpty()) {
                return all;
            }
            assertThat(page.nextAfterSeq()).isGreaterThan(after);
            after = page.nextAfterSeq();
        }
    }

    private List<Object> seen() {
        List<Object> seen = new ArrayList<>();
        for (String id : runs) {
            seen.add(store.runs().get(id));
            seen.addAll(commands(store, id));
            seen.addAll(events(store, id));
        }
        sessions.forEach(id -> seen.add(store.sessions().get(id)));
        tasks.forEach(id -> seen.add(store.queue().get(id)));
        return seen;
    }
}
