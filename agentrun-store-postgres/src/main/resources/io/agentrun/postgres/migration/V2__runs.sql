-- Runs, their lease and counters, commands and events. A fact lives in one place: what a run is made of stays in
-- agentrun_runs and never changes; everything that changes is in the narrow agentrun_run_state. Text is ordered by code
-- point. All statements are set-based, for a large database that the original manager filled.

-- The time of an operation. A test replaces this function to move its store's time; nothing else may.
CREATE FUNCTION agentrun_now() RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT statement_timestamp()';

DROP INDEX IF EXISTS agentrun_runs_status_idx;
DROP INDEX IF EXISTS agentrun_runs_session_idx;
DROP INDEX IF EXISTS agentrun_events_run_seq_idx;
DROP INDEX IF EXISTS agentrun_commands_run_seq_idx;

-- Events are found by run and number only; the row that numbers them guards that their run exists.
ALTER TABLE agentrun_events
    DROP CONSTRAINT IF EXISTS agentrun_events_run_id_fkey,
    DROP CONSTRAINT IF EXISTS agentrun_events_pkey,
    DROP CONSTRAINT IF EXISTS agentrun_events_run_id_seq_key;
ALTER TABLE agentrun_commands
    DROP CONSTRAINT IF EXISTS agentrun_commands_run_id_fkey;
ALTER TABLE agentrun_runner_jobs
    DROP CONSTRAINT IF EXISTS agentrun_runner_jobs_run_id_fkey,
    DROP CONSTRAINT IF EXISTS agentrun_runner_jobs_command_id_fkey;

ALTER TABLE agentrun_runs
    ALTER COLUMN id TYPE text COLLATE "C",
    ALTER COLUMN tenant_id TYPE text COLLATE "C",
    ALTER COLUMN project_id TYPE text COLLATE "C",
    ALTER COLUMN backend_profile TYPE text COLLATE "C",
    ADD COLUMN session_id text COLLATE "C",
    ADD COLUMN task_id text COLLATE "C",
    ADD COLUMN max_attempts integer NOT NULL DEFAULT 1,
    ADD COLUMN idempotency_key text COLLATE "C",
    ADD COLUMN content_hash text;
ALTER TABLE agentrun_events
    ALTER COLUMN run_id TYPE text COLLATE "C",
    ADD CONSTRAINT agentrun_events_pkey PRIMARY KEY (run_id, seq);
ALTER TABLE agentrun_commands
    ALTER COLUMN id TYPE text COLLATE "C",
    ALTER COLUMN run_id TYPE text COLLATE "C",
    ALTER COLUMN idempotency_key TYPE text COLLATE "C",
    ALTER COLUMN payload_hash DROP NOT NULL,
    ADD COLUMN session_id text COLLATE "C",
    ADD COLUMN ordinal bigint NOT NULL DEFAULT 0,
    ADD COLUMN deliverable boolean NOT NULL DEFAULT true,
    ADD COLUMN target_command_id text COLLATE "C",
    ADD COLUMN terminal_status text,
    ADD COLUMN failure_kind text,
    ADD COLUMN failure_message text;

-- What the original did not check is made readable, here and in what follows: names without control characters, not blank
-- and not too long; JSON objects, with whatever was there in place of one kept inside; JSON null is no value. Both functions
-- are gone when all tables have been taken over.
CREATE FUNCTION agentrun_adopted_name(given text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT NULLIF(btrim(left(btrim(regexp_replace(given, '[[:cntrl:]]', ' ', 'g')), 200)), '') $$;
CREATE FUNCTION agentrun_adopted_json(given jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    AS $$
        SELECT CASE
            WHEN jsonb_typeof(given) = 'object' THEN given
            WHEN jsonb_typeof(given) <> 'null' THEN jsonb_build_object('value', given)
        END
    $$;

UPDATE agentrun_runs
SET session_id = agentrun_adopted_name(session_ref ->> 'sessionId'),
    provider_id = COALESCE(agentrun_adopted_name(provider_id), 'default'),
    backend_profile = COALESCE(agentrun_adopted_name(backend_profile), 'unknown'),
    workspace_ref = COALESCE(agentrun_adopted_json(workspace_ref), '{}'),
    execution_policy = COALESCE(agentrun_adopted_json(execution_policy), '{}'),
    resource_bundle_ref = agentrun_adopted_json(resource_bundle_ref),
    trace_sink = agentrun_adopted_json(trace_sink),
    claimed_by = agentrun_adopted_name(claimed_by),
    failure_kind = agentrun_adopted_name(failure_kind);
UPDATE agentrun_commands
SET payload = COALESCE(agentrun_adopted_json(payload), '{}')
WHERE jsonb_typeof(payload) <> 'object';
UPDATE agentrun_events
SET payload = COALESCE(agentrun_adopted_json(payload), '{}')
WHERE jsonb_typeof(payload) <> 'object';

-- A lease of the original had no epoch; it is our first one, and ends by its runner's word or by recovery. The lease of a
-- run that has ended is over, whatever its row says.
CREATE TABLE agentrun_run_state (
    run_id text COLLATE "C" NOT NULL,
    status text NOT NULL,
    epoch bigint NOT NULL,
    event_seq integer NOT NULL,
    command_seq integer NOT NULL,
    attempt integer NOT NULL,
    lease_expires_at timestamptz,
    runner_id text COLLATE "C",
    cancel_requested_at timestamptz,
    cancel_reason text,
    failure_kind text,
    failure_message text,
    updated_at timestamptz NOT NULL,
    -- Copied from the run, which never changes: a claim looks for its run with what stands in the row that it locks.
    created_at timestamptz NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    backend_profile text COLLATE "C" NOT NULL,
    provider_id text COLLATE "C" NOT NULL,
    session_id text COLLATE "C"
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

INSERT INTO agentrun_run_state (
    run_id, status, epoch, event_seq, command_seq, attempt, lease_expires_at, runner_id, failure_kind, failure_message,
    updated_at, created_at, tenant_id, project_id, backend_profile, provider_id, session_id)
SELECT
    r.id,
    r.status,
    CASE WHEN r.claimed_by IS NULL THEN 0 ELSE 1 END,
    COALESCE(e.last, 0),
    COALESCE(c.last, 0),
    1,
    CASE WHEN r.status IN ('claimed', 'running') THEN COALESCE(r.lease_expires_at, r.updated_at) END,
    CASE WHEN r.status IN ('claimed', 'running') THEN r.claimed_by END,
    CASE WHEN r.status <> 'completed' THEN r.failure_kind END,
    left(r.failure_message, 16384),
    r.updated_at,
    r.created_at,
    r.tenant_id,
    r.project_id,
    r.backend_profile,
    r.provider_id,
    r.session_id
FROM (
    SELECT
        id, claimed_by, lease_expires_at, failure_kind, failure_message, updated_at, created_at, tenant_id, project_id,
        backend_profile, provider_id, session_id,
        CASE
            WHEN status IN ('completed', 'failed', 'blocked', 'cancelled') THEN status
            WHEN status IN ('claimed', 'running') AND claimed_by IS NOT NULL THEN status
            ELSE 'pending'
        END AS status
    FROM agentrun_runs
) r
LEFT JOIN (SELECT run_id, max(seq) AS last FROM agentrun_events GROUP BY run_id) e ON e.run_id = r.id
LEFT JOIN (SELECT run_id, max(seq) AS last FROM agentrun_commands GROUP BY run_id) c ON c.run_id = r.id;

DROP TABLE agentrun_leases;
ALTER TABLE agentrun_runs
    DROP COLUMN session_ref,
    DROP COLUMN status,
    DROP COLUMN terminal_status,
    DROP COLUMN failure_kind,
    DROP COLUMN failure_message,
    DROP COLUMN updated_at,
    DROP COLUMN claimed_by,
    DROP COLUMN lease_expires_at;

-- Commands that the end of their run left open end with it: acknowledged ones share its outcome, the others are cancelled.
UPDATE agentrun_commands c
SET session_id = o.session_id,
    terminal_status = o.terminal_status,
    failure_kind = o.failure_kind,
    failure_message = o.failure_message,
    state = CASE
        WHEN o.terminal_status IS NULL THEN c.state
        WHEN o.terminal_status IN ('failed', 'blocked') THEN 'failed'
        ELSE o.terminal_status
    END,
    updated_at = CASE WHEN o.left_open THEN GREATEST(c.updated_at, o.run_updated_at) ELSE c.updated_at END
FROM (
    SELECT
        d.id,
        s.session_id,
        s.updated_at AS run_updated_at,
        d.state IN ('pending', 'acknowledged') AND e.run_ended AS left_open,
        CASE
            WHEN d.state NOT IN ('pending', 'acknowledged') THEN d.state
            WHEN NOT e.run_ended THEN NULL
            WHEN d.state = 'acknowledged' THEN s.status
            ELSE 'cancelled'
        END AS terminal_status,
        CASE
            WHEN d.state = 'acknowledged' AND e.run_ended THEN s.failure_kind
            WHEN d.state = 'cancelled' OR (d.state = 'pending' AND e.run_ended) THEN 'cancelled'
        END AS failure_kind,
        CASE
            WHEN d.state = 'acknowledged' AND e.run_ended THEN s.failure_message
            WHEN d.state = 'pending' AND e.run_ended THEN 'its run ended'
        END AS failure_message
    FROM agentrun_commands d
    JOIN agentrun_run_state s ON s.run_id = d.run_id
    CROSS JOIN LATERAL (
        SELECT s.status IN ('completed', 'failed', 'blocked', 'cancelled') AS run_ended
    ) e
) o
WHERE o.id = c.id;
