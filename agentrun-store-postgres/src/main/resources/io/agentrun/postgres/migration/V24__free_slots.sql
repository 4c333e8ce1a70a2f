-- Whether a limit has room is found out from its free slots, however many are taken. The table is small, and locked for the moment
-- that this takes.
CREATE INDEX agentrun_limit_slots_free_idx ON agentrun_limit_slots (value_key, kind, number) WHERE run_id IS NULL;
