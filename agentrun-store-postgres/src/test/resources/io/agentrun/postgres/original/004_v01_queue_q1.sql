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
CREATE INDEX IF NOT EXISTS agentrun_queue_tasks_list_idx ON agentrun_queue_tasks (queue, state, version, priority, created_at);
CREATE INDEX IF NOT EXISTS agentrun_queue_tasks_updated_idx ON agentrun_queue_tasks (version, updated_at);
CREATE TABLE IF NOT EXISTS agentrun_queue_read_cursors (
task_id text NOT NULL REFERENCES agentrun_queue_tasks(id) ON DELETE CASCADE,
reader_id text NOT NULL,
task_version bigint NOT NULL,
read_at timestamptz NOT NULL,
PRIMARY KEY (task_id, reader_id)
);
CREATE SEQUENCE IF NOT EXISTS agentrun_queue_version_seq;
