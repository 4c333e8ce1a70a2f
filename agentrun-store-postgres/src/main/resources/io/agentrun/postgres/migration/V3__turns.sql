-- The order of turns, and the keys and indexes of runs, commands and events.

-- Turns of one session (of one run, where it has no session) take their ordinals: ended ones first, then what a runner
-- has, then what waits. The lowest open one is the active turn; the original let several be active at once.
UPDATE agentrun_commands c
SET ordinal = CASE WHEN t.session_id IS NULL THEN t.seq ELSE t.place END,
    deliverable = NOT t.open OR t.place_among_open = 1
FROM (
    SELECT
        id, session_id, seq, state IN ('pending', 'acknowledged') AS open,
        row_number() OVER (
            PARTITION BY session_id, CASE WHEN session_id IS NULL THEN run_id END
            ORDER BY state IN ('pending', 'acknowledged'), state = 'pending', created_at, run_id, seq) AS place,
        row_number() OVER (
            PARTITION BY session_id, CASE WHEN session_id IS NULL THEN run_id END, state IN ('pending', 'acknowledged')
            ORDER BY session_id IS NOT NULL AND state = 'pending',
                CASE WHEN session_id IS NOT NULL THEN created_at END, run_id, seq) AS place_among_open
    FROM agentrun_commands
    WHERE type = 'turn'
) t
WHERE t.id = c.id;

-- A steer or interrupt that is still open is for the active turn of its run, if there is one.
UPDATE agentrun_commands c
SET target_command_id = turn.id
FROM agentrun_commands turn
WHERE c.type <> 'turn' AND c.state IN ('pending', 'acknowledged')
    AND turn.run_id = c.run_id AND turn.type = 'turn' AND turn.deliverable
    AND turn.state IN ('pending', 'acknowledged');

ALTER TABLE agentrun_run_state
    ADD CONSTRAINT agentrun_run_state_pkey PRIMARY KEY (run_id),
    ADD CONSTRAINT agentrun_run_state_run_id_fkey
        FOREIGN KEY (run_id) REFERENCES agentrun_runs (id) ON DELETE CASCADE;
ALTER TABLE agentrun_commands
    ADD CONSTRAINT agentrun_commands_run_id_fkey
        FOREIGN KEY (run_id) REFERENCES agentrun_runs (id) ON DELETE CASCADE;

CREATE UNIQUE INDEX agentrun_runs_idempotency_idx
    ON agentrun_runs (tenant_id, project_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX agentrun_runs_list_idx ON agentrun_runs (created_at DESC, id DESC);
CREATE INDEX agentrun_runs_owner_idx ON agentrun_runs (tenant_id, project_id, created_at DESC, id DESC);
CREATE INDEX agentrun_runs_session_idx
    ON agentrun_runs (session_id, created_at DESC, id DESC)
    WHERE session_id IS NOT NULL;
CREATE INDEX agentrun_runs_task_idx ON agentrun_runs (task_id) WHERE task_id IS NOT NULL;

-- No index names what an event or a heartbeat changes (event_seq, lease_expires_at), so that those updates stay heap-only.
CREATE INDEX agentrun_run_state_status_idx ON agentrun_run_state (status, created_at, run_id);
-- For claims by profile, whose query spells the condition so; no other query may use it. See the class PlanGuards.
CREATE INDEX agentrun_run_state_pending_idx
    ON agentrun_run_state (backend_profile, created_at, run_id)
    WHERE status || '' = 'pending';
CREATE INDEX agentrun_run_state_open_idx
    ON agentrun_run_state (session_id, run_id)
    WHERE session_id IS NOT NULL AND status IN ('pending', 'claimed', 'running');
CREATE INDEX agentrun_run_state_ended_idx
    ON agentrun_run_state (updated_at, run_id)
    WHERE status IN ('completed', 'failed', 'blocked', 'cancelled');

CREATE INDEX agentrun_commands_open_idx
    ON agentrun_commands (run_id, seq)
    WHERE state IN ('pending', 'acknowledged');
CREATE INDEX agentrun_commands_turns_idx
    ON agentrun_commands (session_id, ordinal)
    WHERE session_id IS NOT NULL AND ordinal > 0 AND state IN ('pending', 'acknowledged');
