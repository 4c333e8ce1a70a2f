INSERT INTO agentrun_sessions (session_id, tenant_id, project_id, backend_profile, conversation_id, thread_id, metadata, created_at, updated_at, expires_at)
VALUES
    ('ses_busy', 't1', 'p1', 'codex', 'conv-1', 'thread-1', '{"owner":"x"}', '2026-01-01T00:00:01.001Z', '2026-01-01T00:00:09.009Z', '2030-01-01T00:00:00Z'),
    ('ses_done', 't1', 'p1', 'codex', NULL, NULL, '{}', '2026-01-01T00:00:01.001Z', '2026-01-01T00:00:08.008Z', NULL),
    ('ses_idle', 't2', 'p2', 'codex', NULL, NULL, '{}', '2026-01-01T00:00:01.001Z', '2026-01-01T00:00:07.007Z', NULL);
UPDATE agentrun_runs SET session_ref = 'null', resource_bundle_ref = 'null';
UPDATE agentrun_runs
SET session_ref = '{"sessionId":"ses_busy","threadId":"thread-1","metadata":{},"expiresAt":null}', resource_bundle_ref = '{"bundle":"b"}'
WHERE id IN ('run_pending', 'run_claimed');
UPDATE agentrun_runs SET session_ref = '{"sessionId":"ses_done"}' WHERE id = 'run_done';
UPDATE agentrun_runs SET session_ref = '{"sessionId":"ses_gone"}' WHERE id = 'run_cancelled';
INSERT INTO agentrun_runner_jobs (id, run_id, command_id, idempotency_key, payload_hash, attempt_id, runner_id, namespace, job_name,
    manager_url, image, source_commit, service_account_name, result, created_at, updated_at)
VALUES
    ('rjob_1', 'run_claimed', 'cmd_active', 'job-key', '0a0b', 'attempt_1', 'runner_old', 'agents', 'job-1', 'http://manager', 'image:1', 'abc123',
        NULL, '{"created":true}', '2026-01-01T00:00:03Z', '2026-01-01T00:00:03Z');
