INSERT INTO agentrun_backends (profile, capabilities, capacity, health, updated_at)
VALUES ('minimax-m3', '{"protocol":"codex-app-server-jsonrpc-stdio","profile":"minimax-m3"}'::jsonb, '{"mode":"manual-runner-v0.1"}'::jsonb, '{"status":"registered"}'::jsonb, now())
ON CONFLICT (profile) DO UPDATE SET
capabilities = EXCLUDED.capabilities,
capacity = EXCLUDED.capacity,
health = EXCLUDED.health,
updated_at = EXCLUDED.updated_at;
