INSERT INTO agentrun_queue_tasks (id, tenant_id, project_id, queue, lane, title, priority, state, version, backend_profile, provider_id,
    workspace_ref, execution_policy, resource_bundle_ref, payload, payload_hash, references_json, metadata, idempotency_key, latest_attempt,
    session_path, created_at, updated_at, cancelled_at, cancel_reason)
VALUES
    ('qt_waiting', 't1', 'p1', 'main', 'default', 'a task', 5, 'pending', nextval('agentrun_queue_version_seq'), 'codex', NULL,
        'null', 'null', 'null', '{"prompt":"do"}', '1111', '[{"issue":1}]', '{"m":1}', 'task-key', 'null',
        NULL, '2026-01-01T00:00:01.001Z', '2026-01-01T00:00:01.001Z', NULL, NULL),
    ('qt_running', 't1', 'p1', 'main', 'fast', 'runs', 0, 'running', nextval('agentrun_queue_version_seq'), 'codex', 'openai',
        '{"repo":"a"}', '{}', '{"b":1}', '{}', '2222', '[]', '{}', NULL, '{"attemptId":"at-2","attempt":2,"runId":"run_claimed"}',
        '/sessions/1', '2026-01-01T00:00:02.002Z', '2026-01-01T00:00:05.005Z', NULL, NULL),
    ('qt_done', 't1', 'p1', 'main', 'fast', 'done', 0, 'completed', nextval('agentrun_queue_version_seq'), 'codex', 'openai',
        '{}', '{}', 'null', '{}', '3333', '[]', '{}', NULL, '{"attemptId":"at-1"}',
        NULL, '2026-01-01T00:00:02.002Z', '2026-01-01T00:00:06.006Z', NULL, NULL),
    ('qt_cancelled', 't2', 'p2', 'main', 'default', 'off', 0, 'cancelled', nextval('agentrun_queue_version_seq'), 'codex', 'openai',
        '{}', '{}', 'null', '{}', '4444', '[]', '{}', NULL, 'null',
        NULL, '2026-01-01T00:00:02.002Z', '2026-01-01T00:00:07.007Z', '2026-01-01T00:00:07.007Z', 'not needed'),
    ('qt_odd', 't2', 'p2', 'main', 'default', 'odd', 0, 'nonsense', nextval('agentrun_queue_version_seq'), 'codex', 'openai',
        '{}', '{}', 'null', '{}', '5555', '[]', '{}', NULL, 'null',
        NULL, '2026-01-01T00:00:02.002Z', '2026-01-01T00:00:07.007Z', NULL, NULL);
INSERT INTO agentrun_queue_read_cursors (task_id, reader_id, task_version, read_at)
VALUES ('qt_done', 'reader', 3, '2026-01-01T00:00:08Z');
