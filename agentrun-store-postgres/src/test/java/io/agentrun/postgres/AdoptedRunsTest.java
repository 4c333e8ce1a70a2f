package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.command.NewCommand;
import io.agentrun.doctor.StoreDoctor;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.FailureKind;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.event.EventPage;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.FenceToken;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.OriginalDatabase;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rows of the original manager, as the API shows them and goes on with them. */
class AdoptedRunsTest {

    private static TestDatabase database;
    private static PostgresAgentRunStore store;

    @BeforeAll
    static void adopt() {
        database = OriginalDatabase.at(OriginalDatabase.LEVELS);
        store = PostgresAgentRunStore.builder(database.pool(6)).build();
    }

    @AfterAll
    static void close() {
        store.close();
        database.close();
    }

    /** The original wrote no terminal_status, set no run running, and let two turns of a session be acknowledged at once. */
    @Test
    void the_doctor_reports_only_the_rows_that_the_original_wrote_otherwise() {
        assertThat(StoreDoctor.of(store).examine().findings())
                .extracting(finding -> finding.rule() + " " + finding.id())
                .containsExactlyInAnyOrder(
                        "R-7 run_cancelled",
                        "R-7 run_failed",
                        "R-7 run_done",
                        "C-6 cmd_active",
                        "C-6 cmd_second",
                        "C-2 cmd_second");
    }

    @Test
    void every_run_keeps_what_it_was_made_of_and_where_it_stood() {
        Run pending = store.runs().get("run_pending");

        assertThat(pending.status()).isEqualTo(RunStatus.PENDING);
        assertThat(pending.sessionId()).isEqualTo("ses_busy");
        assertThat(pending.spec().workspaceRef()).isEqualTo(JsonObject.of("repo", "a"));
        assertThat(pending.spec().executionPolicy()).isEqualTo(JsonObject.of("net", false));
        assertThat(pending.spec().resourceBundleRef()).isEqualTo(JsonObject.of("bundle", "b"));
        assertThat(pending.spec().traceSink()).isNull();
        assertThat(pending.epoch()).isZero();
        assertThat(pending.createdAt()).isEqualTo(Instant.parse("2026-01-01T00:00:01.001Z"));
    }

    @Test
    void a_claimed_run_is_leased_until_its_lease_runs_out() {
        List<ExpiredLease> expired = store.leases().listExpired(ExpiredQuery.in(TenantScope.all()));

        assertThat(expired).singleElement().satisfies(lease -> {
            assertThat(lease.runId()).isEqualTo("run_claimed");
            assertThat(lease.runnerId()).isEqualTo("runner_old");
            assertThat(lease.epoch()).isEqualTo(1);
            assertThat(lease.expiredAt()).isEqualTo(Instant.parse("2026-01-01T00:01:03.003Z"));
        });
    }

    @Test
    void ended_runs_have_their_outcomes_and_no_lease() {
        Run failed = store.runs().get("run_failed");

        assertThat(failed.outcome()).isEqualTo(Outcome.failed(FailureKind.BACKEND_FAILED, "it broke"));
        assertThat(failed.lease()).isEmpty();
        assertThat(store.runs().get("run_done").outcome()).isEqualTo(Outcome.completed());
        assertThat(store.runs().get("run_done").spec().traceSink()).isEqualTo(JsonObject.of("value", "text"));
        assertThat(store.runs().get("run_cancelled").outcome()).isEqualTo(Outcome.cancelled("no longer needed"));
        assertThat(store.runs()
                        .list(RunQuery.in(TenantScope.tenant("t2")).withStatus(RunStatus.FAILED))
                        .items())
                .containsExactly(failed);
    }

    @Test
    void commands_that_the_end_of_their_run_left_open_have_ended_with_it() {
        Command left = store.commands().get("cmd_left");
        Command broken = store.commands().get("cmd_broken");

        assertThat(left.state()).isEqualTo(CommandState.CANCELLED);
        assertThat(left.outcome()).isEqualTo(Outcome.cancelled("its run ended"));
        assertThat(broken.state()).isEqualTo(CommandState.FAILED);
        assertThat(broken.outcome()).isEqualTo(Outcome.failed(FailureKind.BACKEND_FAILED, "it broke"));
        assertThat(store.commands().get("cmd_done").outcome()).isEqualTo(Outcome.completed());
    }

    @Test
    void a_session_with_several_active_turns_keeps_one_active_and_the_others_wait() {
        Command active = store.commands().get("cmd_active");
        Command second = store.commands().get("cmd_second");
        Command waiting = store.commands().get("cmd_waiting");

        assertThat(active.order().deliverable()).isTrue();
        assertThat(second.order().deliverable()).isFalse();
        assertThat(waiting.order().deliverable()).isFalse();
        assertThat(active.order().ordinal()).isLessThan(second.order().ordinal());
        assertThat(second.order().ordinal()).isLessThan(waiting.order().ordinal());
        assertThat(store.commands().get("cmd_steer").order().targetCommandId()).isEqualTo("cmd_active");
    }

    @Test
    void a_key_of_the_original_is_known_by_the_stored_payload() {
        NewCommand same = NewCommand.turn(JsonObject.of("prompt", "first")).withIdempotencyKey("key-1");
        NewCommand other = NewCommand.turn(JsonObject.of("prompt", "other")).withIdempotencyKey("key-1");

        assertThat(store.commands().create("run_pending", same).id()).isEqualTo("cmd_waiting");
        assertThatThrownBy(() -> store.commands().create("run_pending", other))
                .isInstanceOf(IdempotencyConflictException.class);
    }

    @Test
    void events_keep_their_numbers_and_an_ended_stream_ends_after_the_last_of_them() {
        EventPage page = store.events().list("run_done", 0, 3);
        EventPage last = store.events().list("run_done", 3, 3);

        assertThat(page.items()).extracting(RunEvent::seq).containsExactly(1L, 2L, 3L);
        assertThat(page.ended()).isFalse();
        assertThat(last.items()).extracting(RunEvent::id).containsExactly("evt_4");
        assertThat(last.ended()).isTrue();
    }

    @Test
    void an_ended_run_stays_ended() {
        assertThatThrownBy(() -> store.leases().claim("run_done", "runner_new", Duration.ofMinutes(1)))
                .isInstanceOf(AlreadyTerminalException.class);
    }

    @Test
    void no_fence_holds_for_a_lease_of_the_original() {
        Fence guessed = new Fence("run_claimed", "runner_old", 1, FenceToken.random());

        assertThat(store.leases().heartbeat(guessed, Duration.ofMinutes(1)))
                .isEqualTo(Heartbeat.over(LeaseSignal.LEASE_LOST));
        assertThatThrownBy(() -> store.leases().release(guessed)).isInstanceOf(LeaseConflictException.class);
    }

    @Test
    void a_lease_from_before_there_were_tokens_ends_by_a_claim_or_by_force() {
        try (TestDatabase other = OriginalDatabase.at(OriginalDatabase.LEVELS)) {
            PostgresAgentRunStore working =
                    PostgresAgentRunStore.builder(other.pool(6)).build();
            RunLease claimed = working.leases().claim("run_pending", "runner_new", Duration.ofMinutes(1));
            other.execute("UPDATE agentrun_run_state SET fence_hash = NULL");

            assertThat(working.leases().heartbeat(claimed.fence(), Duration.ofMinutes(1)))
                    .isEqualTo(Heartbeat.over(LeaseSignal.LEASE_LOST));
            RunLease again = working.leases().claim("run_pending", "runner_new", Duration.ofMinutes(1));
            assertThat(again.fence().epoch()).isEqualTo(2);
            assertThat(working.leases()
                            .heartbeat(again.fence(), Duration.ofMinutes(1))
                            .signal())
                    .isEqualTo(LeaseSignal.CONTINUE);
            assertThat(working.runs()
                            .cancel("run_claimed", "now", CancelMode.FORCE)
                            .isTerminal())
                    .isTrue();
            working.close();
        }
    }

    @Test
    void an_adopted_database_can_be_worked_on() {
        try (TestDatabase other = OriginalDatabase.at(OriginalDatabase.LEVELS)) {
            PostgresAgentRunStore working =
                    PostgresAgentRunStore.builder(other.pool(6)).build();

            Recovery recovery = working.leases().recover("run_claimed", 1);
            RunLease lease = working.leases().claim("run_pending", "runner_new", Duration.ofMinutes(1));

            assertThat(recovery.outcome()).isEqualTo(RecoveryOutcome.FAILED);
            assertThat(recovery.run().outcome())
                    .isEqualTo(Outcome.failed(FailureKind.RUNNER_LOST, "the runner's lease ran out"));
            assertThat(working.commands().get("cmd_waiting").order().deliverable())
                    .isTrue();
            assertThat(working.commands()
                            .acknowledge(lease.fence(), "cmd_waiting")
                            .state())
                    .isEqualTo(CommandState.ACKNOWLEDGED);
            assertThat(working.events().list("run_claimed", 0, 100).items())
                    .extracting(RunEvent::seq)
                    .containsExactly(1L, 2L, 3L, 4L, 5L);
            working.close();
        }
    }
}
