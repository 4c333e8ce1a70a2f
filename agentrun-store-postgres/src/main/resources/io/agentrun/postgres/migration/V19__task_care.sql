-- How often a task was tried again after its end, and under which keys: null for never, as for all tasks from before. No row is written
-- anew. The index for purges of sessions is built outside of this transaction, which has
-- locked the table: see LiveIndexes.
ALTER TABLE agentrun_queue_tasks
    ADD COLUMN retries jsonb;
