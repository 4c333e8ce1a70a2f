INSERT INTO agentrun_backends (profile, capabilities, capacity, health, updated_at)
VALUES ('codex', '{"protocol":"codex-app-server-jsonrpc-stdio","profile":"codex"}'::jsonb, '{"mode":"manual-runner-v0.1"}'::jsonb, '{"status":"registered"}'::jsonb, now()),
('deepseek', '{"protocol":"codex-app-server-jsonrpc-stdio","profile":"deepseek"}'::jsonb, '{"mode":"manual-runner-v0.1"}'::jsonb, '{"status":"registered"}'::jsonb, now())
ON CONFLICT (profile) DO UPDATE SET
capabilities = EXCLUDED.capabilities,
capacity = EXCLUDED.capacity,
health = EXCLUDED.health,
updated_at = EXCLUDED.updated_at;
