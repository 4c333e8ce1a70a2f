-- Queue tasks, runner jobs and the columns of the task feed.

DROP INDEX IF EXISTS agentrun_queue_tasks_list_idx;
DROP INDEX IF EXISTS agentrun_queue_tasks_updated_idx;

ALTER TABLE agentrun_queue_tasks
    ALTER COLUMN id TYPE text COLLATE "C",
    ALTER COLUMN tenant_id TYPE text COLLATE "C",
    ALTER COLUMN project_id TYPE text COLLATE "C",
    ALTER COLUMN queue TYPE text COLLATE "C",
    ALTER COLUMN lane TYPE text COLLATE "C",
    ALTER COLUMN backend_profile TYPE text COLLATE "C",
    ALTER COLUMN idempotency_key TYPE text COLLATE "C",
    ALTER COLUMN payload_hash DROP NOT NULL,
    ADD COLUMN trace_sink jsonb,
    ADD COLUMN session_ref jsonb,
    ADD COLUMN session_id text COLLATE "C",
    ADD COLUMN not_before timestamptz,
    ADD COLUMN delayed boolean NOT NULL DEFAULT false,
    ADD COLUMN retry_max_attempts integer NOT NULL DEFAULT 1,
    ADD COLUMN retry_delay_micros bigint NOT NULL DEFAULT 0,
    ADD COLUMN failure_kind text,
    ADD COLUMN failure_message text,
    ADD COLUMN feed_xid xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE agentrun_queue_tasks RENAME COLUMN cancelled_at TO cancel_requested_at;
ALTER TABLE agentrun_queue_read_cursors
    ALTER COLUMN task_id TYPE text COLLATE "C",
    ALTER COLUMN reader_id TYPE text COLLATE "C";

-- JSON null is no value; what the original left open has our defaults. An attempt of the original was its host's, who goes
-- on reporting it: its links stay in the details. A state that nobody knows is an end that somebody must look at.
UPDATE agentrun_queue_tasks t
SET provider_id = COALESCE(agentrun_adopted_name(t.provider_id), 'default'),
    backend_profile = COALESCE(agentrun_adopted_name(t.backend_profile), 'unknown'),
    workspace_ref = COALESCE(agentrun_adopted_json(t.workspace_ref), '{}'),
    execution_policy = COALESCE(agentrun_adopted_json(t.execution_policy), '{}'),
    resource_bundle_ref = agentrun_adopted_json(t.resource_bundle_ref),
    payload = COALESCE(agentrun_adopted_json(t.payload), '{}'),
    metadata = COALESCE(agentrun_adopted_json(t.metadata), '{}'),
    references_json = CASE WHEN jsonb_typeof(t.references_json) = 'array' THEN t.references_json ELSE '[]' END,
    title = COALESCE(NULLIF(btrim(left(t.title, 500)), ''), t.id),
    cancel_reason = left(t.cancel_reason, 16384),
    state = n.state,
    failure_kind = CASE n.state WHEN 'cancelled' THEN 'cancelled' WHEN t.state THEN NULL ELSE 'schema-invalid' END,
    failure_message = CASE
        WHEN n.state = 'cancelled' THEN left(t.cancel_reason, 16384)
        WHEN n.state <> t.state THEN 'adopted in the unknown state ' || left(t.state, 200)
    END,
    latest_attempt = CASE
        WHEN n.attempted OR t.state = 'running' THEN jsonb_build_object(
            'number', CASE
                WHEN t.latest_attempt ->> 'attempt' ~ '^[1-9][0-9]{0,5}$' THEN (t.latest_attempt ->> 'attempt')::integer
                ELSE 1
            END,
            'attemptId', COALESCE(NULLIF(btrim(left(t.latest_attempt ->> 'attemptId', 200)), ''), 'adopted'),
            'outcome', CASE
                WHEN n.state NOT IN ('pending', 'running') THEN jsonb_strip_nulls(jsonb_build_object(
                    'status', n.state,
                    'failureKind', CASE WHEN n.state = 'cancelled' THEN 'cancelled' END))
            END,
            'details', CASE
                WHEN NOT n.attempted THEN '{}'
                WHEN jsonb_typeof(t.latest_attempt) = 'object' THEN t.latest_attempt
                ELSE jsonb_build_object('value', t.latest_attempt)
            END,
            'startedAt', n.at,
            'endedAt', CASE WHEN n.state NOT IN ('pending', 'running') THEN n.at END)
    END
FROM (
    SELECT
        id,
        CASE
            WHEN state IN ('pending', 'running', 'completed', 'failed', 'blocked', 'cancelled') THEN state
            ELSE 'blocked'
        END AS state,
        COALESCE(jsonb_typeof(latest_attempt) <> 'null', false) AS attempted,
        to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
    FROM agentrun_queue_tasks
) n
WHERE n.id = t.id;

ALTER TABLE agentrun_queue_tasks
    ALTER COLUMN provider_id SET NOT NULL,
    ALTER COLUMN workspace_ref SET NOT NULL,
    ALTER COLUMN execution_policy SET NOT NULL;

SELECT setval('agentrun_queue_version_seq', GREATEST(
    (SELECT last_value FROM agentrun_queue_version_seq), (SELECT max(version) FROM agentrun_queue_tasks), 1));

CREATE INDEX agentrun_queue_tasks_list_idx ON agentrun_queue_tasks (priority DESC, created_at, id);
CREATE INDEX agentrun_queue_tasks_queue_idx ON agentrun_queue_tasks (queue, priority DESC, created_at, id);
CREATE INDEX agentrun_queue_tasks_state_idx ON agentrun_queue_tasks (state, priority DESC, created_at, id);
CREATE INDEX agentrun_queue_tasks_owner_idx
    ON agentrun_queue_tasks (tenant_id, project_id, priority DESC, created_at, id);
CREATE INDEX agentrun_queue_tasks_tenant_idx ON agentrun_queue_tasks (tenant_id, priority DESC, created_at, id);
-- Dispatch walks along these two: what is to wait stands in neither until its time has come, and by that time in a third.
-- Each condition is spelled as the queries for which the index is meant spell it, and no other query may use it: the
-- dispatch of one queue; that of any queue; and for what is delayed, dispatch and statistics. See the class PlanGuards.
CREATE INDEX agentrun_queue_tasks_ready_idx
    ON agentrun_queue_tasks (queue, priority DESC, created_at, id)
    WHERE state || '' = 'pending' AND NOT delayed;
CREATE INDEX agentrun_queue_tasks_next_idx
    ON agentrun_queue_tasks (priority DESC, created_at, id)
    WHERE '' || state = 'pending' AND NOT delayed;
CREATE INDEX agentrun_queue_tasks_delayed_idx
    ON agentrun_queue_tasks (not_before)
    INCLUDE (queue, tenant_id, project_id)
    WHERE state || '' = 'pending' AND delayed;
-- Statistics count in the first of these alone, and see in the second how long the oldest has waited.
CREATE INDEX agentrun_queue_tasks_count_idx
    ON agentrun_queue_tasks (queue, lane, state, tenant_id, project_id);
CREATE INDEX agentrun_queue_tasks_oldest_idx
    ON agentrun_queue_tasks (created_at)
    INCLUDE (queue, tenant_id, project_id)
    WHERE state = 'pending';
CREATE INDEX agentrun_queue_tasks_feed_idx ON agentrun_queue_tasks (feed_xid, version);

ALTER TABLE agentrun_runner_jobs
    ALTER COLUMN id TYPE text COLLATE "C",
    ALTER COLUMN run_id TYPE text COLLATE "C",
    ALTER COLUMN command_id TYPE text COLLATE "C",
    ALTER COLUMN idempotency_key TYPE text COLLATE "C",
    ALTER COLUMN payload_hash DROP NOT NULL,
    ADD CONSTRAINT agentrun_runner_jobs_run_id_fkey
        FOREIGN KEY (run_id) REFERENCES agentrun_runs (id) ON DELETE CASCADE,
    ADD CONSTRAINT agentrun_runner_jobs_command_id_fkey
        FOREIGN KEY (command_id) REFERENCES agentrun_commands (id) ON DELETE CASCADE;
-- Deleting a command looks here for its jobs.
CREATE INDEX agentrun_runner_jobs_command_idx ON agentrun_runner_jobs (command_id);
ALTER TABLE agentrun_runners ALTER COLUMN id TYPE text COLLATE "C";
ALTER TABLE agentrun_backends ALTER COLUMN profile TYPE text COLLATE "C";

UPDATE agentrun_runner_jobs
SET attempt_id = COALESCE(agentrun_adopted_name(attempt_id), 'unknown'),
    runner_id = COALESCE(agentrun_adopted_name(runner_id), 'unknown'),
    namespace = CASE WHEN namespace ~ n.label AND length(namespace) <= 63 THEN namespace ELSE 'unknown' END,
    job_name = CASE WHEN job_name ~ n.subdomain AND length(job_name) <= 253 THEN job_name ELSE 'unknown' END,
    manager_url = CASE WHEN manager_url ~ '\S' THEN left(manager_url, 500) ELSE 'unknown' END,
    image = CASE WHEN image ~ '\S' THEN left(image, 500) ELSE 'unknown' END,
    source_commit = COALESCE(agentrun_adopted_name(source_commit), 'unknown'),
    service_account_name = CASE
        WHEN service_account_name ~ n.subdomain AND length(service_account_name) <= 253 THEN service_account_name
    END,
    result = COALESCE(agentrun_adopted_json(result), '{}')
FROM (
    SELECT
        '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' AS label,
        '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$' AS subdomain
) n;
UPDATE agentrun_runners
SET run_id = agentrun_adopted_name(run_id),
    attempt_id = agentrun_adopted_name(attempt_id),
    backend_profile = agentrun_adopted_name(backend_profile),
    placement = agentrun_adopted_name(placement),
    source_commit = agentrun_adopted_name(source_commit),
    metadata = COALESCE(agentrun_adopted_json(metadata), '{}');
DELETE FROM agentrun_backends
WHERE profile IS DISTINCT FROM agentrun_adopted_name(profile);
UPDATE agentrun_backends
SET capabilities = COALESCE(agentrun_adopted_json(capabilities), '{}'),
    capacity = COALESCE(agentrun_adopted_json(capacity), '{}'),
    health = COALESCE(agentrun_adopted_json(health), '{}');

DROP FUNCTION agentrun_adopted_name(text);
DROP FUNCTION agentrun_adopted_json(jsonb);
