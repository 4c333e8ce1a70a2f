package io.agentrun.postgres;

import static io.agentrun.rules.Rule.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.doctor.StoreDoctor;
import io.agentrun.inspect.Diagnosis;
import io.agentrun.inspect.Finding;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.rules.Rule;
import io.agentrun.tck.SampleData;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each row that no store writes is found, and nothing is found in what a store has written. */
class StoreDoctorTest {

    /**
     * One thing done to the rows of {@link SampleData}. The SQL names ids of it as {@code $1} and so on.
     *
     * @param rule which rule the finding names
     */
    private record Damage(String what, Rule rule, String sql) {

        private String sql(SampleData data) {
            return sql.replace("$running", data.running())
                    .replace("$active", data.active())
                    .replace("$steer", data.steer())
                    .replace("$waiting", data.waiting())
                    .replace("$pending", data.pending())
                    .replace("$completed", data.completed())
                    .replace("$due", data.due())
                    .replace("$dispatched", data.dispatched())
                    .replace("$done", data.done());
        }
    }

    private static final List<Damage> DAMAGES = List.of(
            new Damage("an event is gone", E_1, "DELETE FROM agentrun_events WHERE run_id = '$running' AND seq = 3"),
            new Damage(
                    "the first event is gone",
                    E_1,
                    "DELETE FROM agentrun_events WHERE run_id = '$pending' AND seq = 1"),
            new Damage("two events have one id", E_1, """
                    UPDATE agentrun_events SET id = (SELECT id FROM agentrun_events WHERE run_id = '$running' AND seq = 1)
                    WHERE run_id = '$running' AND seq = 2
                    """),
            new Damage(
                    "the last event of an ended run is gone",
                    R_7,
                    "DELETE FROM agentrun_events WHERE run_id = '$completed' AND type = 'terminal_status'"),
            new Damage("something follows the end", R_7, """
                    WITH last AS (
                        UPDATE agentrun_run_state SET event_seq = event_seq + 1 WHERE run_id = '$completed'
                        RETURNING run_id, event_seq)
                    INSERT INTO agentrun_events (id, run_id, seq, type, payload, created_at)
                    SELECT 'evt_late', run_id, event_seq, 'diff', '{}', now() FROM last
                    """),
            new Damage("the end says another outcome than the run", R_7, """
                    UPDATE agentrun_events SET payload = '{"terminalStatus":"failed"}'
                    WHERE run_id = '$completed' AND type = 'terminal_status'
                    """),
            new Damage(
                    "an open run has an end in its stream",
                    R_7,
                    "UPDATE agentrun_events SET type = 'terminal_status' WHERE run_id = '$pending' AND seq = 1"),
            new Damage(
                    "a claimed run has no lease",
                    L_2,
                    "UPDATE agentrun_run_state SET runner_id = NULL, lease_expires_at = NULL WHERE run_id = '$running'"),
            new Damage("a pending run has a lease", L_2, """
                    UPDATE agentrun_run_state SET epoch = 1, runner_id = 'runner-9', lease_expires_at = now()
                    WHERE run_id = '$pending'
                    """),
            new Damage("a command is gone", C_1, "DELETE FROM agentrun_commands WHERE run_id = '$running' AND seq = 2"),
            new Damage("two turns are deliverable", C_2, "UPDATE agentrun_commands SET deliverable = true"),
            new Damage(
                    "no turn is deliverable",
                    C_2,
                    "UPDATE agentrun_commands SET deliverable = false WHERE run_id = '$pending'"),
            new Damage("two turns of a session have one ordinal", C_2, """
                    UPDATE agentrun_commands SET ordinal = (SELECT ordinal FROM agentrun_commands WHERE id = '$active')
                    WHERE id = '$waiting'
                    """),
            new Damage(
                    "an ordinal is beyond the session's count",
                    S_3,
                    "UPDATE agentrun_sessions SET turns = 2 WHERE session_id = 'chat'"),
            new Damage(
                    "an ended run has an open command",
                    R_7,
                    "UPDATE agentrun_commands SET state = 'pending', terminal_status = NULL WHERE run_id = '$completed'"),
            new Damage("an ended command has no outcome", C_7, """
                    UPDATE agentrun_commands SET terminal_status = NULL, failure_kind = NULL
                    WHERE run_id = '$completed'
                    """),
            new Damage(
                    "the outcome of a command is another than its state",
                    C_7,
                    "UPDATE agentrun_commands SET terminal_status = 'cancelled' WHERE run_id = '$completed'"),
            new Damage(
                    "an acknowledged command has no time of it",
                    C_6,
                    "UPDATE agentrun_commands SET acknowledged_at = NULL WHERE id = '$active'"),
            new Damage(
                    "a pending command has a time of acknowledgement",
                    C_6,
                    "UPDATE agentrun_commands SET acknowledged_at = now() WHERE id = '$steer'"),
            new Damage("a command is acknowledged, and nobody holds its run", L_5, """
                    UPDATE agentrun_commands SET state = 'acknowledged', acknowledged_at = now()
                    WHERE run_id = '$pending' AND seq = 1
                    """),
            new Damage(
                    "a run with an acknowledged turn is only claimed",
                    C_6,
                    "UPDATE agentrun_run_state SET begun_epoch = NULL WHERE run_id = '$running'"),
            new Damage(
                    "a steer is for a turn of another run",
                    C_4,
                    "UPDATE agentrun_commands SET target_command_id = '$waiting' WHERE id = '$steer'"),
            new Damage(
                    "the session names another turn as the active one",
                    C_2,
                    "UPDATE agentrun_sessions SET active_command_id = '$waiting' WHERE session_id = 'chat'"),
            new Damage("the session is terminal while a turn is open", C_2, """
                    UPDATE agentrun_sessions
                    SET execution_state = 'terminal', terminal_status = 'completed', active_run_id = NULL,
                        active_command_id = NULL
                    WHERE session_id = 'chat'
                    """),
            new Damage(
                    "an idle session names an active run",
                    S_3,
                    "UPDATE agentrun_sessions SET active_run_id = '$completed' WHERE session_id = 'volume'"),
            new Damage(
                    "a terminal session has no outcome",
                    S_4,
                    "UPDATE agentrun_sessions SET terminal_status = NULL WHERE session_id = 'finished'"),
            new Damage(
                    "the last run of a session is gone",
                    R_8,
                    "UPDATE agentrun_sessions SET last_run_id = 'run_gone' WHERE session_id = 'finished'"),
            new Damage(
                    "the last run of a session is another's",
                    R_1,
                    "UPDATE agentrun_sessions SET last_run_id = '$pending' WHERE session_id = 'finished'"),
            new Damage(
                    "a session is another owner's than its runs",
                    S_1,
                    "UPDATE agentrun_sessions SET tenant_id = 'other' WHERE session_id = 'chat'"),
            new Damage(
                    "a session of a run is gone", R_1, "DELETE FROM agentrun_sessions WHERE session_id = 'finished'"),
            new Damage("two sessions have one version", S_9, """
                    UPDATE agentrun_sessions SET version = (SELECT version FROM agentrun_sessions WHERE session_id = 'chat')
                    WHERE session_id = 'volume'
                    """),
            new Damage("an evicted volume has no time of it", P_6, """
                    UPDATE agentrun_sessions SET storage_evicted_at = NULL WHERE session_id = 'gone'
                    """),
            new Damage("a ready volume has a time of eviction", P_6, """
                    UPDATE agentrun_sessions SET storage_evicted_at = now() WHERE session_id = 'volume'
                    """),
            new Damage("no storage, and a claim", P_2, """
                    UPDATE agentrun_sessions SET storage_state = 'none' WHERE session_id = 'volume'
                    """),
            new Damage("a volume is evicted under an open run", P_5, """
                    UPDATE agentrun_sessions
                    SET storage_state = 'evicting', storage_namespace = 'agents', storage_pvc_name = 'pvc'
                    WHERE session_id = 'chat'
                    """),
            new Damage(
                    "a pending task has an attempt under way",
                    Q_3,
                    "UPDATE agentrun_queue_tasks SET state = 'pending' WHERE id = '$dispatched'"),
            new Damage(
                    "a task runs on a run that has ended",
                    Q_5,
                    "UPDATE agentrun_run_state SET status = 'completed' WHERE session_id IS NULL AND status = 'pending'"
                            + " AND run_id <> '$pending'"),
            new Damage("a task runs on another task's run", Q_3, """
                    UPDATE agentrun_queue_tasks
                    SET latest_attempt = (SELECT latest_attempt FROM agentrun_queue_tasks WHERE id = '$dispatched'),
                        state = 'running'
                    WHERE id = '$due'
                    """),
            new Damage("the run of a running task is gone", R_8, """
                    UPDATE agentrun_queue_tasks
                    SET latest_attempt = jsonb_set(latest_attempt, '{runId}', '"run_gone"')
                    WHERE id = '$dispatched'
                    """),
            new Damage("the turn of an attempt is another run's", Q_3, """
                    UPDATE agentrun_queue_tasks
                    SET latest_attempt = jsonb_set(latest_attempt, '{commandId}', '"$active"')
                    WHERE id = '$dispatched'
                    """),
            new Damage("a task was asked to cancel and waits to be tried again", Q_8, """
                    UPDATE agentrun_queue_tasks SET cancel_requested_at = now(), cancel_reason = 'no more'
                    WHERE id = '$due'
                    """),
            new Damage("two tasks have one version", Q_10, """
                    UPDATE agentrun_queue_tasks SET version = (SELECT max(version) FROM agentrun_queue_tasks)
                    WHERE id = '$due'
                    """),
            new Damage("a job is of another run's command", J_2, """
                    UPDATE agentrun_runner_jobs SET command_id = '$waiting'
                    """),
            new Damage("an open run's task is gone", Q_3, "DELETE FROM agentrun_queue_tasks WHERE id = '$dispatched'"));

    @Test
    void there_are_forty_kinds_of_damage_at_least() {
        assertThat(DAMAGES).hasSizeGreaterThanOrEqualTo(40);
    }

    @Test
    void nothing_is_found_in_what_a_store_has_written() {
        try (TestDatabase database = TestDatabase.migrated();
                PostgresAgentRunStore store = TestDatabase.quietStore(database.pool(4))) {
            SampleData.fill(store);

            Diagnosis diagnosis = StoreDoctor.of(store).examine();

            assertThat(diagnosis.findings()).isEmpty();
            assertThat(diagnosis.complete()).isTrue();
            assertThat(diagnosis.runs()).isEqualTo(7);
            assertThat(diagnosis.sessions()).isEqualTo(4);
            assertThat(diagnosis.tasks()).isEqualTo(4);
        }
    }

    @TestFactory
    Stream<DynamicTest> what_no_store_writes_is_found() {
        return DAMAGES.stream()
                .map(damage -> DynamicTest.dynamicTest(damage.what(), () -> {
                    try (TestDatabase database = TestDatabase.migrated();
                            PostgresAgentRunStore store = TestDatabase.quietStore(database.pool(4))) {
                        database.leaveUnexamined();
                        SampleData data = SampleData.fill(store);
                        // Where two tables hold one thing, the database itself refuses what would part them.
                        database.execute("SET search_path = \"" + TestDatabase.SCHEMA.replace("\"", "\"\"")
                                + "\"; SET session_replication_role = replica; " + damage.sql(data)
                                + "; RESET session_replication_role; RESET search_path");

                        List<Finding> findings = StoreDoctor.of(store).examine().findings();

                        assertThat(findings)
                                .extracting(Finding::rule)
                                .contains(damage.rule().number());
                    }
                }));
    }
}
