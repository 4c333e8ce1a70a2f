package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.NewCommand;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.GroupedStore;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.tck.Race;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs, turns and tasks that are created at the same moment share transactions, and none waits for what one of them waits for. */
class GroupedCreationsTest {

    private static final Owner OWNER = new Owner("t", "p");
    private static final RunSpec SPEC = RunSpec.of(BackendProfile.CODEX);
    private static final int CALLERS = 12;

    private GroupedStore group;
    private PostgresAgentRunStore store;

    @BeforeEach
    void open() {
        group = new GroupedStore();
        store = group.store();
    }

    @AfterEach
    void close() {
        group.close();
    }

    private static NewRun runIn(String session) {
        return NewRun.builder(OWNER, SPEC).session(SessionRef.of(session)).build();
    }

    private static <T> List<Future<Race.Finish<T>>> background(IntFunction<T> call) {
        List<Future<Race.Finish<T>>> calls = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            int number = i;
            calls.add(Race.background(() -> call.apply(number)));
        }
        return calls;
    }

    /** Returns when all but the first have come to an end, whose value they have. */
    private static <T> void allButTheFirst(List<Future<Race.Finish<T>>> calls) {
        calls.subList(1, CALLERS).forEach(Race::value);
        assertThat(calls.get(0)).isNotDone();
    }

    @Test
    void one_whose_new_session_a_host_is_about_to_commit_holds_nobody_else_up() throws SQLException {
        try (Connection host = group.database().pool(1).getConnection()) {
            host.setAutoCommit(false);
            store.in(host).runs().create(runIn("session-0"));

            List<Future<Race.Finish<Run>>> calls = background(i -> store.runs().create(runIn("session-" + i)));

            allButTheFirst(calls);
            host.commit();
            String last = Race.value(calls.get(0)).id();
            assertThat(store.sessions().get("session-0").activity().lastRunId()).isEqualTo(last);
        }
    }

    @Test
    void one_whose_session_is_held_holds_nobody_else_up() throws SQLException {
        for (int i = 0; i < CALLERS; i++) {
            store.runs().create(runIn("session-" + i));
        }
        try (Connection host = group.database().pool(1).getConnection()) {
            host.setAutoCommit(false);
            store.in(host).runs().create(runIn("session-0"));

            List<Future<Race.Finish<Run>>> calls = background(i -> store.runs().create(runIn("session-" + i)));

            allButTheFirst(calls);
            host.rollback();
            Race.value(calls.get(0));
        }
    }

    @Test
    void one_whose_run_is_held_holds_nobody_else_up() throws SQLException {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            runs.add(i % 2 == 0 ? group.newRun() : store.runs().create(runIn("session-" + i)));
        }
        NewCommand turn = NewCommand.turn(JsonObject.of("prompt", "go"));
        try (Connection host = group.database().pool(1).getConnection()) {
            host.setAutoCommit(false);
            store.in(host).commands().create(runs.get(0).id(), turn);

            List<Future<Race.Finish<Long>>> calls = background(
                    i -> store.commands().create(runs.get(i).id(), turn).seq());

            allButTheFirst(calls);
            host.commit();
            assertThat(Race.value(calls.get(0))).isEqualTo(2);
        }
    }

    @Test
    void what_is_created_together_is_in_the_feeds_once() {
        TenantScope scope = TenantScope.tenant(OWNER.tenantId());
        String sessions = store.sessions().changes(scope, null, 100).cursor();
        String tasks = store.queue().changes(scope, null, 100).cursor();
        Set<String> wanted = new HashSet<>();
        for (int round = 0; round < 10; round++) {
            String prefix = "session-" + round + "-";
            List<Race.Finish<Run>> made =
                    Race.of(CALLERS, i -> () -> store.runs().create(runIn(prefix + i)));
            assertThat(Race.failures(made)).isEmpty();
            List<Race.Finish<QueueTask>> queued = Race.of(
                    CALLERS,
                    i -> () -> store.queue()
                            .create(NewQueueTask.builder(OWNER, "q", "T", SPEC).build()));
            Race.values(queued).forEach(task -> wanted.add(task.id()));

            var newSessions = store.sessions().changes(scope, sessions, 100);
            assertThat(newSessions.items())
                    .hasSize(CALLERS)
                    .extracting(Session::id)
                    .allMatch(id -> id.startsWith(prefix));
            Race.values(made)
                    .forEach(run -> store.commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "go"))));
            List<Race.Finish<Run>> again =
                    Race.of(CALLERS, i -> () -> store.runs().create(runIn(prefix + i)));
            assertThat(Race.failures(again)).isEmpty();

            var touched = store.sessions().changes(scope, newSessions.cursor(), 100);
            assertThat(touched.items())
                    .extracting(Session::id)
                    .containsExactlyInAnyOrderElementsOf(
                            newSessions.items().stream().map(Session::id).toList());
            sessions = touched.cursor();
        }
        assertThat(store.queue().changes(scope, tasks, 500).items())
                .extracting(QueueTask::id)
                .containsExactlyInAnyOrderElementsOf(wanted);
    }
}
