package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandType;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.inspect.Diagnosis;
import io.agentrun.inspect.Finding;
import io.agentrun.inspect.Finding.Subject;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.OriginalDatabase;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionTraceQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that the original would take and our types cannot hold, and rows that no migration has seen. */
class HostileRowsTest {

    private static final TenantScope ALL = TenantScope.all();

    /** Blanks at the ends, too long, empty, a line break, what turns the direction of text, a line separator. */
    private static final List<String> BAD_NAMES = List.of(
            " lead",
            "trail ",
            "x".repeat(300),
            "",
            "line\nbreak",
            "turn\u202Eed",
            "sep\u2028arated",
            "\u00A0nbsp",
            "\u0085",
            "\t");

    private TestDatabase database;

    @BeforeEach
    void fill() {
        database = OriginalDatabase.at(OriginalDatabase.LEVELS);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private PostgresAgentRunStore adopted() {
        return PostgresAgentRunStore.builder(database.pool(6))
                .withoutNotifications()
                .build();
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private void task(String id, String column, String value) {
        database.execute("INSERT INTO agentrun_queue_tasks SELECT (jsonb_populate_record(t, jsonb_build_object("
                + "'id', " + quoted(id) + ", 'idempotency_key', NULL, 'state', 'pending', '" + column + "', " + value
                + "))).* FROM agentrun_queue_tasks t WHERE id = 'qt_waiting'");
    }

    private void run(String id, String set) {
        database.execute("INSERT INTO agentrun_runs SELECT (jsonb_populate_record(r, jsonb_build_object('id', "
                + quoted(id) + "))).* FROM agentrun_runs r WHERE id = 'run_claimed'");
        database.execute("UPDATE agentrun_runs SET " + set + " WHERE id = " + quoted(id));
    }

    private void command(String id, String runId, String type, String state, String key) {
        database.execute("INSERT INTO agentrun_commands (id, run_id, seq, type, payload, payload_hash, idempotency_key,"
                + " state, created_at, updated_at) SELECT " + quoted(id) + ", " + quoted(runId)
                + ", COALESCE(max(seq), 0) + 1, " + quoted(type) + ", '{}', 'hash', "
                + (key == null ? "NULL" : quoted(key)) + ", " + quoted(state) + ", now(), now()"
                + " FROM agentrun_commands WHERE run_id = " + quoted(runId));
    }

    private List<QueueTask> tasks(PostgresAgentRunStore store) {
        return store.queue().list(QueueQuery.in(ALL).withLimit(500)).items();
    }

    @Test
    void a_task_of_any_priority_is_listed_and_dispatched() {
        task("qt_high", "priority", "10000000");
        task("qt_low", "priority", "-2147483648");
        for (int i = 0; i < 5; i++) {
            task("qt_normal_" + i, "priority", "1");
        }

        try (PostgresAgentRunStore store = adopted()) {
            assertThat(store.queue().get("qt_high").place().priority()).isEqualTo(1_000_000);
            assertThat(store.queue().get("qt_low").place().priority()).isEqualTo(-1_000_000);
            assertThat(store.queue().changes(ALL, null, 500).items()).hasSize(12);
            assertThat(store.queue().snapshot(QueueScope.all()).items()).hasSize(12);
            List<String> dispatched = new ArrayList<>();
            for (Optional<Dispatch> next = dispatch(store); next.isPresent(); next = dispatch(store)) {
                dispatched.add(next.get().task().id());
            }
            assertThat(dispatched).hasSize(8).startsWith("qt_high").endsWith("qt_low");
        }
        assertThat(database.query("SELECT value FROM agentrun_originals WHERE row_id = 'qt_high'"))
                .containsExactly("10000000");
    }

    private static Optional<Dispatch> dispatch(PostgresAgentRunStore store) {
        return store.queue().dispatchNext(DispatchRequest.fromQueue("main"));
    }

    @Test
    void names_that_are_none_are_made_some_and_stay_apart() {
        int number = 0;
        for (String bad : BAD_NAMES) {
            for (String column : List.of("tenant_id", "project_id", "queue", "lane", "title", "backend_profile")) {
                task("qt_bad_" + number, column, quoted(bad));
                run(
                        "run_bad_" + number,
                        (column.matches("queue|lane|title") ? "provider_id" : column) + " = " + quoted(bad));
                number++;
            }
            database.execute("INSERT INTO agentrun_sessions (session_id, tenant_id, project_id, backend_profile,"
                    + " conversation_id, thread_id, title, created_at, updated_at) VALUES ('s_" + number + "', "
                    + quoted(bad) + ", 'p', " + quoted(bad) + ", " + quoted(bad) + ", " + quoted(bad) + ", "
                    + quoted(bad) + ", now(), now())");
        }

        try (PostgresAgentRunStore store = adopted()) {
            assertThat(tasks(store)).hasSize(5 + number);
            assertThat(tasks(store))
                    .extracting(task -> task.owner().tenantId())
                    .contains("t1")
                    .doesNotContainNull();
            assertThat(tasks(store).stream()
                            .map(task -> task.owner().tenantId())
                            .distinct())
                    .hasSize(2 + BAD_NAMES.size());
            assertThat(runs(store)).hasSize(5 + number);
            assertThat(store.sessions()
                            .list(SessionQuery.in(ALL).withLimit(500))
                            .items())
                    .hasSizeGreaterThanOrEqualTo(BAD_NAMES.size());
            assertThat(store.health().message()).isNull();
        }
        assertThat(database.query("SELECT value #>> '{}' FROM agentrun_originals WHERE column_name = 'queue'"))
                .containsExactlyInAnyOrderElementsOf(BAD_NAMES);
    }

    private static List<Run> runs(PostgresAgentRunStore store) {
        return store.runs().list(RunQuery.in(ALL).withLimit(500)).items();
    }

    @Test
    void a_command_with_a_key_that_nobody_can_name_stops_no_recovery() {
        for (int i = 0; i < 3; i++) {
            run("run_expired_" + i, "lease_expires_at = '2020-01-01'");
        }
        run("run_poisoned", "lease_expires_at = '2019-01-01'");
        command("cmd_long", "run_poisoned", "turn", "pending", "k".repeat(256));
        command("cmd_empty", "run_poisoned", "turn", "pending", "");

        try (PostgresAgentRunStore store = adopted()) {
            List<Recovery> done = store.leases().recoverExpired(ExpiredQuery.in(ALL));

            assertThat(done).extracting(Recovery::outcome).doesNotContain(RecoveryOutcome.PASSED_OVER);
            assertThat(done).extracting(Recovery::runId).contains("run_poisoned", "run_expired_0", "run_expired_2");
            assertThat(store.commands().list("run_poisoned", 0, 10))
                    .satisfies(page -> assertThat(page.items()).hasSize(2));
            store.runs().cancel("run_poisoned", "over", CancelMode.FORCE);
        }
    }

    @Test
    void commands_of_unknown_types_and_states_have_ended() {
        command("cmd_cancel", "run_claimed", "cancel", "pending", null);
        command("cmd_weird", "run_claimed", "turn", "weird", null);
        command("cmd_other", "run_claimed", "reflect", "completed", null);

        try (PostgresAgentRunStore store = adopted()) {
            Command cancel = store.commands().get("cmd_cancel");
            Command weird = store.commands().get("cmd_weird");
            Command other = store.commands().get("cmd_other");

            assertThat(cancel.type()).isEqualTo(CommandType.INTERRUPT);
            assertThat(cancel.state()).isEqualTo(CommandState.CANCELLED);
            assertThat(weird.type()).isEqualTo(CommandType.TURN);
            assertThat(weird.state()).isEqualTo(CommandState.FAILED);
            assertThat(other.type()).isEqualTo(CommandType.STEER);
            assertThat(other.state()).isEqualTo(CommandState.COMPLETED);
            assertThat(store.commands().list("run_claimed", 0, 50).items()).hasSize(6);
            store.runs().cancel("run_claimed", "over", CancelMode.FORCE);
        }
        assertThat(database.query("SELECT row_id || ' ' || value FROM agentrun_originals ORDER BY 1"))
                .containsExactly("cmd_cancel \"cancel\"", "cmd_other \"reflect\"", "cmd_weird \"weird\"");
    }

    @Test
    void events_of_unknown_types_deep_and_large_ones_are_read() {
        String deep = "{\"a\":".repeat(66) + "1" + "}".repeat(66);
        event("evt_reasoning", 5, "reasoning", "{\"text\":\"hm\"}");
        event(" bad id ", 6, "assistant_message", deep);
        event("evt_large", 7, "assistant_message", "{\"text\":\"" + "x".repeat(5_000_000) + "\"}");
        event("evt_last", 8, "assistant_message", "{\"text\":\"last\"}");

        try (PostgresAgentRunStore store = adopted()) {
            List<RunEvent> events = store.events().list("run_done", 4, 10).items();

            assertThat(events).extracting(RunEvent::seq).containsExactly(5L, 6L, 7L, 8L);
            assertThat(events.get(0).type()).isEqualTo(EventType.BACKEND_STATUS);
            assertThat(events.get(0).payload().toJson())
                    .isEqualTo("{\"payload\":{\"text\":\"hm\"},\"phase\":\"unknown-event\",\"type\":\"reasoning\"}");
            assertThat(events.get(1).id()).isEqualTo("evt_6");
            assertThat(events.get(1).payload().toJson()).isEqualTo(deep);
            assertThat(events.get(2).payload().toJson()).hasSizeGreaterThan(5_000_000);
        }
    }

    private void event(String id, int seq, String type, String payload) {
        database.execute("INSERT INTO agentrun_events (id, run_id, seq, type, payload, created_at) VALUES ("
                + quoted(id) + ", 'run_done', " + seq + ", " + quoted(type) + ", " + quoted(payload) + ", now())");
    }

    @Test
    void json_that_is_too_deep_is_kept_as_text_beside_the_original() {
        String deep = "{\"a\":".repeat(65) + "1" + "}".repeat(65);
        String fits = "{\"a\":".repeat(64) + "1" + "}".repeat(64);
        task("qt_deep", "payload", quoted(deep) + "::jsonb");
        task("qt_fits", "payload", quoted(fits) + "::jsonb");

        try (PostgresAgentRunStore store = adopted()) {
            assertThat(store.queue().get("qt_deep").content().payload().string("adopted"))
                    .hasValueSatisfying(
                            text -> assertThat(text.replace(" ", "")).isEqualTo(deep));
            assertThat(store.queue().get("qt_fits").content().payload().toJson())
                    .isEqualTo(fits);
        }
        assertThat(database.query("SELECT row_id FROM agentrun_originals")).containsExactly("qt_deep");
    }

    /** What a later version or a hand has written: no list ends with it, and health names it. */
    @Test
    void a_row_that_cannot_be_read_hides_no_other() {
        for (int i = 0; i < 6; i++) {
            task("qt_" + i, "priority", String.valueOf(100 - i));
            run("run_" + i, "claimed_by = 'r', lease_expires_at = '2020-01-0" + (i + 1) + "'");
        }
        try (PostgresAgentRunStore store = adopted()) {
            database.execute("UPDATE agentrun_queue_tasks SET priority = 2000000 WHERE id IN ('qt_1', 'qt_2')");
            database.execute("UPDATE agentrun_run_state SET runner_id = ' ' WHERE run_id IN ('run_1', 'run_2')");

            Page<QueueTask> first = store.queue().list(QueueQuery.in(ALL).withLimit(2));
            assertThat(first.items()).extracting(QueueTask::id).containsExactly("qt_0", "qt_3");
            assertThat(first.nextCursor()).isNotNull();
            assertThat(store.queue().changes(ALL, null, 500).items()).hasSize(9);
            assertThat(store.queue().snapshot(QueueScope.all()).items())
                    .doesNotContainNull()
                    .isNotEmpty();
            assertThat(store.health().message()).contains("cannot be read").doesNotContain("qt_");
            assertThat(store.health().unreadable()).contains("qt_1", "qt_2");
            assertThat(store.within(TenantScope.tenant("t1")).health().unreadable())
                    .isEmpty();
            assertThatThrownBy(() -> store.queue().get("qt_1"))
                    .isInstanceOfSatisfying(
                            StoreUnavailableException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT));
            assertThat(dispatch(store))
                    .hasValueSatisfying(d -> assertThat(d.task().id()).isEqualTo("qt_0"));
            assertThat(dispatch(store))
                    .hasValueSatisfying(d -> assertThat(d.task().id()).isEqualTo("qt_3"));

            List<Recovery> done =
                    store.leases().recoverExpired(ExpiredQuery.in(ALL).withLimit(3));
            assertThat(done).extracting(Recovery::runId).contains("run_0", "run_3", "run_4");
        }
    }

    @Test
    void the_doctor_names_what_cannot_be_read_and_goes_on_behind_it() {
        for (int i = 0; i < 6; i++) {
            task("qt_" + i, "priority", String.valueOf(100 - i));
        }
        try (PostgresAgentRunStore store = adopted()) {
            Diagnosis before = store.inspect().doctor();
            database.execute("UPDATE agentrun_queue_tasks SET priority = 2000000 WHERE id IN ('qt_1', 'qt_2')");
            database.execute("UPDATE agentrun_sessions SET execution_state = 'dreaming' WHERE session_id"
                    + " = (SELECT min(session_id) FROM agentrun_runs)");
            String session =
                    database.query("SELECT min(session_id) FROM agentrun_runs").get(0);

            Diagnosis diagnosis = store.inspect().doctor();

            assertThat(diagnosis.complete()).isFalse();
            assertThat(diagnosis.tasks()).isEqualTo(before.tasks() - 2);
            assertThat(diagnosis.runs()).isEqualTo(before.runs());
            assertThat(diagnosis.findings())
                    .filteredOn(finding -> finding.rule().equals("X-2") && finding.subject() == Subject.STORE)
                    .extracting(Finding::id)
                    .contains("qt_1", "qt_2", session);
            assertThat(diagnosis.findings())
                    .anyMatch(finding -> finding.rule().equals("X-2") && finding.subject() == Subject.RUN);
        }
    }

    @Test
    void sessions_and_traces_go_on_beside_a_row_that_cannot_be_read() {
        for (int i = 0; i < 4; i++) {
            database.execute("INSERT INTO agentrun_sessions (session_id, tenant_id, project_id, backend_profile,"
                    + " created_at, updated_at) VALUES ('s_" + i + "', 't', 'p', 'codex', now(), now() + interval '" + i
                    + " hours')");
        }
        try (PostgresAgentRunStore store = adopted()) {
            database.execute("UPDATE agentrun_sessions SET execution_state = 'dreaming' WHERE session_id = 's_2'");

            assertThat(store.sessions().list(SessionQuery.in(ALL).withLimit(2)).items())
                    .extracting(summary -> summary.session().id())
                    .containsExactly("s_3", "s_1");
            assertThat(store.sessions().changes(ALL, null, 500).items())
                    .extracting(session -> session.id())
                    .contains("s_0", "s_1", "s_3")
                    .doesNotContain("s_2");
            assertThat(store.sessions().trace(SessionTraceQuery.of("s_1")).items())
                    .isEmpty();
        }
    }
}
