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
run_id text NOT NULL REFERENCES agentrun_runs(id) ON DELETE CASCADE,
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
run_id text NOT NULL REFERENCES agentrun_runs(id) ON DELETE CASCADE,
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
run_id text PRIMARY KEY REFERENCES agentrun_runs(id) ON DELETE CASCADE,
runner_id text NOT NULL,
lease_expires_at timestamptz NOT NULL,
stale_recovery_marker jsonb,
updated_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS agentrun_runs_status_idx ON agentrun_runs (status, updated_at);
CREATE INDEX IF NOT EXISTS agentrun_events_run_seq_idx ON agentrun_events (run_id, seq);
CREATE INDEX IF NOT EXISTS agentrun_commands_run_seq_idx ON agentrun_commands (run_id, seq);
CREATE INDEX IF NOT EXISTS agentrun_leases_expiry_idx ON agentrun_leases (lease_expires_at);
INSERT INTO agentrun_backends (profile, capabilities, capacity, health, updated_at)
VALUES (
'codex',
'{"protocol":"codex-app-server-jsonrpc-stdio","transport":"stdio","command":"codex app-server --listen stdio://"}'::jsonb,
'{"mode":"manual-runner-v0.1"}'::jsonb,
'{"status":"registered"}'::jsonb,
now()
)
ON CONFLICT (profile) DO UPDATE SET
capabilities = EXCLUDED.capabilities,
capacity = EXCLUDED.capacity,
health = EXCLUDED.health,
updated_at = EXCLUDED.updated_at;
