-- Versions as "+1" makes them: not unique, and one beyond the sequence. A session that "runs" without a turn, with an outcome.
UPDATE agentrun_sessions
SET version = 73, execution_state = 'running', last_run_id = 'run_claimed', last_command_id = 'cmd_second', active_run_id = 'run_claimed',
    active_command_id = 'cmd_second', last_event_seq = 1, title = 'busy', last_activity_at = updated_at
WHERE session_id = 'ses_busy';
UPDATE agentrun_sessions
SET version = 4, execution_state = 'running', last_run_id = 'run_done', last_command_id = 'cmd_left', active_run_id = 'run_done',
    terminal_status = 'completed', last_event_seq = 4, last_activity_at = updated_at
WHERE session_id = 'ses_done';
UPDATE agentrun_sessions SET version = 4 WHERE session_id = 'ses_idle';
INSERT INTO agentrun_session_read_cursors (session_id, reader_id, session_version, read_at)
VALUES
    ('ses_busy', 'reader', 72, '2026-01-01T00:00:08Z'),
    ('ses_done', 'reader', 4, '2026-01-01T00:00:08Z');
