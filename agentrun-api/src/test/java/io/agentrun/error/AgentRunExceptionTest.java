package io.agentrun.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.storage.SessionStorageException;
import io.agentrun.storage.StorageState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AgentRunExceptionTest {

    @Test
    void what_is_not_there_is_a_404_that_names_it() {
        NotFoundException e = new NotFoundException("run", "run_1");

        assertAnswer(e, 404, FailureKind.SCHEMA_INVALID, false, "run run_1 was not found");
        assertThat(e.details()).isEqualTo(Map.of("what", "run", "id", "run_1"));
    }

    @Test
    void bad_input_is_a_400_that_names_the_field_once() {
        assertAnswer(
                new InvalidInputException("limit", "must be given"),
                400,
                FailureKind.SCHEMA_INVALID,
                false,
                "limit must be given");
        assertThat(new InvalidInputException("limit", "limit must be given")).hasMessage("limit must be given");
        assertThat(new InvalidInputException("limit", "must be given").details())
                .isEqualTo(Map.of("field", "limit"));
    }

    @Test
    void another_tenants_record_is_a_403() {
        assertAnswer(
                new TenantPolicyException("session", "s"),
                403,
                FailureKind.TENANT_POLICY_DENIED,
                false,
                "session s belongs to another tenant or project");
    }

    @Test
    void an_unavailable_store_is_a_503_whose_reason_says_whether_waiting_helps() {
        EnumSet<Reason> hopeless =
                EnumSet.of(Reason.SCHEMA, Reason.CORRUPT, Reason.CREDENTIALS, Reason.IN_USE, Reason.NEEDS_REOPEN);
        for (Reason reason : Reason.values()) {
            assertAnswer(
                    new StoreUnavailableException(reason, "no", null),
                    503,
                    FailureKind.INFRA_FAILED,
                    !hopeless.contains(reason),
                    "no");
        }
        assertThat(new StoreUnavailableException(Reason.POOL_EXHAUSTED, "no", null).details())
                .isEqualTo(Map.of("reason", "pool-exhausted"));
        assertAnswer(new StoreClosedException(), 503, FailureKind.INFRA_FAILED, false, "the store is closed");
    }

    @Test
    void a_database_error_shows_names_and_nothing_that_is_none() {
        DatabaseError said = new DatabaseError("23505", "agentrun_runs_pkey", "agentrun_runs", "_bt_check_unique");
        DatabaseError noNames = new DatabaseError("2350", "Key (id)=(s3cret)", "a\u0000b", "x".repeat(64));

        StoreUnavailableException e = new StoreUnavailableException(Reason.INTERNAL, "no", said, null);

        assertThat(e.databaseError()).contains(said);
        assertThat(e.details())
                .isEqualTo(Map.of(
                        "reason", "internal",
                        "sqlState", "23505",
                        "constraint", "agentrun_runs_pkey",
                        "table", "agentrun_runs",
                        "routine", "_bt_check_unique"));
        assertThat(noNames).isEqualTo(DatabaseError.ofState(null));
        assertThat(new StoreUnavailableException(Reason.INTERNAL, "no", null).databaseError())
                .isEmpty();
    }

    @Test
    void a_lease_conflict_says_which_run_and_never_which_runner() {
        LeaseConflictException lost = LeaseConflictException.lost("run_1", 3);
        LeaseConflictException held = LeaseConflictException.held("run_1");
        LeaseConflictException unrecovered = LeaseConflictException.unrecovered("run_1");

        assertThat(lost.epoch()).isEqualTo(3);
        assertThat(held.epoch()).isZero();
        assertThat(List.of(lost.retryable(), held.retryable(), unrecovered.retryable()))
                .containsExactly(false, true, false);
        assertThat(unrecovered).hasMessageContaining("recover it");
        for (LeaseConflictException e : List.of(lost, held, unrecovered)) {
            assertThat(e.runId()).isEqualTo("run_1");
            assertThat(e.httpStatus()).isEqualTo(409);
            assertThat(e.failureKind()).isEqualTo(FailureKind.RUNNER_LEASE_CONFLICT);
            assertThat(e.getMessage() + e.details()).doesNotContain("runner_a");
        }
    }

    @Test
    void an_end_is_answered_with_the_failure_kind_of_its_outcome() {
        assertAnswer(
                new AlreadyTerminalException("run", "r", "failed", FailureKind.RUNNER_LOST),
                409,
                FailureKind.RUNNER_LOST,
                false,
                "run r is already terminal: failed");
        assertThat(new AlreadyTerminalException("run", "r", "completed", null).failureKind())
                .isEqualTo(FailureKind.SCHEMA_INVALID);
        assertThat(new AlreadyTerminalException("queue task", "t", "cancelled", null).failureKind())
                .isEqualTo(FailureKind.CANCELLED);
    }

    @Test
    void conflicts_of_state_say_themselves_whether_a_retry_helps() {
        assertAnswer(
                new StateConflictException("command", "c", "pending", "it waits behind the active turn", true),
                409,
                FailureKind.SCHEMA_INVALID,
                true,
                "command c: it waits behind the active turn");
        assertAnswer(
                new IdempotencyConflictException("k"),
                409,
                FailureKind.SCHEMA_INVALID,
                false,
                "idempotency key reused with different content");
        assertAnswer(
                new SessionBusyException("s", "c"),
                409,
                FailureKind.SCHEMA_INVALID,
                true,
                "session s is busy with turn c");
        assertThat(new SessionBusyException(null, null).details()).isEmpty();
    }

    @Test
    void storage_that_is_going_gone_or_lost_has_a_failure_kind_each() {
        assertThat(new SessionStorageException("s", StorageState.EVICTING).failureKind())
                .isEqualTo(FailureKind.SESSION_STORAGE_TERMINATING);
        assertThat(new SessionStorageException("s", StorageState.EVICTED).failureKind())
                .isEqualTo(FailureKind.SESSION_STORE_EVICTED);
        assertThat(new SessionStorageException("s", StorageState.MISSING).failureKind())
                .isEqualTo(FailureKind.SESSION_STORAGE_MISSING);
        assertThatIllegalArgumentException().isThrownBy(() -> new SessionStorageException("s", StorageState.READY));
    }

    @Test
    void an_exception_survives_java_serialization_with_its_facts() throws Exception {
        StateConflictException e = new StateConflictException("run", "r", "pending", "no", true);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(e);
        }

        StateConflictException back;
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            back = (StateConflictException) in.readObject();
        }

        assertThat(back.details()).isEqualTo(e.details());
        assertThat(back.failureKind()).isEqualTo(e.failureKind());
    }

    private static void assertAnswer(
            AgentRunException e, int status, FailureKind kind, boolean retryable, String message) {
        assertThat(e).hasMessage(message);
        assertThat(e.httpStatus()).isEqualTo(status);
        assertThat(e.failureKind()).isEqualTo(kind);
        assertThat(e.retryable()).isEqualTo(retryable);
    }
}
