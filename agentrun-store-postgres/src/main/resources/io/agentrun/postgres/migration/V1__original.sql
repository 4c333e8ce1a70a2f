-- The schema as the original manager's seven migrations leave it (001 to 007), each statement harmless where it has been
-- applied: an empty schema, and one at any of those levels, end here alike. Left out are the indexes that V2 drops.

CREATE TABLE IF NOT EXISTS agentrun_runs (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    project_id text NOT NULL,
    workspace_ref jsonb NOT NULL,
    provider_id text NOT NULL,
    backend_profile text NOT NULL,
    execution_policy jsonb NOT NULL,
    trace_sink jsonb,
    status text NOT NULL,
    terminal_status text,
    failure_kind text,
    failure_message text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    claimed_by text,
    lease_expires_at timestamptz
);

CREATE TABLE IF NOT EXISTS agentrun_commands (
    id text PRIMARY KEY,
    run_id text NOT NULL REFERENCES agentrun_runs (id) ON DELETE CASCADE,
    seq integer NOT NULL,
    type text NOT NULL,
    payload jsonb NOT NULL,
    payload_hash text NOT NULL,
    idempotency_key text,
    state text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    UNIQUE (run_id, seq)
);

CREATE UNIQUE INDEX IF NOT EXISTS agentrun_commands_run_idempotency_key_idx
    ON agentrun_commands (run_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

CREATE TABLE IF NOT EXISTS agentrun_events (
    id text PRIMARY KEY,
    run_id text NOT NULL REFERENCES agentrun_runs (id) ON DELETE CASCADE,
    seq integer NOT NULL,
    type text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (run_id, seq)
);

CREATE TABLE IF NOT EXISTS agentrun_runners (
    id text PRIMARY KEY,
    run_id text,
    attempt_id text,
    backend_profile text,
    placement text,
    source_commit text,
    metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
    registered_at timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS agentrun_backends (
    profile text PRIMARY KEY,
    capabilities jsonb NOT NULL,
    capacity jsonb NOT NULL,
    health jsonb NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS agentrun_leases (
    run_id text PRIMARY KEY REFERENCES agentrun_runs (id) ON DELETE CASCADE,
    runner_id text NOT NULL,
    lease_expires_at timestamptz NOT NULL,
    stale_recovery_marker jsonb,
    updated_at timestamptz NOT NULL
);

-- 003: manual dispatch

ALTER TABLE agentrun_runs ADD COLUMN IF NOT EXISTS session_ref jsonb;
ALTER TABLE agentrun_runs ADD COLUMN IF NOT EXISTS resource_bundle_ref jsonb;

CREATE TABLE IF NOT EXISTS agentrun_sessions (
    session_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    project_id text NOT NULL,
    backend_profile text NOT NULL,
    conversation_id text,
    thread_id text,
    metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    expires_at timestamptz
);

CREATE TABLE IF NOT EXISTS agentrun_runner_jobs (
    id text PRIMARY KEY,
    run_id text NOT NULL REFERENCES agentrun_runs (id) ON DELETE CASCADE,
    command_id text NOT NULL REFERENCES agentrun_commands (id) ON DELETE CASCADE,
    idempotency_key text,
    payload_hash text NOT NULL,
    attempt_id text NOT NULL,
    runner_id text NOT NULL,
    namespace text NOT NULL,
    job_name text NOT NULL,
    manager_url text NOT NULL,
    image text NOT NULL,
    source_commit text NOT NULL,
    service_account_name text,
    result jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS agentrun_runner_jobs_run_idempotency_key_idx
    ON agentrun_runner_jobs (run_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS agentrun_runner_jobs_run_command_idx
    ON agentrun_runner_jobs (run_id, command_id, created_at);

-- 004: the queue

CREATE TABLE IF NOT EXISTS agentrun_queue_tasks (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    project_id text NOT NULL,
    queue text NOT NULL,
    lane text NOT NULL,
    title text NOT NULL,
    priority integer NOT NULL,
    state text NOT NULL,
    version bigint NOT NULL,
    backend_profile text NOT NULL,
    provider_id text,
    workspace_ref jsonb,
    execution_policy jsonb,
    resource_bundle_ref jsonb,
    payload jsonb NOT NULL,
    payload_hash text NOT NULL,
    references_json jsonb NOT NULL DEFAULT '[]'::jsonb,
    metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
    idempotency_key text,
    latest_attempt jsonb,
    session_path text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    cancelled_at timestamptz,
    cancel_reason text
);

CREATE UNIQUE INDEX IF NOT EXISTS agentrun_queue_tasks_idempotency_idx
    ON agentrun_queue_tasks (tenant_id, project_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

CREATE TABLE IF NOT EXISTS agentrun_queue_read_cursors (
    task_id text NOT NULL REFERENCES agentrun_queue_tasks (id) ON DELETE CASCADE,
    reader_id text NOT NULL,
    task_version bigint NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (task_id, reader_id)
);

CREATE SEQUENCE IF NOT EXISTS agentrun_queue_version_seq;

-- 006: session control

ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS version bigint NOT NULL DEFAULT 1;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS execution_state text NOT NULL DEFAULT 'idle';
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS last_run_id text;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS last_command_id text;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS active_run_id text;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS active_command_id text;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS last_event_seq integer NOT NULL DEFAULT 0;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS terminal_status text;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS failure_kind text;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS title text;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS summary jsonb NOT NULL DEFAULT '{}'::jsonb;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS last_activity_at timestamptz;

CREATE SEQUENCE IF NOT EXISTS agentrun_session_version_seq;

CREATE TABLE IF NOT EXISTS agentrun_session_read_cursors (
    session_id text NOT NULL REFERENCES agentrun_sessions (session_id) ON DELETE CASCADE,
    reader_id text NOT NULL,
    session_version bigint NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (session_id, reader_id)
);

-- 007: session storage

ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS storage_kind text NOT NULL DEFAULT 'none';
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS storage_pvc_name text;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS storage_namespace text;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS storage_size_bytes bigint;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS storage_files_count integer;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS storage_sha256 text;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS storage_updated_at timestamptz;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS codex_rollout_subdir text NOT NULL DEFAULT 'sessions';
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS storage_pvc_phase text;
ALTER TABLE agentrun_sessions ADD COLUMN IF NOT EXISTS storage_evicted_at timestamptz;

-- 001, 002, 005: the backends; what a host has saved since stays as it is

INSERT INTO agentrun_backends (profile, capabilities, capacity, health, updated_at)
SELECT
    profile,
    '{"protocol":"codex-app-server-jsonrpc-stdio","transport":"stdio","command":"codex app-server --listen stdio://"}'::jsonb,
    '{"mode":"manual-runner-v0.1"}'::jsonb,
    '{"status":"registered"}'::jsonb,
    statement_timestamp()
FROM unnest(ARRAY['codex', 'deepseek', 'minimax-m3']) AS profile
ON CONFLICT (profile) DO NOTHING;
