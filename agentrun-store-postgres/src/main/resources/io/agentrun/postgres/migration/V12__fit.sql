-- What the original manager (or a hand) wrote and the types of this library cannot hold is made to fit, so that every stored
-- row can be read; docs/postgres.md has the rule of each column. What stood there is kept in agentrun_originals. Rows that
-- fit are not touched. Events are not looked at: they are read as they are.

CREATE TABLE agentrun_originals (
    table_name text COLLATE "C" NOT NULL,
    row_id text COLLATE "C" NOT NULL,
    column_name text COLLATE "C" NOT NULL,
    value jsonb NOT NULL,
    PRIMARY KEY (table_name, row_id, column_name)
);

-- A name: control and format characters and line separators become blanks, blanks of every kind at the ends go, and what is
-- too long is cut. Null if nothing is left.
CREATE FUNCTION agentrun_fit_name(given text, most integer) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
        SELECT NULLIF(pg_catalog.btrim(pg_catalog.left(pg_catalog.btrim(plain.name, blank.characters), most), blank.characters), '')
        FROM (SELECT U&' \00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\202F\205F\3000' AS characters) blank
        CROSS JOIN LATERAL (SELECT pg_catalog.regexp_replace(
            given,
            '[\u0001-\u001F\u007F-\u009F\u00AD\u0600-\u0605\u061C\u06DD\u070F\u0890\u0891\u08E2\u180E\u200B-\u200F'
                || '\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\U000110BD\U000110CD\U00013430-\U0001343F'
                || '\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0001-\U000E007F]',
            ' ',
            'g') AS name) plain
    $$;

-- A name that tells things apart: two that differed before still differ.
CREATE FUNCTION agentrun_fit_owner(given text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
        SELECT CASE
            WHEN given IS NULL OR given = agentrun_fit_name(given, 200) THEN given
            ELSE pg_catalog.left(COALESCE(agentrun_fit_name(given, 200), 'unnamed'), 180) || '~'
                || pg_catalog.left(pg_catalog.md5(given), 16)
        END
    $$;

-- A JSON object of at most 64 levels and 4 MiB, without numbers of 1000 digits or more; any other is kept as text inside one.
CREATE FUNCTION agentrun_fit_json(given jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    AS $$
        SELECT CASE
            WHEN given IS NULL OR (pg_catalog.pg_column_size(given) < 300 AND pg_catalog.pg_column_compression(given) IS NULL) THEN given
            WHEN pg_catalog.octet_length(CAST(given AS text)) <= 4194304
                AND NOT pg_catalog.jsonb_path_exists(given, 'strict $.**{64 to last} ? (@.type() == "object" || @.type() == "array")')
                AND CAST(given AS text) !~ '([0-9.]{250}){4}' THEN given
            ELSE pg_catalog.jsonb_build_object('adopted', pg_catalog.left(CAST(given AS text), 100000))
        END
    $$;

CREATE FUNCTION agentrun_fit_column(of_table text, key text, name text, fit text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE pg_catalog.format(
        'WITH unfit AS ('
        '    SELECT u.key, u.old, u.fit FROM (SELECT %2$I AS key, %3$I AS old, %4$s AS fit FROM %1$I) u'
        '    WHERE u.old IS DISTINCT FROM u.fit'
        '), kept AS ('
        '    INSERT INTO agentrun_originals (table_name, row_id, column_name, value)'
        '    SELECT %1$L, u.key, %3$L, pg_catalog.to_jsonb(u.old) FROM unfit u WHERE u.old IS NOT NULL'
        '    ON CONFLICT (table_name, row_id, column_name) DO NOTHING'
        ')'
        'UPDATE %1$I t SET %3$I = u.fit FROM unfit u WHERE t.%2$I = u.key',
        of_table, key, name, fit);
END
$$;

DO $$
DECLARE
    at text[];
BEGIN
    FOREACH at SLICE 1 IN ARRAY ARRAY[
        ['agentrun_runs', 'id', 'tenant_id', 'agentrun_fit_owner(tenant_id)'],
        ['agentrun_runs', 'id', 'project_id', 'agentrun_fit_owner(project_id)'],
        ['agentrun_runs', 'id', 'provider_id', 'COALESCE(agentrun_fit_name(provider_id, 200), ''default'')'],
        ['agentrun_runs', 'id', 'backend_profile', 'COALESCE(agentrun_fit_name(backend_profile, 200), ''unknown'')'],
        ['agentrun_runs', 'id', 'workspace_ref', 'agentrun_fit_json(workspace_ref)'],
        ['agentrun_runs', 'id', 'execution_policy', 'agentrun_fit_json(execution_policy)'],
        ['agentrun_runs', 'id', 'resource_bundle_ref', 'agentrun_fit_json(resource_bundle_ref)'],
        ['agentrun_runs', 'id', 'trace_sink', 'agentrun_fit_json(trace_sink)'],
        ['agentrun_run_state', 'run_id', 'tenant_id', 'agentrun_fit_owner(tenant_id)'],
        ['agentrun_run_state', 'run_id', 'project_id', 'agentrun_fit_owner(project_id)'],
        ['agentrun_run_state', 'run_id', 'provider_id', 'COALESCE(agentrun_fit_name(provider_id, 200), ''default'')'],
        ['agentrun_run_state', 'run_id', 'backend_profile', 'COALESCE(agentrun_fit_name(backend_profile, 200), ''unknown'')'],
        ['agentrun_run_state', 'run_id', 'runner_id',
            'CASE WHEN runner_id IS NOT NULL THEN COALESCE(agentrun_fit_name(runner_id, 200), ''unknown'') END'],
        ['agentrun_run_state', 'run_id', 'failure_kind', 'agentrun_fit_name(failure_kind, 200)'],
        ['agentrun_run_state', 'run_id', 'queue', 'agentrun_fit_owner(queue)'],
        ['agentrun_run_state', 'run_id', 'lane', 'agentrun_fit_owner(lane)'],
        ['agentrun_run_state', 'run_id', 'priority',
            'CASE WHEN priority IS NOT NULL THEN LEAST(GREATEST(priority, -1000000), 1000000) END'],
        ['agentrun_commands', 'id', 'payload', 'agentrun_fit_json(payload)'],
        ['agentrun_commands', 'id', 'idempotency_key',
            'CASE WHEN idempotency_key = agentrun_fit_name(idempotency_key, 255) THEN idempotency_key END'],
        ['agentrun_commands', 'id', 'failure_kind', 'agentrun_fit_name(failure_kind, 200)'],
        ['agentrun_commands', 'id', 'failure_message', 'pg_catalog.left(failure_message, 16384)'],
        ['agentrun_sessions', 'session_id', 'tenant_id', 'agentrun_fit_owner(tenant_id)'],
        ['agentrun_sessions', 'session_id', 'project_id', 'agentrun_fit_owner(project_id)'],
        ['agentrun_sessions', 'session_id', 'backend_profile', 'COALESCE(agentrun_fit_name(backend_profile, 200), ''unknown'')'],
        ['agentrun_sessions', 'session_id', 'conversation_id', 'agentrun_fit_name(conversation_id, 200)'],
        ['agentrun_sessions', 'session_id', 'thread_id', 'agentrun_fit_name(thread_id, 200)'],
        ['agentrun_sessions', 'session_id', 'metadata', 'agentrun_fit_json(metadata)'],
        ['agentrun_sessions', 'session_id', 'failure_kind', 'agentrun_fit_name(failure_kind, 200)'],
        ['agentrun_queue_tasks', 'id', 'tenant_id', 'agentrun_fit_owner(tenant_id)'],
        ['agentrun_queue_tasks', 'id', 'project_id', 'agentrun_fit_owner(project_id)'],
        ['agentrun_queue_tasks', 'id', 'queue', 'agentrun_fit_owner(queue)'],
        ['agentrun_queue_tasks', 'id', 'lane', 'agentrun_fit_owner(lane)'],
        ['agentrun_queue_tasks', 'id', 'priority', 'LEAST(GREATEST(priority, -1000000), 1000000)'],
        ['agentrun_queue_tasks', 'id', 'provider_id', 'COALESCE(agentrun_fit_name(provider_id, 200), ''default'')'],
        ['agentrun_queue_tasks', 'id', 'backend_profile', 'COALESCE(agentrun_fit_name(backend_profile, 200), ''unknown'')'],
        ['agentrun_queue_tasks', 'id', 'workspace_ref', 'agentrun_fit_json(workspace_ref)'],
        ['agentrun_queue_tasks', 'id', 'execution_policy', 'agentrun_fit_json(execution_policy)'],
        ['agentrun_queue_tasks', 'id', 'resource_bundle_ref', 'agentrun_fit_json(resource_bundle_ref)'],
        ['agentrun_queue_tasks', 'id', 'payload', 'agentrun_fit_json(payload)'],
        ['agentrun_queue_tasks', 'id', 'metadata', 'agentrun_fit_json(metadata)'],
        ['agentrun_queue_tasks', 'id', 'references_json',
            'CASE WHEN pg_catalog.jsonb_array_length(references_json) <= 1000 AND pg_catalog.jsonb_typeof(agentrun_fit_json('
                'pg_catalog.jsonb_build_object(''items'', pg_catalog.jsonb_build_array(references_json))) -> ''items'') = ''array'''
                ' THEN references_json ELSE pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object('
                '''adopted'', pg_catalog.left(CAST(references_json AS text), 100000))) END'],
        ['agentrun_queue_tasks', 'id', 'latest_attempt',
            'CASE WHEN latest_attempt IS NOT DISTINCT FROM agentrun_fit_json(latest_attempt) THEN latest_attempt'
                ' ELSE pg_catalog.jsonb_set(latest_attempt, ''{details}'', ''{}'') END'],
        ['agentrun_queue_tasks', 'id', 'idempotency_key',
            'CASE WHEN idempotency_key = agentrun_fit_name(idempotency_key, 255) THEN idempotency_key END'],
        ['agentrun_queue_tasks', 'id', 'failure_kind', 'agentrun_fit_name(failure_kind, 200)'],
        ['agentrun_queue_tasks', 'id', 'failure_message', 'pg_catalog.left(failure_message, 16384)'],
        ['agentrun_runner_jobs', 'id', 'manager_url', 'COALESCE(agentrun_fit_name(manager_url, 500), ''unknown'')'],
        ['agentrun_runner_jobs', 'id', 'image', 'COALESCE(agentrun_fit_name(image, 500), ''unknown'')'],
        ['agentrun_runner_jobs', 'id', 'source_commit', 'COALESCE(agentrun_fit_name(source_commit, 200), ''unknown'')'],
        ['agentrun_runner_jobs', 'id', 'result', 'agentrun_fit_json(result)'],
        ['agentrun_runner_jobs', 'id', 'idempotency_key',
            'CASE WHEN idempotency_key = agentrun_fit_name(idempotency_key, 255) THEN idempotency_key END'],
        ['agentrun_runners', 'id', 'run_id', 'agentrun_fit_name(run_id, 200)'],
        ['agentrun_runners', 'id', 'attempt_id', 'agentrun_fit_name(attempt_id, 200)'],
        ['agentrun_runners', 'id', 'backend_profile', 'agentrun_fit_name(backend_profile, 200)'],
        ['agentrun_runners', 'id', 'placement', 'agentrun_fit_name(placement, 200)'],
        ['agentrun_runners', 'id', 'source_commit', 'agentrun_fit_name(source_commit, 200)'],
        ['agentrun_runners', 'id', 'metadata', 'agentrun_fit_json(metadata)'],
        ['agentrun_backends', 'profile', 'capabilities', 'agentrun_fit_json(capabilities)'],
        ['agentrun_backends', 'profile', 'capacity', 'agentrun_fit_json(capacity)'],
        ['agentrun_backends', 'profile', 'health', 'agentrun_fit_json(health)']]
    LOOP
        PERFORM agentrun_fit_column(at[1], at[2], at[3], at[4]);
    END LOOP;
END
$$;

-- A command of a type or in a state that nobody knows has ended: it is never delivered. A word for an end of a turn is an
-- interrupt, any other a steer; neither starts work.
WITH unfit AS (
    SELECT
        c.id,
        c.type,
        c.state,
        c.type IN ('turn', 'steer', 'interrupt') AS type_known,
        c.state IN ('pending', 'acknowledged', 'completed', 'failed', 'cancelled') AS state_known
    FROM agentrun_commands c
    WHERE c.type NOT IN ('turn', 'steer', 'interrupt')
        OR c.state NOT IN ('pending', 'acknowledged', 'completed', 'failed', 'cancelled')
        OR c.terminal_status NOT IN ('completed', 'failed', 'blocked', 'cancelled')
), kept AS (
    INSERT INTO agentrun_originals (table_name, row_id, column_name, value)
    SELECT 'agentrun_commands', u.id, 'type', pg_catalog.to_jsonb(u.type) FROM unfit u WHERE NOT u.type_known
    UNION ALL
    SELECT 'agentrun_commands', u.id, 'state', pg_catalog.to_jsonb(u.state) FROM unfit u WHERE NOT u.state_known
    ON CONFLICT (table_name, row_id, column_name) DO NOTHING
)
UPDATE agentrun_commands c
SET type = CASE
        WHEN u.type_known THEN u.type
        WHEN u.type IN ('cancel', 'abort', 'stop', 'kill') THEN 'interrupt'
        ELSE 'steer'
    END,
    state = n.state,
    terminal_status = n.terminal_status,
    failure_kind = CASE n.terminal_status WHEN 'cancelled' THEN 'cancelled' WHEN 'failed' THEN 'schema-invalid' END,
    failure_message = CASE WHEN n.terminal_status <> 'completed' THEN 'adopted with an unknown type or state' END
FROM unfit u
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN NOT u.state_known THEN 'failed'
            WHEN u.state IN ('pending', 'acknowledged') THEN 'cancelled'
            ELSE u.state
        END AS state,
        CASE
            WHEN NOT u.state_known THEN 'failed'
            WHEN u.state IN ('pending', 'acknowledged') THEN 'cancelled'
            ELSE u.state
        END AS terminal_status
) n
WHERE c.id = u.id;

DROP FUNCTION agentrun_fit_column(text, text, text, text);
DROP FUNCTION agentrun_fit_json(jsonb);
DROP FUNCTION agentrun_fit_owner(text);
DROP FUNCTION agentrun_fit_name(text, integer);
