-- What is open has no outcome yet: pending and acknowledged commands look alike to an index, so that an acknowledgement is a
-- heap-only update. Made first and beside the old ones, so that nobody who reads waits for them to be made.
CREATE INDEX agentrun_commands_unended_idx
    ON agentrun_commands (run_id, seq)
    WHERE terminal_status IS NULL;
CREATE INDEX agentrun_commands_unended_turns_idx
    ON agentrun_commands (session_id, ordinal)
    WHERE session_id IS NOT NULL AND ordinal > 0 AND terminal_status IS NULL;
DROP INDEX agentrun_commands_open_idx;
DROP INDEX agentrun_commands_turns_idx;
-- Room on its page for the next version of a command.
ALTER TABLE agentrun_commands SET (fillfactor = 70);

-- That a leased run has begun a turn stands in columns of their own, which no index names: its status stays 'claimed', and it is
-- running if the epoch in which a turn was begun is that of its lease. No row is written anew: one that says 'running' is still
-- read so.
ALTER TABLE agentrun_run_state
    ADD COLUMN begun_epoch bigint,
    ADD COLUMN begun_at timestamptz;
