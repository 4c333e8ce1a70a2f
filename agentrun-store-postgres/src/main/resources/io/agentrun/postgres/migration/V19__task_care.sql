-- How often a task was tried again after its end, and under which keys; the key under which a waiting task is replaced; by when a task or
-- run must have begun and ended, and when it is to be judged by that next, which is null once it has ended. All are null for what was
-- there before. No row is written anew. The indexes are built outside of this transaction, which has locked the tables: see LiveIndexes.
ALTER TABLE agentrun_queue_tasks
    ADD COLUMN retries jsonb,
    ADD COLUMN replace_key text COLLATE "C",
    ADD COLUMN deadlines jsonb,
    ADD COLUMN deadline_at timestamptz;
ALTER TABLE agentrun_runs
    ADD COLUMN deadlines jsonb;
ALTER TABLE agentrun_run_state
    ADD COLUMN deadline_at timestamptz;
