-- Sessions: what they do, their storage, and the columns of their change feed.

DROP INDEX IF EXISTS agentrun_sessions_control_idx;
DROP INDEX IF EXISTS agentrun_sessions_version_idx;
DROP INDEX IF EXISTS agentrun_sessions_storage_pvc_idx;
DROP INDEX IF EXISTS agentrun_sessions_storage_kind_idx;
DROP INDEX IF EXISTS agentrun_sessions_tenant_project_idx;

ALTER TABLE agentrun_sessions
    ALTER COLUMN session_id TYPE text COLLATE "C",
    ALTER COLUMN tenant_id TYPE text COLLATE "C",
    ALTER COLUMN project_id TYPE text COLLATE "C",
    ALTER COLUMN storage_files_count TYPE bigint,
    ADD COLUMN failure_message text,
    ADD COLUMN turns bigint NOT NULL DEFAULT 0,
    ADD COLUMN storage_generation bigint NOT NULL DEFAULT 0,
    ADD COLUMN storage_namespace_uid text,
    ADD COLUMN storage_pvc_uid text,
    ADD COLUMN feed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    DROP COLUMN last_event_seq,
    DROP COLUMN summary;
ALTER TABLE agentrun_sessions RENAME COLUMN storage_kind TO storage_state;
ALTER TABLE agentrun_session_read_cursors
    ALTER COLUMN session_id TYPE text COLLATE "C",
    ALTER COLUMN reader_id TYPE text COLLATE "C";

-- A run may name a session that is gone; it comes back bare, so that the run keeps its conversation.
INSERT INTO agentrun_sessions (
    session_id, tenant_id, project_id, backend_profile, metadata, version, execution_state, created_at, updated_at)
SELECT DISTINCT ON (r.session_id)
    r.session_id, r.tenant_id, r.project_id, r.backend_profile, '{}', 0, 'idle', r.created_at, r.created_at
FROM agentrun_runs r
WHERE r.session_id IS NOT NULL
ORDER BY r.session_id, r.created_at
ON CONFLICT (session_id) DO NOTHING;

-- A session runs exactly while it has an open turn; the original forgot turns that were still open, and kept outcomes.
UPDATE agentrun_sessions s
SET execution_state = n.state,
    active_run_id = n.active_run_id,
    active_command_id = n.active_command_id,
    terminal_status = CASE WHEN n.state = 'terminal' THEN s.terminal_status END,
    failure_kind = CASE
        WHEN n.state = 'terminal' AND s.terminal_status <> 'completed' THEN agentrun_adopted_name(s.failure_kind)
    END,
    turns = n.turns,
    backend_profile = COALESCE(agentrun_adopted_name(s.backend_profile), 'unknown'),
    metadata = COALESCE(agentrun_adopted_json(s.metadata), '{}'),
    title = NULLIF(btrim(left(s.title, 500)), ''),
    storage_generation = CASE WHEN s.storage_state = 'none' THEN 0 ELSE 1 END,
    storage_state = CASE
        WHEN s.storage_state IN ('none', 'evicted') THEN s.storage_state
        WHEN s.storage_pvc_name IS NULL OR s.storage_namespace IS NULL THEN 'missing'
        ELSE 'ready'
    END
FROM (
    SELECT
        i.session_id,
        a.run_id AS active_run_id,
        a.id AS active_command_id,
        CASE
            WHEN a.id IS NOT NULL THEN 'running'
            WHEN i.execution_state = 'idle' THEN 'idle'
            WHEN i.terminal_status IN ('completed', 'failed', 'blocked', 'cancelled') THEN 'terminal'
            ELSE 'idle'
        END AS state,
        COALESCE(t.turns, 0) AS turns
    FROM agentrun_sessions i
    LEFT JOIN (
        SELECT session_id, max(ordinal) AS turns FROM agentrun_commands WHERE ordinal > 0 GROUP BY session_id
    ) t ON t.session_id = i.session_id
    LEFT JOIN agentrun_commands a
        ON a.session_id = i.session_id AND a.type = 'turn' AND a.deliverable AND a.state IN ('pending', 'acknowledged')
) n
WHERE n.session_id = s.session_id;

-- Versions of the original are partly its own "+1" and not unique: all take a new one, in their old order, and every
-- reader keeps what it has read.
SELECT setval('agentrun_session_version_seq', GREATEST(
    (SELECT last_value FROM agentrun_session_version_seq), (SELECT max(version) FROM agentrun_sessions), 1));
WITH stamped AS (
    SELECT
        s.session_id,
        s.version AS old_version,
        q.last_value + row_number() OVER (ORDER BY s.version, s.updated_at, s.session_id) AS new_version
    FROM agentrun_sessions s CROSS JOIN agentrun_session_version_seq q
), marked AS (
    UPDATE agentrun_session_read_cursors c
    SET session_version = t.new_version
    FROM stamped t
    WHERE t.session_id = c.session_id AND c.session_version >= t.old_version
)
UPDATE agentrun_sessions s
SET version = t.new_version
FROM stamped t
WHERE t.session_id = s.session_id;
SELECT setval('agentrun_session_version_seq', GREATEST(
    (SELECT last_value FROM agentrun_session_version_seq), (SELECT max(version) FROM agentrun_sessions)));

CREATE INDEX agentrun_sessions_list_idx ON agentrun_sessions (updated_at DESC, session_id);
CREATE INDEX agentrun_sessions_owner_idx ON agentrun_sessions (tenant_id, project_id, updated_at DESC, session_id);
CREATE INDEX agentrun_sessions_state_idx ON agentrun_sessions (execution_state, updated_at DESC, session_id);
CREATE INDEX agentrun_sessions_feed_idx ON agentrun_sessions (feed_xid, version);
CREATE INDEX agentrun_sessions_expiry_idx
    ON agentrun_sessions (expires_at)
    WHERE expires_at IS NOT NULL AND storage_state IN ('provisioning', 'ready', 'missing');
CREATE INDEX agentrun_sessions_evicting_idx
    ON agentrun_sessions (updated_at, session_id)
    WHERE storage_state = 'evicting';

-- Which collector is at work on a session's storage: a lease, no part of the session and of its version.
CREATE TABLE agentrun_storage_collectors (
    session_id text COLLATE "C" PRIMARY KEY REFERENCES agentrun_sessions (session_id) ON DELETE CASCADE,
    collector_id text COLLATE "C" NOT NULL,
    lease_until timestamptz NOT NULL
);

-- Where transaction ids are from: the cluster and its timeline, as far as the user may know them. A copy of the tables has
-- another home: another cluster, another timeline after a recovery, or (with tableoid beside this) another table.
CREATE FUNCTION agentrun_cluster() RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN (SELECT s.system_identifier || '/' || c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c);
EXCEPTION WHEN insufficient_privilege THEN
    RETURN 'unknown';
END
$$;

-- A cursor of a change feed is good for one generation; a database that is not where it was begins another one.
CREATE TABLE agentrun_feeds (
    feed text PRIMARY KEY,
    generation bigint NOT NULL,
    home text
);
INSERT INTO agentrun_feeds (feed, generation) VALUES ('sessions', 1), ('tasks', 1);
UPDATE agentrun_feeds SET home = agentrun_cluster() || '/' || tableoid;
