package io.agentrun.h2;

import static io.agentrun.error.StoreUnavailableException.Reason.SCHEMA;

import io.agentrun.backend.Entry.OfMark;
import io.agentrun.check.Times;
import io.agentrun.command.*;
import io.agentrun.event.RunEvent;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.*;
import io.agentrun.run.*;
import io.agentrun.runner.*;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tables of the store, and the version of its schema. Thread-safe. */
final class Tables {

    /** The version of the schema. Versions 1 and 2 had other columns, and no release used them. */
    static final long VERSION = 3;

    /** Reads the clock of the database, which all instances share. Only tests stop it. */
    static final String CLOCK = "SELECT COALESCE(stopped_at, CURRENT_TIMESTAMP(6)) FROM agentrun_store";

    private static final String TIME = " TIMESTAMP(6) WITH TIME ZONE";
    /** The column of records that are deleted with their run. */
    private static final String OF_RUN = "run_id VARCHAR REFERENCES runs (id) ON DELETE CASCADE";

    static final Table<Run> RUNS = new Table<>("runs", Run.class, Run::id)
            .owned(Run::owner)
            .keyed("tenant, project", Run::idempotency)
            .column("backend VARCHAR", run -> run.spec().backendProfile().wire())
            .column("provider VARCHAR", run -> run.spec().providerId())
            .indexed("session_id VARCHAR", Run::sessionId)
            .indexed("status VARCHAR", run -> run.status().wire())
            .indexed("lease_until" + TIME, Tables::leaseUntil)
            .indexed("ended_at" + TIME, run -> run.isTerminal() ? run.updatedAt() : null)
            .indexed("created_at" + TIME, Run::createdAt);

    static final Table<RunEvent> EVENTS = new Table<>("events", RunEvent.class, RunEvent::id)
            .column(OF_RUN, RunEvent::runId)
            .column("seq BIGINT", RunEvent::seq)
            .column("is_output BOOLEAN", event -> event.type().output())
            .and("UNIQUE (run_id, seq)");

    static final Table<Command> COMMANDS = new Table<>("commands", Command.class, Command::id)
            .column(OF_RUN, Command::runId)
            .keyed("run_id", Command::idempotency)
            .column("seq BIGINT", Command::seq)
            .column("ordinal BIGINT", command -> command.order().ordinal())
            .column("is_turn BOOLEAN", command -> command.type() == CommandType.TURN)
            .column("is_open BOOLEAN", command -> !command.state().terminal())
            .column("state VARCHAR", command -> command.state().wire())
            .column("deliverable BOOLEAN", command -> command.order().deliverable())
            .and("UNIQUE (run_id, seq)");

    static final Table<RunnerJob> JOBS = new Table<>("jobs", RunnerJob.class, RunnerJob::id)
            .column(OF_RUN, RunnerJob::runId)
            .keyed("run_id", RunnerJob::idempotency)
            .column("command_id VARCHAR", RunnerJob::commandId)
            .and("saved BIGINT GENERATED ALWAYS AS IDENTITY");

    static final Table<Session> SESSIONS = new Table<>("sessions", Session.class, Session::id)
            .owned(Session::owner)
            .column("backend VARCHAR", session -> session.backendProfile().wire())
            .column("state VARCHAR", session -> session.activity().state().wire())
            .indexed("storage VARCHAR", session -> session.storage().state().wire())
            .column("version BIGINT UNIQUE", Session::version)
            .indexed("expires_at" + TIME, Session::expiresAt)
            .indexed("updated_at" + TIME, Session::updatedAt)
            .and("collector_id VARCHAR, collector_until" + TIME);

    static final Table<QueueTask> TASKS = new Table<>("tasks", QueueTask.class, QueueTask::id)
            .owned(QueueTask::owner)
            .keyed("tenant, project", QueueTask::idempotency)
            .column("queue VARCHAR", task -> task.place().queue())
            .column("lane VARCHAR", task -> task.place().lane())
            .column("backend VARCHAR", task -> task.spec().backendProfile().wire())
            .column("session_id VARCHAR", Tables::sessionId)
            .indexed("priority BIGINT", task -> task.place().priority())
            .indexed("state VARCHAR", task -> task.state().wire())
            .column("not_before" + TIME, QueueTask::notBefore)
            .column("created_at" + TIME, QueueTask::createdAt)
            .column("version BIGINT UNIQUE", QueueTask::version);

    static final Table<Runner> RUNNERS = new Table<>("runners", Runner.class, Runner::id);
    static final Table<Backend> BACKENDS =
            new Table<>("backends", Backend.class, backend -> backend.profile().wire());
    static final Table<OfMark> MARKS = new Table<>("marks", OfMark.class, Tables::markId)
            .column("kind VARCHAR", of -> of.kind().name())
            .column("subject_id VARCHAR", of -> of.mark().subjectId())
            .column("reader_id VARCHAR", of -> of.mark().readerId())
            .column("version BIGINT", of -> of.mark().version())
            .and("UNIQUE (subject_id, reader_id, kind)");

    private static @Nullable Instant leaseUntil(Run run) {
        return run.lease().map(Lease::expiresAt).orElse(null);
    }

    private static @Nullable String sessionId(QueueTask task) {
        SessionRef session = task.content().session();
        return session == null ? null : session.sessionId();
    }

    private static String markId(OfMark entry) {
        return String.join(
                "\n",
                entry.kind().name(),
                entry.mark().subjectId(),
                entry.mark().readerId());
    }

    /** Creates the tables in an empty database; a creation that was interrupted is completed. */
    static long prepare(Sql sql) {
        if (version(sql) == 0) {
            sql.update("CREATE TABLE IF NOT EXISTS agentrun_store"
                    + " (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, stopped_at TIMESTAMP(6) WITH TIME ZONE)");
            Stream.of(RUNS, EVENTS, COMMANDS, JOBS, SESSIONS).forEach(table -> table.create(sql));
            Stream.of(TASKS, MARKS, RUNNERS, BACKENDS).forEach(table -> table.create(sql));
            // The row comes last. If two instances are here at once, the second waits for the first and adds nothing.
            String insert = "MERGE INTO agentrun_store s USING (VALUES (1)) v (id) ON s.id = v.id"
                    + " WHEN NOT MATCHED THEN INSERT (id, version) VALUES (1, ?)";
            sql.update(insert, VERSION);
            Instant now = now(sql);
            StartingBackends.all().forEach(backend -> BACKENDS.save(sql, RunnerRules.backend(backend, now)));
        }
        long version = version(sql);
        if (version != VERSION) {
            throw Sql.unavailable(SCHEMA, "the schema has version " + version + ", and this store knows " + VERSION);
        }
        return version;
    }

    /** Returns the version that the database has; 0 if its tables were not created, or not all of them. */
    static long version(Sql sql) {
        String tables = "SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE ";
        boolean ours = sql.only(Long.class, tables + "TABLE_SCHEMA = 'PUBLIC' AND TABLE_NAME = 'AGENTRUN_STORE'") > 0;
        if (!ours && sql.only(Long.class, tables + "TABLE_SCHEMA <> 'INFORMATION_SCHEMA'") > 0) {
            throw Sql.unavailable(SCHEMA, "the database has tables of another program, and none of agentrun's");
        }
        return ours ? sql.only(Long.class, "SELECT COALESCE(MAX(version), 0) FROM agentrun_store") : 0;
    }

    static Instant now(Sql sql) {
        return Times.micros(sql.only(Instant.class, CLOCK));
    }
}
