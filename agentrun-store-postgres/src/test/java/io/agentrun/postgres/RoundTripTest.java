package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.testing.CountingDataSource;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.SessionRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How often an operation goes to the database and back; a step of one statement does so once, commit included. */
class RoundTripTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final NewEvent EVENT = new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "hi"));
    private static final NewCommand TURN = NewCommand.turn(JsonObject.of("prompt", "go"));

    private static TestDatabase database;
    private static CountingDataSource trips;
    private static PostgresAgentRunStore store;

    @BeforeAll
    static void open() {
        database = TestDatabase.migrated();
        trips = CountingDataSource.over(database.pool(4));
        store = CountedStore.on(trips.dataSource());
        newRun(null);
    }

    @AfterAll
    static void close() {
        store.close();
        database.close();
    }

    private static Run newRun(@Nullable String sessionId) {
        return store.runs().create(input(sessionId).build());
    }

    private static NewRun.Builder input(@Nullable String sessionId) {
        return NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                .session(sessionId == null ? null : SessionRef.of(sessionId));
    }

    private static Fence claimed(Run run) {
        return store.leases().claim(run.id(), "runner", MINUTE).fence();
    }

    @Test
    void a_runners_steps_are_one_round_trip_each() {
        Run run = newRun("steps");
        Command turn = store.commands().create(run.id(), TURN);

        List<Fence> fences = new ArrayList<>();
        assertThat(trips.of(() -> fences.add(
                        store.leases().claim(run.id(), "runner", MINUTE).fence())))
                .isEqualTo(1);
        Fence fence = fences.get(0);
        assertThat(trips.of(() -> store.leases().heartbeat(fence, MINUTE))).isEqualTo(1);
        assertThat(trips.of(() -> store.commands().await(fence, 10, Duration.ZERO)))
                .isEqualTo(1);
        assertThat(trips.of(() -> store.commands().acknowledge(fence, turn.id())))
                .isEqualTo(1);
        assertThat(trips.of(() -> store.events().append(fence, EVENT))).isEqualTo(1);
        assertThat(trips.of(() -> store.events().append(fence, Collections.nCopies(50, EVENT))))
                .isEqualTo(1);
        assertThat(trips.of(() -> store.events().appendUnfenced(run.id(), EVENT)))
                .isEqualTo(1);
    }

    @Test
    void the_next_run_is_claimed_in_one_round_trip() {
        newRun("next");
        ClaimRequest request = ClaimRequest.by("runner", MINUTE).withBackendProfile(BackendProfile.CODEX);

        assertThat(trips.of(() -> store.leases().claimNext(request).orElseThrow()))
                .isEqualTo(1);
        assertThat(trips.of(() -> store.leases().claimNext(request.withScope(TenantScope.tenant("nobody")))))
                .isEqualTo(1);
    }

    @Test
    void reading_is_one_round_trip() {
        Run run = newRun("reads");
        Command turn = store.commands().create(run.id(), TURN);

        assertThat(trips.of(() -> store.runs().get(run.id()))).isEqualTo(1);
        assertThat(trips.of(() -> store.runs().list(RunQuery.in(TenantScope.all()))))
                .isEqualTo(1);
        assertThat(trips.of(() -> store.commands().get(turn.id()))).isEqualTo(1);
        assertThat(trips.of(() -> store.commands().list(run.id(), 0, 10))).isEqualTo(1);
        assertThat(trips.of(() -> store.events().list(run.id(), 0, 10))).isEqualTo(1);
        assertThat(trips.of(() -> store.leases().listExpired(ExpiredQuery.in(TenantScope.all()))))
                .isEqualTo(1);
        assertThat(trips.of(() -> store.health())).isEqualTo(1);
    }

    /** Locks and reads; writes and commits. */
    @Test
    void a_transition_is_two_round_trips() {
        assertThat(trips.of(() -> newRun(null))).isEqualTo(2);
        assertThat(trips.of(() -> newRun("new session"))).isEqualTo(2);
        assertThat(trips.of(() -> newRun("new session"))).isEqualTo(2);
        Run run = newRun("transitions");
        Command[] turns = new Command[2];
        assertThat(trips.of(() -> turns[0] = store.commands().create(run.id(), TURN)))
                .isEqualTo(2);
        assertThat(trips.of(() -> turns[1] = store.commands().create(run.id(), TURN)))
                .isEqualTo(2);
        Fence fence = claimed(run);
        store.commands().acknowledge(fence, turns[0].id());
        TurnResult done = TurnResult.of(Outcome.completed()).withThread("thread", "turn");
        assertThat(trips.of(() -> store.commands().finish(fence, turns[0].id(), done)))
                .isEqualTo(2);
        assertThat(trips.of(() -> store.commands().cancel(turns[1].id(), "no"))).isEqualTo(2);
        assertThat(trips.of(() -> store.runs().cancel(run.id(), "no"))).isEqualTo(2);
        assertThat(trips.of(() -> store.runs().finish(fence, done))).isEqualTo(2);
        assertThat(trips.of(() -> store.leases().release(claimed(newRun("released")))))
                .isEqualTo(2 + 2 + 1);
        assertThat(trips.of(() -> store.runs().cancel(newRun("forced").id(), "no", CancelMode.FORCE)))
                .isEqualTo(2 + 2);
        assertThat(trips.of(() -> store.runs().purge(PurgeRequest.olderThan(Duration.ZERO))))
                .isEqualTo(1);
    }

    /** Locks and reads, commit. */
    @Test
    void a_replay_is_two_round_trips() {
        NewRun input = input("replays").idempotencyKey("key").build();
        Run run = store.runs().create(input);
        Fence fence = claimed(run);
        store.runs().finish(fence, TurnResult.of(Outcome.completed()));

        assertThat(trips.of(() -> store.runs().create(input))).isEqualTo(2);
        assertThat(trips.of(() -> store.runs().finish(fence, TurnResult.of(Outcome.completed()))))
                .isEqualTo(2);
    }
}
