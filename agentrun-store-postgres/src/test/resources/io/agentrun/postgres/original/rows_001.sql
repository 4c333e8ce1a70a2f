-- Rows as the original's code writes them at its first level: JSON null for a missing value, milliseconds, lease rows of ended
-- runs, commands that the end of their run left open, an event after the terminal one.
INSERT INTO agentrun_runs (id, tenant_id, project_id, workspace_ref, provider_id, backend_profile, execution_policy,
    trace_sink, status, terminal_status, failure_kind, failure_message, created_at, updated_at, claimed_by, lease_expires_at)
VALUES
    ('run_pending', 't1', 'p1', '{"repo":"a"}', 'openai', 'codex', '{"net":false}', 'null', 'pending', NULL, NULL, NULL,
        '2026-01-01T00:00:01.001Z', '2026-01-01T00:00:01.001Z', NULL, NULL),
    ('run_claimed', 't1', 'p1', '{"repo":"a"}', 'openai', 'codex', '{}', '{"url":"x"}', 'claimed', NULL, NULL, NULL,
        '2026-01-01T00:00:02.002Z', '2026-01-01T00:00:03.003Z', 'runner_old', '2026-01-01T00:01:03.003Z'),
    ('run_done', 't1', 'p1', '{}', 'openai', 'deepseek', '{}', '"text"', 'completed', 'completed', NULL, NULL,
        '2026-01-01T00:00:04.004Z', '2026-01-01T00:00:09.009Z', 'runner_old', '2026-01-01T00:01:04.004Z'),
    ('run_failed', 't2', 'p2', '{}', 'openai', 'minimax-m3', '{}', 'null', 'failed', 'failed', 'backend-failed', 'it broke',
        '2026-01-01T00:00:05.005Z', '2026-01-01T00:00:08.008Z', 'runner_old', '2026-01-01T00:01:05.005Z'),
    ('run_cancelled', 't2', 'p2', '{}', 'openai', 'codex', '{}', 'null', 'cancelled', 'cancelled', 'cancelled', 'no longer needed',
        '2026-01-01T00:00:06.006Z', '2026-01-01T00:00:07.007Z', NULL, NULL);
INSERT INTO agentrun_leases (run_id, runner_id, lease_expires_at, stale_recovery_marker, updated_at)
SELECT id, claimed_by, lease_expires_at, 'null', updated_at FROM agentrun_runs WHERE claimed_by IS NOT NULL;
INSERT INTO agentrun_commands (id, run_id, seq, type, payload, payload_hash, idempotency_key, state, created_at, updated_at, acknowledged_at)
VALUES
    ('cmd_waiting', 'run_pending', 1, 'turn', '{"prompt":"first"}', 'a1b2', 'key-1', 'pending',
        '2026-01-01T00:00:02Z', '2026-01-01T00:00:02Z', NULL),
    ('cmd_active', 'run_claimed', 1, 'turn', '{"prompt":"work"}', 'c3d4', NULL, 'acknowledged',
        '2026-01-01T00:00:03Z', '2026-01-01T00:00:04Z', '2026-01-01T00:00:04Z'),
    ('cmd_second', 'run_claimed', 2, 'turn', '{"prompt":"more"}', 'e5f6', NULL, 'acknowledged',
        '2026-01-01T00:00:05Z', '2026-01-01T00:00:06Z', '2026-01-01T00:00:06Z'),
    ('cmd_steer', 'run_claimed', 3, 'steer', '{"text":"left"}', 'e5f7', NULL, 'pending',
        '2026-01-01T00:00:07Z', '2026-01-01T00:00:07Z', NULL),
    ('cmd_done', 'run_done', 1, 'turn', '{"prompt":"x"}', 'f7a8', NULL, 'completed',
        '2026-01-01T00:00:05Z', '2026-01-01T00:00:06Z', '2026-01-01T00:00:06Z'),
    ('cmd_left', 'run_done', 2, 'turn', '{"prompt":"y"}', 'f7a9', NULL, 'pending',
        '2026-01-01T00:00:05Z', '2026-01-01T00:00:06Z', NULL),
    ('cmd_broken', 'run_failed', 1, 'turn', '{"prompt":"z"}', 'f7b0', NULL, 'acknowledged',
        '2026-01-01T00:00:05Z', '2026-01-01T00:00:06Z', '2026-01-01T00:00:06Z');
INSERT INTO agentrun_events (id, run_id, seq, type, payload, created_at)
VALUES
    ('evt_1', 'run_done', 1, 'backend_status', '{"phase":"run-created"}', '2026-01-01T00:00:05.005Z'),
    ('evt_2', 'run_done', 2, 'assistant_message', '{"text":"hello"}', '2026-01-01T00:00:06.006Z'),
    ('evt_3', 'run_done', 3, 'terminal_status', '{"terminalStatus":"completed","failureKind":null,"message":null}', '2026-01-01T00:00:09.009Z'),
    ('evt_4', 'run_done', 4, 'backend_status', '{"phase":"command-terminal"}', '2026-01-01T00:00:10.010Z'),
    ('evt_5', 'run_claimed', 1, 'backend_status', '{"phase":"run-created"}', '2026-01-01T00:00:02.002Z');
INSERT INTO agentrun_runners (id, run_id, attempt_id, backend_profile, placement, source_commit, metadata, registered_at, heartbeat_at)
VALUES
    ('runner_old', 'run_claimed', 'attempt_1', 'codex', 'kubernetes', 'abc123', '{"host":"h"}', '2026-01-01T00:00:02Z', '2026-01-01T00:00:03Z'),
    ('runner_bare', NULL, NULL, NULL, NULL, NULL, '{}', '2026-01-01T00:00:02Z', '2026-01-01T00:00:02Z');
