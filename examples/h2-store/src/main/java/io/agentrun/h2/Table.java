package io.agentrun.h2;

import static io.agentrun.error.StoreUnavailableException.Reason.SCHEMA;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.backend.Cursors;
import io.agentrun.backend.Entry.*;
import io.agentrun.backend.StartingBackends;
import io.agentrun.command.Command;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.RunEvent;
import io.agentrun.json.StoredRecords;
import io.agentrun.model.*;
import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.*;
import io.agentrun.run.Run;
import io.agentrun.runner.*;
import io.agentrun.schedule.Schedule;
import io.agentrun.session.Session;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.*;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table of records of one kind. The column {@code document} stores the whole record as JSON; the other columns repeat values
 * of the document for queries, each with its path in the document. Configured once, then
 * thread-safe.
 */
record Table<T>(String name, Class<T> type, String key, Map<String, JsonPointer> columns, List<String> definitions) {

    /** The version of the schema. Versions 1 to 7 had other columns, and no release used them. */
    static final long VERSION = 9;
    /** Reads the clock of the database, which all instances share. Only tests stop it. */
    static final String CLOCK = "SELECT COALESCE(stopped_at, CURRENT_TIMESTAMP(6)) FROM agentrun_store";

    private static final String TEXT = "VARCHAR";
    private static final String NUMBER = "BIGINT";
    private static final String TIME = "TIMESTAMP(6) WITH TIME ZONE";
    /** The column of records that are deleted with their run. */
    private static final String OF_RUN = "VARCHAR REFERENCES runs (id) ON DELETE CASCADE";

    // H2 creates an index for each UNIQUE. Those with an id at the end always hold: they are there for their index.
    static final Table<Run> RUNS = new Table<>("runs", Run.class, "id")
            .columns(TEXT, "id=id, tenant=owner/tenantId, project=owner/projectId, idempotency_key=idempotency/key")
            .columns(TEXT, "session_id=sessionId, task_id=taskId, status=status, backend=spec/backendProfile")
            .columns(TEXT, "provider=spec/providerId")
            .columns(TIME, "lease_until=claim/lease/expiresAt, claim_until=claimLimit/until")
            .columns(TIME, "created_at=createdAt, updated_at=updatedAt")
            .columns(TIME, "begin_by=deadlines/beginBy, end_by=deadlines/endBy")
            .and("UNIQUE (begin_by, id), UNIQUE (end_by, id)")
            .and("UNIQUE (tenant, project, idempotency_key), UNIQUE (created_at, id), UNIQUE (session_id, id)")
            .and("UNIQUE (status, created_at, id), UNIQUE (status, updated_at, id), UNIQUE (lease_until, id)")
            .and("UNIQUE (task_id, id), UNIQUE (claim_until, id)");

    /** What no document of a run shows. */
    record OfGuard(String runId, RunGuard guard) {}

    static final Table<OfGuard> GUARDS = new Table<>("guards", OfGuard.class, "id").columns(OF_RUN, "id=runId");

    static final Table<RunEvent> EVENTS = new Table<>("events", RunEvent.class, "run_id, seq")
            .columns(OF_RUN, "run_id=runId")
            .columns(NUMBER, "seq=seq")
            .columns(TEXT, "type=type");

    static final Table<Command> COMMANDS = new Table<>("commands", Command.class, "id")
            .columns(OF_RUN, "run_id=runId")
            .columns(TEXT, "id=id, idempotency_key=idempotency/key, type=type, state=state")
            .columns(NUMBER, "seq=seq, ordinal=order/ordinal")
            .columns("BOOLEAN", "deliverable=order/deliverable")
            .and("UNIQUE (run_id, idempotency_key), UNIQUE (run_id, seq)");

    static final Table<Session> SESSIONS = new Table<>("sessions", Session.class, "id")
            .columns(TEXT, "id=id, tenant=owner/tenantId, project=owner/projectId, backend=backendProfile")
            .columns(TEXT, "state=activity/state, storage=storage/state")
            .columns(TIME, "expires_at=expiresAt, updated_at=updatedAt")
            .columns(NUMBER, "version=version")
            .and("UNIQUE (version), UNIQUE (storage, id), UNIQUE (expires_at, id), UNIQUE (updated_at, id)");

    static final Table<CollectorLease> COLLECTORS = new Table<>("collectors", CollectorLease.class, "session_id")
            .columns(TEXT, "session_id=sessionId, collector_id=collectorId")
            .columns(TIME, "ends=until");

    static final Table<QueueTask> TASKS = new Table<>("tasks", QueueTask.class, "id")
            .columns(TEXT, "id=id, tenant=owner/tenantId, project=owner/projectId, idempotency_key=idempotency/key")
            .columns(TEXT, "queue=place/queue, lane=place/lane, backend=spec/backendProfile, state=state")
            .columns(TEXT, "session_id=content/session/sessionId")
            .columns(TIME, "not_before=notBefore, created_at=createdAt, updated_at=updatedAt")
            .columns(TIME, "begin_by=deadlines/beginBy, end_by=deadlines/endBy")
            .columns(TEXT, "replace_key=replaceKey")
            .and("UNIQUE (begin_by, id), UNIQUE (end_by, id), UNIQUE (tenant, project, replace_key)")
            .columns(NUMBER, "priority=place/priority, version=version, attempts=latestAttempt/number")
            .and("UNIQUE (tenant, project, idempotency_key), UNIQUE (version)")
            .and("UNIQUE (state, priority, created_at, id), UNIQUE (priority, created_at, id)")
            .and("UNIQUE (session_id, id)");

    /** The highest version that a deleted record of a table had. */
    record OfVersion(String table, long version) {}

    static final Table<OfVersion> VERSIONS = new Table<>("versions", OfVersion.class, "id").columns(TEXT, "id=table");

    static final Table<Question> QUESTIONS = new Table<>("questions", Question.class, "id")
            .columns(OF_RUN, "run_id=runId")
            .columns(TEXT, "id=id, tenant=owner/tenantId, project=owner/projectId, session_id=sessionId, state=state")
            .columns(TEXT, "idempotency_key=idempotency/key")
            .columns(TIME, "created_at=createdAt, expires_at=expiresAt")
            .columns(NUMBER, "version=version")
            .and("UNIQUE (run_id, idempotency_key), UNIQUE (version), UNIQUE (created_at, id)")
            .and("UNIQUE (state, created_at, id), UNIQUE (state, expires_at, id)");

    static final Table<Schedule> SCHEDULES = new Table<>("schedules", Schedule.class, "tenant, project, name")
            .columns(TEXT, "tenant=given/task/owner/tenantId, project=given/task/owner/projectId")
            .columns(TEXT, "name=given/name, state=state")
            .columns(TIME, "last_at=last");

    static final Table<OfMark> MARKS = new Table<>("marks", OfMark.class, "subject_id, reader_id, kind")
            .columns(TEXT, "kind=kind, subject_id=mark/subjectId, reader_id=mark/readerId")
            .columns(NUMBER, "version=mark/version");

    static final Table<RunnerJob> JOBS = new Table<>("jobs", RunnerJob.class, "id")
            .columns(OF_RUN, "run_id=runId")
            .columns(TEXT, "id=id, command_id=commandId, idempotency_key=idempotency/key")
            .and("saved BIGINT GENERATED ALWAYS AS IDENTITY, UNIQUE (run_id, idempotency_key)");

    static final Table<Runner> RUNNERS = new Table<>("runners", Runner.class, "id").columns(TEXT, "id=id");
    static final Table<Backend> BACKENDS = new Table<>("backends", Backend.class, "id").columns(TEXT, "id=profile");

    /** Creates the tables in an empty database; a creation that was interrupted is completed. */
    static long prepare(Sql sql) {
        if (version(sql) == 0) {
            sql.update("CREATE TABLE IF NOT EXISTS agentrun_store"
                    + " (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, stopped_at TIMESTAMP(6) WITH TIME ZONE)");
            Stream.of(
                            RUNS,
                            GUARDS,
                            EVENTS,
                            COMMANDS,
                            JOBS,
                            SESSIONS,
                            COLLECTORS,
                            TASKS,
                            VERSIONS,
                            QUESTIONS,
                            SCHEDULES,
                            MARKS,
                            RUNNERS,
                            BACKENDS)
                    .forEach(table -> table.create(sql));
            H2Limits.LIMITS.create(sql);
            // The row comes last. If two instances are here at once, the second waits for the first and adds nothing.
            String insert = "MERGE INTO agentrun_store s USING (VALUES (1)) v (id) ON s.id = v.id"
                    + " WHEN NOT MATCHED THEN INSERT (id, version) VALUES (1, ?)";
            sql.update(insert, VERSION);
            StartingBackends.all().forEach(backend -> BACKENDS.save(sql, RunnerRules.backend(backend, now(sql))));
        }
        long version = version(sql);
        if (version != VERSION) {
            String versions = "the schema has version " + version + ", and this store knows " + VERSION;
            throw new StoreUnavailableException(SCHEMA, versions, null);
        }
        return version;
    }

    /** Returns the version that the database has; 0 if its tables were not created, or not all of them. */
    static long version(Sql sql) {
        String tables = "SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE ";
        boolean ours = sql.only(Long.class, tables + "TABLE_SCHEMA = 'PUBLIC' AND TABLE_NAME = 'AGENTRUN_STORE'") > 0;
        if (!ours && sql.only(Long.class, tables + "TABLE_SCHEMA <> 'INFORMATION_SCHEMA'") > 0) {
            String others = "the database has tables of another program, and none of agentrun's";
            throw new StoreUnavailableException(SCHEMA, others, null);
        }
        return ours ? sql.only(Long.class, "SELECT COALESCE(MAX(version), 0) FROM agentrun_store") : 0;
    }

    static Instant now(Sql sql) {
        return sql.only(Instant.class, CLOCK);
    }

    /** Makes a table in which the columns of the key identify a record. */
    Table(String name, Class<T> type, String key) {
        this(name, type, key, new LinkedHashMap<>(), new ArrayList<>());
        and("document CLOB").and("PRIMARY KEY (" + key + ")");
    }

    /** Adds columns of one SQL type, each as {@code name=path/in/the/document}. */
    Table<T> columns(String sqlType, String namesAndPaths) {
        for (String column : namesAndPaths.split(", ")) {
            String[] parts = column.split("=");
            columns.put(parts[0], JsonPointer.compile("/" + parts[1]));
            and(parts[0] + " " + sqlType);
        }
        return this;
    }

    /** Adds a constraint, or a column that is not in the document. */
    Table<T> and(String definition) {
        definitions.add(definition);
        return this;
    }

    void create(Sql sql) {
        sql.update("CREATE TABLE IF NOT EXISTS " + name + " (" + String.join(", ", definitions) + ")");
    }

    /** Inserts the record, or replaces the one with its key. */
    T save(Sql sql, T record) {
        JsonNode document = StoredRecords.write(record);
        List<@Nullable Object> values = new ArrayList<>(List.of(document.toString()));
        columns.values().forEach(path -> values.add(document.at(path).asText(null)));
        String names = "document, " + String.join(", ", columns.keySet());
        String parameters = "?" + ", ?".repeat(columns.size());
        String merge = "MERGE INTO " + name + " (" + names + ") KEY (" + key + ") VALUES (" + parameters + ")";
        sql.update(merge, values.toArray());
        return record;
    }

    /** Returns one of the records that meet the condition. */
    Optional<T> find(Sql sql, String condition, Object... parameters) {
        return from(sql).and(condition, parameters).first(key);
    }

    /** Returns the record with the id, which exists. */
    T get(Sql sql, String id) {
        return find(sql, "id = ?", id).orElseThrow();
    }

    Query<T> from(Sql sql) {
        return new Query<>(this, sql, new StringBuilder(" FROM " + name + " WHERE TRUE"), new ArrayList<>());
    }

    /** A query under construction; values are passed as parameters only. Not thread-safe: one thread at a time. */
    record Query<T>(Table<T> table, Sql sql, StringBuilder conditions, List<@Nullable Object> values) {

        Query<T> and(String condition, @Nullable Object... parameters) {
            conditions.append(" AND ").append(condition);
            values.addAll(Arrays.asList(parameters));
            return this;
        }

        /** Requires the value, which is compared as it is in documents, in the column; unless it is null. */
        Query<T> is(String column, @Nullable Object value) {
            return value == null
                    ? this
                    : and(column + " = ?", StoredRecords.write(value).asText());
        }

        Query<T> in(TenantScope scope) {
            return is("tenant", scope.tenantId()).is("project", scope.projectId());
        }

        /** Requires what follows the keys of a cursor, which are a time and an id, unless there are none. */
        Query<T> after(List<String> keys, String condition) {
            Instant at = keys.isEmpty() ? Instant.EPOCH : Cursors.instant(keys.get(0));
            return keys.isEmpty() ? this : and(condition, at, at, keys.get(1));
        }

        /** Requires what was not passed over, on one of the backends unless there are none. */
        Query<T> candidates(TenantScope scope, Set<BackendProfile> backends, Collection<String> passed) {
            Object wires = backends.stream().map(BackendProfile::wire).toArray(String[]::new);
            in(scope).and("NOT id = ANY(?)", (Object) passed.toArray(String[]::new));
            return backends.isEmpty() ? this : and("backend = ANY(?)", wires);
        }

        List<T> list(String order, int limit) {
            return select("document", row -> StoredRecords.read(row.getString(1), table.type), first(order, limit));
        }

        List<String> ids(String order, int limit) {
            return select("id", row -> row.getString(1), first(order, limit));
        }

        static String first(String order, int limit) {
            return " ORDER BY " + order + " LIMIT " + limit;
        }

        Optional<T> first(String order) {
            return list(order, 1).stream().findFirst();
        }

        /** Returns the first number, 0 for NULL or none. */
        long number(String what, String end) {
            return select(what, row -> row.getLong(1), end).stream().findFirst().orElse(0L);
        }

        <R> List<R> select(String what, Sql.Step<ResultSet, R> read, String end) {
            return sql.list(read, "SELECT " + what + conditions + end, values.toArray());
        }
    }
}
