package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.error.FailureKind;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.session.SessionActivity;
import io.agentrun.session.SessionThread;
import io.agentrun.session.SessionUpsert;
import io.agentrun.tck.Proves;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a session says of its turns: active, enqueued, ended; and the thread that they report.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class SessionActivitySuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    private String sessionId = "";

    /** For adapters. */
    protected SessionActivitySuite() {}

    @BeforeEach
    final void nameSession() {
        sessionId = given().name("session");
    }

    @Test
    @Proves({Rule.S_3, Rule.S_9})
    void a_turn_sets_its_session_running_and_names_it() {
        Run run = given().runIn(sessionId);
        Session before = session();

        Command turn = given().turn(run);

        SessionActivity activity = session().activity();
        assertThat(activity.state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(activity.activeRunId()).isEqualTo(run.id());
        assertThat(activity.activeCommandId()).isEqualTo(turn.id());
        assertThat(activity.lastRunId()).isEqualTo(run.id());
        assertThat(activity.lastCommandId()).isEqualTo(turn.id());
        assertThat(activity.outcome()).isNull();
        assertThat(activity.turns()).isEqualTo(1);
        assertThat(session().version()).isGreaterThan(before.version());
    }

    @Test
    @Proves({Rule.S_3, Rule.C_2})
    void an_enqueued_turn_leaves_the_active_one_where_it_is() {
        Run first = given().runIn(sessionId);
        Command active = given().turn(first);
        Run other = given().runIn(sessionId);
        Session before = session();

        Command waiting = given().turn(other);

        SessionActivity activity = session().activity();
        assertThat(activity.state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(activity.activeRunId()).isEqualTo(first.id());
        assertThat(activity.activeCommandId()).isEqualTo(active.id());
        assertThat(activity.lastRunId()).isEqualTo(other.id());
        assertThat(activity.lastCommandId()).isEqualTo(waiting.id());
        assertThat(activity.turns()).isEqualTo(2);
        assertThat(session().version()).isGreaterThan(before.version());
    }

    /** D17: finishing one turn made the session terminal while others were pending. */
    @Test
    @Proves({Rule.S_4, Rule.C_8})
    void the_end_of_the_active_turn_runs_the_next_one() {
        RunLease lease = given().claimed(given().runIn(sessionId));
        Command first = given().acknowledgedTurn(lease);
        Command next = given().turn(lease.run());

        store().commands().finish(lease.fence(), first.id(), DONE);

        SessionActivity activity = session().activity();
        assertThat(activity.state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(activity.activeRunId()).isEqualTo(lease.run().id());
        assertThat(activity.activeCommandId()).isEqualTo(next.id());
        assertThat(activity.outcome()).isNull();
        assertThat(store().commands().get(next.id()).order().deliverable()).isTrue();
    }

    @Test
    @Proves({Rule.S_4, Rule.C_8})
    void the_next_turn_may_be_of_another_run() {
        RunLease lease = given().claimed(given().runIn(sessionId));
        Command first = given().acknowledgedTurn(lease);
        Run other = given().runIn(sessionId);
        Command next = given().turn(other);

        store().commands().finish(lease.fence(), first.id(), DONE);

        assertThat(session().activity().activeRunId()).isEqualTo(other.id());
        assertThat(session().activity().activeCommandId()).isEqualTo(next.id());
    }

    @Test
    @Proves({Rule.S_4, Rule.S_9})
    void the_end_of_the_last_turn_makes_the_session_terminal_and_leaves_the_run_open() {
        RunLease lease = given().claimed(given().runIn(sessionId));
        Command turn = given().acknowledgedTurn(lease);
        Outcome outcome = Outcome.failed(FailureKind.BACKEND_FAILED, "it broke");
        long before = session().version();

        store().commands().finish(lease.fence(), turn.id(), TurnResult.of(outcome));

        SessionActivity activity = session().activity();
        assertThat(activity.state()).isEqualTo(ExecutionState.TERMINAL);
        assertThat(activity.outcome()).isEqualTo(outcome);
        assertThat(activity.activeRunId()).isNull();
        assertThat(activity.activeCommandId()).isNull();
        assertThat(activity.lastRunId()).isEqualTo(lease.run().id());
        assertThat(activity.lastCommandId()).isEqualTo(turn.id());
        assertThat(session().version()).isGreaterThan(before);
        assertThat(store().runs().get(lease.run().id()).isTerminal()).isFalse();
    }

    @Test
    @Proves(Rule.S_3)
    void a_turn_after_the_end_sets_the_session_running_again() {
        RunLease lease = given().claimed(given().runIn(sessionId));
        Command first = given().acknowledgedTurn(lease);
        store().commands().finish(lease.fence(), first.id(), DONE);

        Command again = given().turn(lease.run());

        SessionActivity activity = session().activity();
        assertThat(activity.state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(activity.activeCommandId()).isEqualTo(again.id());
        assertThat(activity.outcome()).isNull();
        assertThat(activity.turns()).isEqualTo(2);
    }

    @Test
    @Proves(Rule.S_4)
    void the_end_of_the_active_run_makes_the_session_terminal() {
        RunLease lease = given().claimed(given().runIn(sessionId));
        given().acknowledgedTurn(lease);
        Outcome outcome = Outcome.blocked(FailureKind.BACKEND_FAILED, "it asks");

        store().runs().finish(lease.fence(), TurnResult.of(outcome));

        SessionActivity activity = session().activity();
        assertThat(activity.state()).isEqualTo(ExecutionState.TERMINAL);
        assertThat(activity.outcome()).isEqualTo(outcome);
        assertThat(activity.activeRunId()).isNull();
        assertThat(activity.activeCommandId()).isNull();
    }

    @Test
    @Proves({Rule.S_4, Rule.R_7})
    void the_end_of_the_active_run_cancels_its_waiting_turns_and_runs_the_next_of_another_run() {
        RunLease lease = given().claimed(given().runIn(sessionId));
        given().acknowledgedTurn(lease);
        Command own = given().turn(lease.run());
        Run other = given().runIn(sessionId);
        Command next = given().turn(other);

        store().runs().finish(lease.fence(), DONE);

        assertThat(store().commands().get(own.id()).state()).isEqualTo(CommandState.CANCELLED);
        assertThat(session().activity().state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(session().activity().activeRunId()).isEqualTo(other.id());
        assertThat(session().activity().activeCommandId()).isEqualTo(next.id());
    }

    /** D16: the end of an old run took the session from the newer one. */
    @Test
    @Proves(Rule.S_4)
    void the_end_of_another_run_leaves_the_session_alone() {
        RunLease old = given().claimed(given().runIn(sessionId));
        RunLease newer = given().claimed(given().runIn(sessionId));
        given().acknowledgedTurn(newer);
        TurnResult failed = new TurnResult(Outcome.failed(FailureKind.BACKEND_FAILED, "old"), "thread-old", "turn-old");

        Session before = session();
        store().runs().finish(old.fence(), failed);

        assertThat(session()).isEqualTo(before);
        assertThat(phases(old.run().id())).doesNotContain("session-updated");
    }

    @Test
    @Proves(Rule.S_4)
    void a_run_that_waits_behind_the_active_turn_may_end_without_touching_it() {
        Run first = given().runIn(sessionId);
        Command active = given().turn(first);
        Run other = given().runIn(sessionId);
        given().turn(other);

        store().runs().cancel(other.id(), "not needed");

        SessionActivity activity = session().activity();
        assertThat(activity.state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(activity.activeRunId()).isEqualTo(first.id());
        assertThat(activity.activeCommandId()).isEqualTo(active.id());
    }

    /** D5: a claim changed the session without a version. D23: every event wrote the session's row. */
    @Test
    @Proves({Rule.S_9, Rule.S_4})
    void claims_events_heartbeats_steers_and_acknowledgements_leave_the_session_alone() {
        Run run = given().runIn(sessionId);
        Command turn = given().turn(run);
        Session before = session();
        advance(Duration.ofSeconds(1));

        RunLease lease = given().claimed(run);
        given().acknowledged(lease.fence(), turn);
        given().steer(run);
        store().events().append(lease.fence(), new NewEvent(EventType.DIFF, JsonObject.of("n", 1)));
        store().events().appendUnfenced(run.id(), new NewEvent(EventType.BACKEND_STATUS, JsonObject.of("n", 2)));
        store().leases().heartbeat(lease.fence(), Given.LEASE);

        assertThat(session()).isEqualTo(before);
    }

    @Test
    @Proves({Rule.S_4, Rule.L_5, Rule.L_8})
    void a_release_and_a_recovery_keep_the_session_on_its_turn() {
        Run run = given().runIn(sessionId, 2);
        RunLease lease = given().claimed(run);
        Command turn = given().acknowledgedTurn(lease);
        SessionActivity before = session().activity();

        store().leases().release(lease.fence());
        RunLease again = given().claimed(run);
        advance(Given.PAST_LEASE);
        store().leases().recover(run.id(), again.fence().epoch());

        assertThat(session().activity().state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(session().activity().activeRunId()).isEqualTo(before.activeRunId());
        assertThat(session().activity().activeCommandId()).isEqualTo(turn.id());
    }

    /** D18: a stale copy of the session was written back over the host's changes. */
    @Test
    @Proves(Rule.S_5)
    void a_reported_thread_is_remembered_and_nothing_else_changes() {
        RunLease lease = given().claimed(given().runIn(sessionId));
        given().acknowledgedTurn(lease);
        Session changed = store().sessions()
                .upsert(SessionUpsert.builder(sessionId, given().owner(), Given.PROFILE)
                        .conversationId("conversation-1")
                        .threadId("thread-old")
                        .title("New title")
                        .metadata(JsonObject.of("stays", true))
                        .expiry(Expiry.at(session().createdAt().plus(Duration.ofDays(900))))
                        .build());

        store().runs().finish(lease.fence(), new TurnResult(Outcome.completed(), "thread-9", "turn-9"));

        Session after = session();
        assertThat(after.thread()).isEqualTo(new SessionThread("conversation-1", "thread-9"));
        assertThat(after.title()).isEqualTo("New title");
        assertThat(after.metadata().bool("stays")).contains(true);
        assertThat(after.metadata().string("lastTurnId")).contains("turn-9");
        assertThat(after.expiresAt()).isEqualTo(changed.expiresAt());
        assertThat(after.owner()).isEqualTo(changed.owner());
        assertThat(phases(lease.run().id())).endsWith("session-updated", "command-terminal", "terminal_status");
    }

    @Test
    @Proves(Rule.S_5)
    void a_thread_reported_with_a_turn_is_remembered_and_one_that_is_not_reported_stays() {
        RunLease lease = given().claimed(given().runIn(sessionId));
        Command first = given().acknowledgedTurn(lease);
        store().commands().finish(lease.fence(), first.id(), new TurnResult(Outcome.completed(), "thread-1", "turn-1"));
        assertThat(session().thread().threadId()).isEqualTo("thread-1");
        assertThat(phases(lease.run().id())).endsWith("session-updated", "command-terminal");

        Command second = given().acknowledgedTurn(lease);
        store().commands().finish(lease.fence(), second.id(), DONE);

        assertThat(session().thread().threadId()).isEqualTo("thread-1");
        assertThat(session().metadata().string("lastTurnId")).contains("turn-1");
    }

    private Session session() {
        return store().sessions().get(sessionId);
    }
}
