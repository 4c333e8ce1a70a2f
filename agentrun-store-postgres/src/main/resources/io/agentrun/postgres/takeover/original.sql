-- Before the migrations: is this the original manager's schema, at one of its seven levels and as its code makes it? What is
-- newer or was altered is refused, with nothing changed. Then the sessions that only their runs still know are written down,
-- before the column that knows them goes.
DO $takeover$
DECLARE
    reached integer;
    problem text;
    expiry record;
BEGIN
    IF pg_catalog.to_regclass('agentrun_runs') IS NULL OR pg_catalog.to_regclass('agentrun_run_state') IS NOT NULL THEN
        RETURN;
    END IF;

    IF pg_catalog.to_regclass('agentrun_schema_migrations') IS NOT NULL THEN
        WITH known (place, id, checksum) AS (VALUES
            {known}
        ), applied AS (
            SELECT m.id, m.checksum, k.place, k.checksum AS expected, pg_catalog.max(k.place) OVER () AS last
            FROM agentrun_schema_migrations m LEFT JOIN known k ON k.id = m.id
        ), problems (rank, id, text) AS (
            SELECT 1, a.id, 'has been applied, which is none of the seven that can be taken over'
            FROM applied a WHERE a.place IS NULL
            UNION ALL
            SELECT 2, a.id, 'has another checksum than the original''s code gives it'
            FROM applied a WHERE a.checksum !~ a.expected
            UNION ALL
            SELECT 3, k.id, 'has not been applied, but a later one has'
            FROM known k
            WHERE k.place < (SELECT pg_catalog.max(a.last) FROM applied a)
                AND k.id NOT IN (SELECT a.id FROM applied a)
        )
        SELECT
            (SELECT pg_catalog.max(a.last) FROM applied a),
            (SELECT 'the migration ' || pg_catalog.regexp_replace(pg_catalog.left(p.id, 100), '[^A-Za-z0-9_.-]', '?', 'g')
                    || ' of the original ' || p.text
                FROM problems p ORDER BY p.rank, p.id LIMIT 1)
        INTO reached, problem;
    END IF;

    IF problem IS NULL THEN
        WITH made (level, of_table, type, names) AS (VALUES
            (1, 'agentrun_runs', 'text', 'id tenant_id project_id provider_id backend_profile status terminal_status failure_kind'
                || ' failure_message claimed_by'),
            (1, 'agentrun_runs', 'jsonb', 'workspace_ref execution_policy trace_sink'),
            (1, 'agentrun_runs', 'timestamp with time zone', 'created_at updated_at lease_expires_at'),
            (3, 'agentrun_runs', 'jsonb', 'session_ref resource_bundle_ref'),
            (1, 'agentrun_commands', 'text', 'id run_id type payload_hash idempotency_key state'),
            (1, 'agentrun_commands', 'integer', 'seq'),
            (1, 'agentrun_commands', 'jsonb', 'payload'),
            (1, 'agentrun_commands', 'timestamp with time zone', 'created_at updated_at acknowledged_at'),
            (1, 'agentrun_events', 'text', 'id run_id type'),
            (1, 'agentrun_events', 'integer', 'seq'),
            (1, 'agentrun_events', 'jsonb', 'payload'),
            (1, 'agentrun_events', 'timestamp with time zone', 'created_at'),
            (1, 'agentrun_leases', 'text', 'run_id runner_id'),
            (1, 'agentrun_leases', 'jsonb', 'stale_recovery_marker'),
            (1, 'agentrun_leases', 'timestamp with time zone', 'lease_expires_at updated_at'),
            (1, 'agentrun_runners', 'text', 'id run_id attempt_id backend_profile placement source_commit'),
            (1, 'agentrun_runners', 'jsonb', 'metadata'),
            (1, 'agentrun_runners', 'timestamp with time zone', 'registered_at heartbeat_at'),
            (1, 'agentrun_backends', 'text', 'profile'),
            (1, 'agentrun_backends', 'jsonb', 'capabilities capacity health'),
            (1, 'agentrun_backends', 'timestamp with time zone', 'updated_at'),
            (3, 'agentrun_sessions', 'text', 'session_id tenant_id project_id backend_profile conversation_id thread_id'),
            (3, 'agentrun_sessions', 'jsonb', 'metadata'),
            (3, 'agentrun_sessions', 'timestamp with time zone', 'created_at updated_at expires_at'),
            (3, 'agentrun_runner_jobs', 'text', 'id run_id command_id idempotency_key payload_hash attempt_id runner_id namespace'
                || ' job_name manager_url image source_commit service_account_name'),
            (3, 'agentrun_runner_jobs', 'jsonb', 'result'),
            (3, 'agentrun_runner_jobs', 'timestamp with time zone', 'created_at updated_at'),
            (4, 'agentrun_queue_tasks', 'text', 'id tenant_id project_id queue lane title state backend_profile provider_id'
                || ' payload_hash idempotency_key session_path cancel_reason'),
            (4, 'agentrun_queue_tasks', 'integer', 'priority'),
            (4, 'agentrun_queue_tasks', 'bigint', 'version'),
            (4, 'agentrun_queue_tasks', 'jsonb', 'workspace_ref execution_policy resource_bundle_ref payload references_json'
                || ' metadata latest_attempt'),
            (4, 'agentrun_queue_tasks', 'timestamp with time zone', 'created_at updated_at cancelled_at'),
            (4, 'agentrun_queue_read_cursors', 'text', 'task_id reader_id'),
            (4, 'agentrun_queue_read_cursors', 'bigint', 'task_version'),
            (4, 'agentrun_queue_read_cursors', 'timestamp with time zone', 'read_at'),
            (6, 'agentrun_sessions', 'text', 'execution_state last_run_id last_command_id active_run_id active_command_id'
                || ' terminal_status failure_kind title'),
            (6, 'agentrun_sessions', 'integer', 'last_event_seq'),
            (6, 'agentrun_sessions', 'bigint', 'version'),
            (6, 'agentrun_sessions', 'jsonb', 'summary'),
            (6, 'agentrun_sessions', 'timestamp with time zone', 'last_activity_at'),
            (6, 'agentrun_session_read_cursors', 'text', 'session_id reader_id'),
            (6, 'agentrun_session_read_cursors', 'bigint', 'session_version'),
            (6, 'agentrun_session_read_cursors', 'timestamp with time zone', 'read_at'),
            (7, 'agentrun_sessions', 'text', 'storage_kind storage_pvc_name storage_namespace storage_sha256 codex_rollout_subdir'
                || ' storage_pvc_phase'),
            (7, 'agentrun_sessions', 'integer', 'storage_files_count'),
            (7, 'agentrun_sessions', 'bigint', 'storage_size_bytes'),
            (7, 'agentrun_sessions', 'timestamp with time zone', 'storage_updated_at storage_evicted_at')
        ), expected AS (
            SELECT m.level, m.of_table, m.type, n.name
            FROM made m CROSS JOIN LATERAL pg_catalog.regexp_split_to_table(m.names, ' ') AS n (name)
        ), present AS (
            SELECT
                CAST(c.relname AS text) AS of_table,
                CAST(a.attname AS text) AS name,
                pg_catalog.format_type(a.atttypid, a.atttypmod) AS type
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            WHERE c.relnamespace = (SELECT r.relnamespace FROM pg_catalog.pg_class r
                    WHERE r.oid = pg_catalog.to_regclass('agentrun_runs'))
                AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
        ), problems (text, of_table, name) AS (
            SELECT 'has a column that the original does not make so: ', p.of_table, p.name
            FROM present p
            WHERE p.of_table IN (SELECT e.of_table FROM expected e)
                AND NOT EXISTS (
                    SELECT FROM expected e WHERE e.of_table = p.of_table AND e.name = p.name AND e.type = p.type)
            UNION ALL
            SELECT 'lacks a column that the original makes: ', e.of_table, e.name
            FROM expected e
            WHERE e.level <= reached
                AND NOT EXISTS (SELECT FROM present p WHERE p.of_table = e.of_table AND p.name = e.name)
        )
        SELECT 'the table ' || p.of_table || ' ' || p.text
            || pg_catalog.regexp_replace(p.name, '[^A-Za-z0-9_.-]', '?', 'g')
        INTO problem
        FROM problems p ORDER BY p.of_table, p.name LIMIT 1;
    END IF;

    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = '{refused}', MESSAGE = 'not taken over: ' || problem;
    END IF;

    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = pg_catalog.to_regclass('agentrun_runs') AND a.attname = 'session_ref' AND NOT a.attisdropped)
    THEN
        RETURN;
    END IF;

    -- Each with what the newest of its runs remembers; the owner and the backend are those of the oldest.
    CREATE TEMPORARY TABLE agentrun_lost_sessions ON COMMIT DROP AS
    SELECT
        r.session_id,
        (pg_catalog.array_agg(r.tenant_id ORDER BY r.created_at, r.id))[1] AS tenant_id,
        (pg_catalog.array_agg(r.project_id ORDER BY r.created_at, r.id))[1] AS project_id,
        (pg_catalog.array_agg(r.backend_profile ORDER BY r.created_at, r.id))[1] AS backend_profile,
        (pg_catalog.array_agg(r.ref ->> 'conversationId' ORDER BY r.updated_at DESC, r.id)
            FILTER (WHERE r.ref ->> 'conversationId' <> ''))[1] AS conversation_id,
        (pg_catalog.array_agg(r.ref ->> 'threadId' ORDER BY r.updated_at DESC, r.id)
            FILTER (WHERE r.ref ->> 'threadId' <> ''))[1] AS thread_id,
        (pg_catalog.array_agg(r.ref -> 'metadata' ORDER BY r.updated_at DESC, r.id)
            FILTER (WHERE pg_catalog.jsonb_typeof(r.ref -> 'metadata') = 'object'))[1] AS metadata,
        (pg_catalog.array_agg(r.ref ->> 'expiresAt' ORDER BY r.updated_at DESC, r.id))[1] AS expires_at,
        pg_catalog.min(r.created_at) AS created_at,
        pg_catalog.max(r.updated_at) AS updated_at
    FROM (
        SELECT
            id, tenant_id, project_id, backend_profile, created_at, updated_at, session_ref AS ref,
            -- the name that the run will have for it
            NULLIF(pg_catalog.btrim(pg_catalog.left(pg_catalog.btrim(pg_catalog.regexp_replace(
                session_ref ->> 'sessionId', '[[:cntrl:]]', ' ', 'g')), 200)), '') AS session_id
        FROM agentrun_runs
    ) r
    WHERE r.session_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM agentrun_sessions s WHERE s.session_id = r.session_id)
    GROUP BY r.session_id;

    INSERT INTO agentrun_sessions (
        session_id, tenant_id, project_id, backend_profile, conversation_id, thread_id, metadata, created_at, updated_at)
    SELECT
        l.session_id, l.tenant_id, l.project_id, l.backend_profile, l.conversation_id, l.thread_id,
        COALESCE(l.metadata, '{}'), l.created_at, l.updated_at
    FROM agentrun_lost_sessions l;

    FOR expiry IN
        SELECT l.session_id, l.expires_at FROM agentrun_lost_sessions l
        WHERE l.expires_at ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T'
    LOOP
        BEGIN
            UPDATE agentrun_sessions s
            SET expires_at = CAST(expiry.expires_at AS timestamptz)
            WHERE s.session_id = expiry.session_id;
        EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow THEN
            NULL; -- no time: it does not expire
        END;
    END LOOP;
    DROP TABLE agentrun_lost_sessions;
END
$takeover$;
