package io.agentrun.postgres;

/** What a store looks like that has been at work for long: many tasks, sessions and runs. */
final class LargeTables {

    private static final String FILL = """
            SET search_path = "agent""run";

            INSERT INTO agentrun_queue_tasks (
                id, tenant_id, project_id, queue, lane, title, priority, state, version, backend_profile, provider_id,
                workspace_ref, execution_policy, payload, session_id, session_ref, not_before, delayed, created_at,
                updated_at, feed_xid)
            SELECT
                'qt_' || lpad(i::text, 8, '0'), 't' || i % 10, 'p' || i % 3, 'q' || i % 4, 'l' || i % 5, 'Task ' || i,
                i % 7, (ARRAY['pending', 'pending', 'pending', 'completed', 'failed', 'cancelled'])[1 + i % 6], i,
                'codex', 'default', '{}', '{}', jsonb_build_object('prompt', repeat('what to do ', 10)),
                CASE WHEN i % 11 = 0 THEN 's' || lpad(i::text, 8, '0') END,
                CASE WHEN i % 11 = 0 THEN jsonb_build_object('sessionId', 's' || lpad(i::text, 8, '0'), 'metadata',
                    '{}'::jsonb) END,
                CASE WHEN i % 13 = 0 THEN statement_timestamp() + interval '1 day' END, i % 13 = 0,
                statement_timestamp() - i * interval '1 second', statement_timestamp() - i * interval '1 second',
                CAST(CAST(1 + i / 250 AS text) AS xid8)
            FROM generate_series({first}, {last}) AS i;

            INSERT INTO agentrun_sessions (
                session_id, tenant_id, project_id, backend_profile, metadata, version, execution_state, terminal_status,
                expires_at, storage_state, storage_generation, storage_namespace, storage_pvc_name, created_at,
                updated_at, feed_xid)
            SELECT
                's' || lpad(i::text, 8, '0'), 't' || i % 10, 'p' || i % 3, 'codex',
                jsonb_build_object('note', repeat('about this ', 10)), i,
                CASE WHEN i % 2 = 0 THEN 'idle' ELSE 'terminal' END, CASE WHEN i % 2 = 1 THEN 'completed' END,
                statement_timestamp() + (i - 1000) * interval '1 minute', 'ready', 1, 'agents', 'pvc-' || i,
                statement_timestamp() - i * interval '1 second', statement_timestamp() - i * interval '1 second',
                CAST(CAST(1 + i / 250 AS text) AS xid8)
            FROM generate_series({first}, {last}) AS i;

            INSERT INTO agentrun_session_read_cursors (session_id, reader_id, session_version, read_at)
            SELECT 's' || lpad(i::text, 8, '0'), 'reader', i, statement_timestamp()
            FROM generate_series({first}, {last}, 3) AS i;

            INSERT INTO agentrun_runs (
                id, tenant_id, project_id, workspace_ref, provider_id, backend_profile, execution_policy, session_id,
                task_id, created_at)
            SELECT
                'run_' || lpad(i::text, 8, '0'), 't' || i % 10, 'p' || i % 3, '{}', 'default',
                (ARRAY['codex', 'deepseek'])[1 + i % 2], '{}', 's' || lpad(i::text, 8, '0'),
                CASE WHEN i % 3 = 0 THEN 'qt_' || lpad(i::text, 8, '0') END, statement_timestamp() - i * interval '1 second'
            FROM generate_series({first}, {last}) AS i;

            INSERT INTO agentrun_run_state (
                run_id, status, epoch, event_seq, command_seq, attempt, runner_id, lease_expires_at, updated_at, created_at,
                tenant_id, project_id, backend_profile, provider_id, session_id)
            SELECT
                r.id,
                CASE WHEN r.id LIKE '%7' THEN 'pending' WHEN r.id LIKE '%3' THEN 'claimed' ELSE 'completed' END,
                CASE WHEN r.id LIKE '%3' THEN 1 ELSE 0 END, 1, 1, 1, CASE WHEN r.id LIKE '%3' THEN 'runner' END,
                CASE WHEN r.id LIKE '%3' THEN statement_timestamp() + interval '1 day' END, r.created_at,
                r.created_at, r.tenant_id, r.project_id, r.backend_profile, r.provider_id, r.session_id
            FROM agentrun_runs r
            WHERE length(r.id) = 12 AND r.id >= 'run_' || lpad('{first}', 8, '0');

            INSERT INTO agentrun_commands (
                id, run_id, session_id, seq, type, payload, state, ordinal, deliverable, terminal_status, created_at,
                updated_at)
            SELECT
                'cmd_' || s.run_id, s.run_id, s.session_id, 1, 'turn', '{"prompt": "go"}',
                CASE s.status WHEN 'completed' THEN 'completed' ELSE 'pending' END, 1, true,
                CASE s.status WHEN 'completed' THEN 'completed' END, s.created_at, s.created_at
            FROM agentrun_run_state s
            WHERE length(s.run_id) = 12 AND s.run_id >= 'run_' || lpad('{first}', 8, '0');

            INSERT INTO agentrun_events (id, run_id, seq, type, payload, created_at)
            SELECT 'evt_' || s.run_id, s.run_id, 1, 'assistant_message', '{"text": "hi"}', s.created_at
            FROM agentrun_run_state s
            WHERE length(s.run_id) = 12 AND s.run_id >= 'run_' || lpad('{first}', 8, '0');

            INSERT INTO agentrun_questions (
                id, run_id, turn_id, tenant_id, project_id, session_id, content, state, version, created_at, expires_at,
                feed_xid)
            SELECT
                'qst_' || r.id, r.id, 'cmd_' || r.id, r.tenant_id, r.project_id, r.session_id,
                jsonb_build_object('text', repeat('may I do this ', 10), 'options', '[]'::jsonb, 'metadata', '{}'::jsonb),
                'open', row_number() OVER (ORDER BY r.id), r.created_at, r.created_at + interval '90 days',
                CAST(CAST(1 + row_number() OVER (ORDER BY r.id) / 250 AS text) AS xid8)
            FROM agentrun_runs r
            WHERE length(r.id) = 12 AND r.id >= 'run_' || lpad('{first}', 8, '0');
            """;

    private static final String END = """
            SET search_path = "agent""run";
            UPDATE agentrun_run_state SET status = 'completed', runner_id = NULL, lease_expires_at = NULL;
            UPDATE agentrun_commands SET state = 'completed', terminal_status = 'completed';
            UPDATE agentrun_queue_tasks SET state = 'completed', not_before = NULL, delayed = false;
            UPDATE agentrun_questions SET state = 'withdrawn';
            """;

    private LargeTables() {}

    /** A script that adds so many of each, if there are none. */
    static String fill(int count) {
        return fill(1, count);
    }

    /** A script that adds so many of each, from that number on. */
    static String fill(int first, int count) {
        return FILL.replace("{first}", String.valueOf(first)).replace("{last}", String.valueOf(first + count - 1));
    }

    /** A script by which everything has ended. */
    static String end() {
        return END;
    }
}
