package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.postgres.testing.GroupedStore;
import io.agentrun.postgres.testing.TestServer;
import io.agentrun.run.Run;
import io.agentrun.tck.Race;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Appends that are combined in one statement: what happens to one does not touch another. */
class GroupedAppendsTest {

    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final int CALLERS = 12;
    private static final int ROUNDS = 25;

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

    private static NewEvent event(String text) {
        return new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", text));
    }

    @Test
    void a_fence_that_is_gone_is_refused_beside_one_that_stands() {
        Run run = group.newRun();
        Fence gone = store.leases().claim(run.id(), "first", LEASE).fence();
        store.leases().release(gone);
        Fence stands = store.leases().claim(run.id(), "second", LEASE).fence();
        int before = group.eventsOf(run).size();

        List<Race.Finish<Integer>> finishes = Race.of(CALLERS, i -> () -> {
            int refused = 0;
            for (int n = 0; n < ROUNDS; n++) {
                try {
                    if (i % 3 == 0) {
                        store.events().append(gone, List.of(event("gone")));
                    } else if (i % 3 == 1) {
                        store.events().append(stands, List.of(event("stands"), event("stands")));
                    } else {
                        store.events().appendUnfenced(run.id(), List.of(event("host")));
                    }
                } catch (LeaseConflictException e) {
                    refused++;
                }
            }
            return refused;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        for (int i = 0; i < CALLERS; i++) {
            assertThat(finishes.get(i).value()).isEqualTo(i % 3 == 0 ? ROUNDS : 0);
        }
        List<String> texts = group.eventsOf(run).stream()
                .skip(before)
                .map(event -> event.payload().string("text").orElseThrow())
                .toList();
        assertThat(texts).hasSize(CALLERS / 3 * ROUNDS * 3).doesNotContain("gone");
    }

    @Test
    void an_event_that_the_database_refuses_fails_its_own_caller_only() {
        Run run = group.newRun();
        Fence fence = store.leases().claim(run.id(), "runner", LEASE).fence();
        group.database()
                .execute("ALTER TABLE \"agent\"\"run\".agentrun_events"
                        + " ADD CONSTRAINT no_poison CHECK (payload ->> 'text' <> 'poison')");

        List<Race.Finish<Integer>> finishes = Race.of(CALLERS, i -> () -> {
            int failed = 0;
            for (int n = 0; n < ROUNDS; n++) {
                boolean poison = i == 0 && n % 5 == 0;
                try {
                    store.events().append(fence, List.of(event(poison ? "poison" : i + "/" + n)));
                } catch (StoreUnavailableException e) {
                    failed++;
                }
            }
            return failed;
        });

        assertThat(Race.values(finishes)).containsExactlyElementsOf(failures());
        assertThat(group.eventsOf(run).stream().filter(event -> event.type().equals(EventType.ASSISTANT_MESSAGE)))
                .hasSize(CALLERS * ROUNDS - ROUNDS / 5);
    }

    private static List<Integer> failures() {
        List<Integer> expected = new ArrayList<>(List.of(ROUNDS / 5));
        expected.addAll(Stream.generate(() -> 0).limit(CALLERS - 1).toList());
        return expected;
    }

    @Test
    void a_run_whose_row_is_locked_holds_up_no_other_run() throws SQLException {
        Run locked = group.newRun();
        List<Run> others = Stream.generate(group::newRun).limit(CALLERS).toList();

        Future<Race.Finish<List<RunEvent>>> held;
        try (Connection stranger = TestServer.connect(group.database().name());
                Statement statement = stranger.createStatement()) {
            stranger.setAutoCommit(false);
            statement.execute(
                    "SELECT FROM \"agent\"\"run\".agentrun_run_state WHERE run_id = '" + locked.id() + "' FOR UPDATE");
            held = Race.background(() -> store.events().appendUnfenced(locked.id(), List.of(event("held"))));
            awaitSomebodyBehindTheLock();

            List<Race.Finish<List<RunEvent>>> finishes = Race.of(
                    CALLERS,
                    i -> () -> store.events().appendUnfenced(others.get(i).id(), List.of(event("free"))));

            assertThat(Race.failures(finishes)).isEmpty();
            assertThat(held.isDone()).isFalse();
            stranger.rollback();
        }
        assertThat(Race.await(held).value()).hasSize(1);
    }

    private void awaitSomebodyBehindTheLock() {
        String waiting =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        int looks = 0;
        while (group.database().query(waiting).equals(List.of("0"))) {
            assertThat(++looks).isLessThan(5_000);
        }
    }

    @Test
    void an_interrupted_caller_learns_what_became_of_its_events_and_keeps_its_flag() {
        Run run = group.newRun();

        List<Race.Finish<Boolean>> finishes = Race.of(CALLERS, i -> () -> {
            for (int n = 0; n < ROUNDS; n++) {
                Thread.currentThread().interrupt();
                store.events().appendUnfenced(run.id(), List.of(event("x")));
                if (!Thread.interrupted()) {
                    return false;
                }
            }
            return true;
        });

        assertThat(Race.values(finishes)).hasSize(CALLERS).containsOnly(true);
        assertThat(group.eventsOf(run).stream().filter(event -> event.type().equals(EventType.ASSISTANT_MESSAGE)))
                .hasSize(CALLERS * ROUNDS);
    }
}
